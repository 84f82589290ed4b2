"""Parts announced by the field's own bitmap (Visa 62, 63, 126)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Rule
from msggw.iso8583.bitmap import bitmap_of, numbers_of
from msggw.iso8583.composite.base import surplus, unknown_part, without_faults
from msggw.iso8583.fieldwriter import write_field
from msggw.iso8583.piece import Buffer, Piece, fault, read_field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.spec import FieldSpec

__all__ = ["Bitmapped"]


@dataclass(frozen=True, kw_only=True)
class Bitmapped:
    """A binary bitmap of `size` bytes, bit 1 leftmost, then the parts it names in order."""

    size: int
    parts: Mapping[str, FieldSpec]
    kind: str = "bitmap"

    def read(self, buffer: Buffer, parent: Piece) -> tuple[Piece, ...]:
        """Read the bitmap, then its parts."""
        bits = buffer.data[: self.size]
        if len(bits) < self.size:
            detail = f"a bitmap of {self.size} bytes expected, {len(bits)} found"
            parent.faults.append(fault(parent.path, buffer.offset(0), Rule.LENGTH, detail))
            return ()
        out: list[Piece] = []
        at = self.size
        for number in map(str, numbers_of(bits)):
            path = f"{parent.path}.{number}"
            if number not in self.parts:
                detail = "the dialect has no such part"
                parent.faults.append(fault(path, buffer.offset(at), Rule.UNKNOWN, detail))
                return tuple(out)
            piece = read_field(self.parts[number], buffer, at, path)
            out.append(piece)
            if piece.size is None:
                return tuple(out)
            at += piece.size
        surplus(parent, buffer, at)
        return tuple(out)

    def write(self, values: Mapping[str, object], path: str) -> bytes:
        """Write bitmap and parts in ascending order."""
        for number in values:
            if number not in self.parts:
                raise unknown_part(path, number)
        numbers = sorted(map(int, values))
        out = bitmap_of(numbers, self.size)
        for number in map(str, numbers):
            out += write_field(self.parts[number], values[number], f"{path}.{number}")
        return out

    def sound(self, inner: bytes, tolerances: frozenset[str]) -> bool:
        """Return whether the parts have no fault."""
        return without_faults(self, inner, tolerances)
