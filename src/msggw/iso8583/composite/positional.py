"""Parts one after another, each with its own format (DE 43, 61, 90, Visa 44)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso8583.composite.base import surplus, unknown_part, without_faults
from msggw.iso8583.fieldwriter import write_field
from msggw.iso8583.piece import Buffer, Piece, fault, read_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.spec import FieldSpec

__all__ = ["Positional"]


@dataclass(frozen=True, kw_only=True)
class Positional:
    """Parts in a fixed order; `may_end_early` lets the content end after any whole part."""

    parts: Mapping[str, FieldSpec]
    may_end_early: bool = False
    kind: str = "positional"

    def read(self, buffer: Buffer, parent: Piece) -> tuple[Piece, ...]:
        """Cut the parts in order."""
        out: list[Piece] = []
        at = 0
        for number, spec in self.parts.items():
            if at == len(buffer.data) and self.may_end_early and out:
                return tuple(out)
            piece = read_field(spec, buffer, at, f"{parent.path}.{number}")
            out.append(piece)
            if piece.size is None:
                return tuple(out)
            at += piece.size
        surplus(parent, buffer, at)
        return tuple(out)

    def write(self, values: Mapping[str, object], path: str) -> bytes:
        """Write the parts in order; a gap is refused."""
        for number in values:
            if number not in self.parts:
                raise unknown_part(path, number)
        out = b""
        missing = ""
        for number, spec in self.parts.items():
            if number not in values:
                missing = missing or number
                continue
            if missing:
                raise self._gap(path, missing)
            out += write_field(spec, values[number], f"{path}.{number}")
        if missing and not (self.may_end_early and out):
            raise self._gap(path, missing)
        return out

    def _gap(self, path: str, number: str) -> Refused:
        detail = "the parts are positional: none may be left out before another"
        return Refused(fault(f"{path}.{number}", None, Rule.MISSING, detail))

    def sound(self, inner: bytes, tolerances: frozenset[str]) -> bool:
        """Return whether the parts have no fault."""
        return without_faults(self, inner, tolerances)
