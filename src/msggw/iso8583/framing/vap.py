"""Four bytes with two of them zero: Visa VAP and CS (length first), GICC (length last)."""

from __future__ import annotations

from msggw.iso8583.framing.base import LengthPrefixed

__all__ = ["Vap"]

_ZEROS = b"\0\0"


class Vap(LengthPrefixed):
    """Two bytes of big-endian length and two zero bytes. Length zero keeps the link alive."""

    width = 4

    def __init__(self, *, length_max: int, length_first: bool = True) -> None:
        """`length_first`: the zeros follow the length (VAP), else they stand before it (GICC)."""
        super().__init__(length_max=min(length_max, 0xFFFF))
        self.name = "vap" if length_first else "gicc"
        self._length_first = length_first

    def length(self, head: bytes) -> int:
        """Return the payload's length; -1 if the zero bytes are not zero."""
        number, zeros = (head[:2], head[2:]) if self._length_first else (head[2:], head[:2])
        return int.from_bytes(number, "big") if zeros == _ZEROS else -1

    def head(self, length: int) -> bytes:
        """Return the four bytes."""
        number = length.to_bytes(2, "big")
        return number + _ZEROS if self._length_first else _ZEROS + number
