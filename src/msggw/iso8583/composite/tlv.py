"""Parts that say their own number and length: `id length data`, as often as needed.

The kinds in use: two and two digits (Mastercard 48), two and three, three and three, and the
Visa dataset, one byte of id and two of length, whose data are parts again. Order, repeated ids
and ids the dialect does not know are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso8583.composite.base import PARTS_MAX, unknown_part, without_faults
from msggw.iso8583.fieldwriter import write_content
from msggw.iso8583.piece import Buffer, Piece, fault, read_content, read_field
from msggw.iso8583.sensitivity import opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.encoding import Encoding
    from msggw.iso8583.prefix import Prefix
    from msggw.iso8583.spec import FieldSpec

__all__ = ["Tlv"]


@dataclass(frozen=True, kw_only=True)
class Tlv:
    """`id` of `id_width` bytes, then a length prefix that counts bytes, then the data.

    `lead` is a fixed part in front of the first id (Mastercard's transaction category code); it is
    there if the first byte is a letter of its encoding. Data of an unknown id are read as `other`.
    """

    id_encoding: Encoding
    id_width: int
    length: Prefix
    parts: Mapping[str, FieldSpec]
    other: FieldSpec
    lead: FieldSpec | None = None
    kind: str = "tlv"

    def read(self, buffer: Buffer, parent: Piece) -> tuple[Piece, ...]:
        """Cut part after part until the content ends."""
        out: list[Piece] = []
        at = 0
        if self.lead is not None and self._has_lead(buffer.data):
            out.append(read_field(self.lead, buffer, 0, f"{parent.path}.{self.lead.number}"))
            at = out[0].size or len(buffer.data)
        while at < len(buffer.data):
            if len(out) >= PARTS_MAX:
                detail = f"at most {PARTS_MAX} parts expected"
                parent.faults.append(fault(parent.path, buffer.offset(at), Rule.LIMIT, detail))
                break
            piece = self._read_part(buffer, at, parent)
            if piece is None:
                break
            out.append(piece)
            if piece.size is None:
                break
            at += piece.size
        return tuple(out)

    def _has_lead(self, data: bytes) -> bool:
        assert self.lead is not None  # noqa: S101 - the caller asked
        letters = self.lead.encoding.cells("a", 1, frozenset())[0][0]
        return data[:1] in {bytes([code]) for code in letters}

    def _read_part(self, buffer: Buffer, at: int, parent: Piece) -> Piece | None:
        number = self._read_id(buffer.data[at : at + self.id_width])
        if number is None:
            detail = f"a part id of {self.id_width} bytes expected"
            parent.faults.append(fault(parent.path, buffer.offset(at), Rule.SYNTAX, detail))
            return None
        spec = self.parts.get(number, self.other)
        piece = Piece(
            path=f"{parent.path}.{number}",
            spec=spec if number in self.parts else None,
            offset=buffer.offset(at),
            content_offset=buffer.offset(at),
            sensitivity=spec.sensitivity,
            name=spec.name,
        )
        start = at + self.id_width + self.length.width
        size = self.length.read(buffer.data[at + self.id_width : start])
        if size is None:
            detail = f"a length of {self.length.width} {self.length.kind} digits expected"
            offset = buffer.offset(at + self.id_width)
            piece.faults.append(fault(piece.path, offset, Rule.LENGTH, detail))
            return piece
        units = spec.encoding.units(size)
        if spec.encoding.size(units) != size:
            detail = f"a length of whole units expected, {size} found"
            piece.faults.append(fault(piece.path, piece.offset, Rule.LENGTH, detail))
        elif read_content(piece, spec, buffer, start, units):
            piece.size = start + size - at
        return piece

    def _read_id(self, raw: bytes) -> str | None:
        if len(raw) < self.id_width:
            return None
        if self.id_encoding.name == "binary":
            return raw.hex().upper()
        units = self.id_encoding.units(self.id_width)
        (allowed, _), *_ = self.id_encoding.cells("n", units, frozenset())
        if raw.translate(None, allowed):
            return None
        return str(self.id_encoding.read(raw, units, "n"))

    def write(self, values: Mapping[str, object], path: str) -> bytes:
        """Write the parts in the order given; a list of values repeats its id."""
        out = b""
        for number, value in values.items():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                out += self._write_part(number, one, path, first=not out)
        return out

    def _write_part(self, number: str, value: object, path: str, *, first: bool) -> bytes:
        if self.lead is not None and number == self.lead.number:
            if not first:
                detail = "the lead stands before all other parts"
                raise Refused(fault(f"{path}.{number}", None, Rule.SYNTAX, detail))
            return write_content(self.lead, value, f"{path}.{number}")[0]
        spec = self.parts.get(number, self.other)
        if spec is self.other:
            value = _as_kind(value, spec)
        content, _ = write_content(spec, value, f"{path}.{number}")
        try:
            return self._written_id(number) + self.length.write(len(content)) + content
        except ValueError:
            raise unknown_part(path, number) from None

    def _written_id(self, number: str) -> bytes:
        if self.id_encoding.name == "binary":
            raw = bytes.fromhex(number)
        else:
            raw = self.id_encoding.write(number, len(number), "n")
        if len(raw) != self.id_width:
            msg = "an id of another width"
            raise ValueError(msg)
        return raw

    def sound(self, inner: bytes, tolerances: frozenset[str]) -> bool:
        """Return whether the parts have no fault."""
        return without_faults(self, inner, tolerances)


def _as_kind(value: object, spec: FieldSpec) -> object:
    """Let an unknown part be given as text or bytes alike."""
    plain = opened(value)  # type: ignore[arg-type]  # refused later if it is something else
    if spec.is_bytes and isinstance(plain, str) and plain.isascii():
        return plain.encode("ascii")
    return plain  # what it cannot be is refused where it is written
