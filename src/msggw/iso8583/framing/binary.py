"""A binary length: two or four bytes, big- or little-endian, counting itself or not."""

from __future__ import annotations

from typing import Literal

from msggw.iso8583.framing.base import LengthPrefixed

__all__ = ["Binary"]


class Binary(LengthPrefixed):
    """`width` bytes of length. `inclusive`: the length counts its own bytes too.

    A frame of length zero is a poll (Postilion, NAC, BASE24).
    """

    def __init__(
        self,
        *,
        length_max: int,
        width: int = 2,
        order: Literal["big", "little"] = "big",
        inclusive: bool = False,
    ) -> None:
        """Fix the form; the maximum is bounded by what the width can say."""
        own = width if inclusive else 0
        super().__init__(length_max=min(length_max, 256**width - 1 - own))
        self.width = width
        self.name = f"binary-{width}"
        self._order = order
        self._own = own

    def length(self, head: bytes) -> int:
        """Return the payload's length; zero says poll in either way of counting."""
        number = int.from_bytes(head, self._order)
        return number - self._own if number else 0

    def head(self, length: int) -> bytes:
        """Return the length in bytes."""
        number = length + self._own if length else 0
        return number.to_bytes(self.width, self._order)
