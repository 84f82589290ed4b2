"""The slow decoder: it reads a message as far as it can be read and names everything wrong.

The fast path only detects; whatever it does not accept comes here. So this is where the meaning of
a dialect is written down, field by field in the order of the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msggw.errors import Fault, Rule
from msggw.iso8583.bitmap import SIZE, numbers_of
from msggw.iso8583.mti import is_mti
from msggw.iso8583.piece import Buffer, Piece, fault, read_field

if TYPE_CHECKING:
    from msggw.iso8583.spec import Spec

__all__ = ["Explanation", "bitmap_numbers", "explain"]


@dataclass(slots=True, kw_only=True)
class Explanation:
    """A message in pieces, with the faults of the frame itself."""

    header: bytes = field(default=b"", repr=False)
    mti: str = ""
    mti_offset: int = 0
    bitmap: bytes = field(default=b"", repr=False)
    bitmap_offset: int = 0
    numbers: tuple[int, ...] = ()
    pieces: list[Piece] = field(default_factory=list)
    trailer: bytes = field(default=b"", repr=False)
    own_faults: list[Fault] = field(default_factory=list)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything that is wrong, in message order."""
        found = [*self.own_faults]
        for piece in self.pieces:
            found += piece.all_faults()
        return tuple(sorted(found, key=lambda one: one.where.offset or 0))


def explain(spec: Spec, data: bytes, tolerances: frozenset[str] = frozenset()) -> Explanation:
    """Read a message; never raises for what stands in it."""
    out = Explanation()
    size = spec.header.size(data)
    out.header = data[:size]
    out.own_faults += spec.header.faults(data)
    if len(out.header) < (spec.header.fixed_size or 0):
        return out
    bitmap_at = _read_mti(spec, data, size, out, tolerances)
    if bitmap_at is None:
        return out
    fields_at = _read_bitmap(spec, data, bitmap_at, out)
    if fields_at is not None:
        _read_fields(spec, Buffer(data, tolerances=tolerances), fields_at, out)
    return out


def _read_mti(
    spec: Spec, data: bytes, at: int, out: Explanation, tolerances: frozenset[str]
) -> int | None:
    out.mti_offset = at
    size = spec.mti.size(4)
    raw = data[at : at + size]
    if len(raw) < size:
        detail = f"{size} bytes expected, {len(raw)} found"
        out.own_faults.append(fault("MTI", at, Rule.LENGTH, detail))
        return None
    place = 0
    for allowed, count in spec.mti.cells("n", 4, frozenset()):
        if raw[place : place + count].translate(None, allowed):
            out.own_faults.append(fault("MTI", at, Rule.CLASS, "four digits expected"))
            return at + size
        place += count
    mti = str(spec.mti.read(raw, 4, "n"))
    if not is_mti(mti) and "any-mti" not in tolerances:
        detail = "a version, class, function and originator of the standard expected"
        out.own_faults.append(fault("MTI", at, Rule.VALUE, detail))
        return at + size
    out.mti = mti
    return at + size


def bitmap_numbers(spec: Spec, bits: bytes) -> tuple[int, ...] | None:
    """Return what a bitmap on its own announces; None if these bytes are not exactly a bitmap."""
    out = Explanation()
    end = _read_bitmap(spec, bits, 0, out)
    return out.numbers if end == len(bits) else None


def _read_bitmap(spec: Spec, data: bytes, at: int, out: Explanation) -> int | None:
    """Read one to three bitmaps; the numbers leave out the bits that only announce another."""
    out.bitmap_offset = at
    first = _bits(spec, data, at, "bitmap", out)
    if first is None:
        return None
    bits = first
    if first[0] & 0x80 or spec.bitmap.secondary == "always":
        second = _bits(spec, data, at + spec.bitmap.encoding.size(SIZE), "bitmap 2", out)
        if second is None:
            return None
        bits += second
        if second[0] & 0x80 and spec.bitmap.tertiary == "after":
            third = _bits(spec, data, at + spec.bitmap.encoding.size(SIZE * 2), "bitmap 3", out)
            if third is None:
                return None
            bits += third
    end = at + spec.bitmap.encoding.size(len(bits))
    out.bitmap = data[at:end]
    silent = {1, 65} if len(bits) == SIZE * 3 else {1}
    out.numbers = tuple(number for number in numbers_of(bits) if number not in silent)
    return end


def _bits(spec: Spec, data: bytes, at: int, name: str, out: Explanation) -> bytes | None:
    size = spec.bitmap.encoding.size(SIZE)
    raw = data[at : at + size]
    if len(raw) < size:
        detail = f"{size} bytes expected, {len(raw)} found"
        out.own_faults.append(fault(name, at, Rule.LENGTH, detail))
        return None
    upper = _upper(raw, spec)
    (allowed, _), *_ = spec.bitmap.encoding.cells("b", SIZE, frozenset())
    wrong = upper.translate(None, allowed)
    if wrong:
        first = next(i for i, byte in enumerate(upper) if byte not in allowed)
        detail = f"{size} hexadecimal digits expected, {len(wrong)} others found"
        out.own_faults.append(fault(name, at + first, Rule.CLASS, detail))
        return None
    return bytes(spec.bitmap.encoding.read(upper, SIZE, "b"))  # type: ignore[arg-type]  # class b


_ASCII_UPPER = bytes.maketrans(b"abcdef", b"ABCDEF")
_EBCDIC_UPPER = bytes.maketrans("abcdef".encode("cp037"), "ABCDEF".encode("cp037"))


def _upper(raw: bytes, spec: Spec) -> bytes:
    """Take hexadecimal digits in either case: both are in use, and the form keeps which it was."""
    if spec.bitmap.encoding.name == "hex":
        return raw.translate(_ASCII_UPPER)
    return raw.translate(_EBCDIC_UPPER) if spec.bitmap.encoding.name == "hex-ebcdic" else raw


def _read_fields(spec: Spec, buffer: Buffer, at: int, out: Explanation) -> None:
    waiting = list(out.numbers)
    while waiting:
        number = waiting.pop(0)
        piece = _read_one(spec, buffer, at, str(number))
        out.pieces.append(piece)
        if piece.size is None:
            return
        at += piece.size
        if number == 65 and spec.bitmap.tertiary == "in-place":
            waiting += _in_place(piece, out)
    _read_end(buffer, at, out)


def _read_one(spec: Spec, buffer: Buffer, at: int, number: str) -> Piece:
    found = spec.fields.get(number)
    if found is not None:
        return read_field(found, buffer, at, number)
    piece = Piece(path=number, spec=None, offset=at, content_offset=at)
    piece.faults.append(fault(number, at, Rule.UNKNOWN, "the dialect has no such data element"))
    return piece


def _in_place(piece: Piece, out: Explanation) -> list[int]:
    if not isinstance(piece.value, bytes):
        return []
    more = list(numbers_of(piece.value, 129))
    out.numbers += tuple(more)
    return more


def _read_end(buffer: Buffer, at: int, out: Explanation) -> None:
    out.trailer = buffer.data[at:]
    if out.trailer and "trailing-bytes" not in buffer.tolerances:
        detail = f"nothing expected after the last data element, {len(out.trailer)} bytes found"
        out.own_faults.append(fault("message", at, Rule.LENGTH, detail))
