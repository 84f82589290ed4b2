"""A length in digits: two to six ASCII digits, packed decimal, or hexadecimal characters."""

from __future__ import annotations

from msggw.iso8583.framing.base import LengthPrefixed

__all__ = ["AsciiDigits", "HexDigits", "PackedDigits"]


class AsciiDigits(LengthPrefixed):
    """`width` ASCII digits. `inclusive`: the length counts its own digits too."""

    def __init__(self, *, length_max: int, width: int = 4, inclusive: bool = False) -> None:
        """Fix the form; the maximum is bounded by what the width can say."""
        own = width if inclusive else 0
        super().__init__(length_max=min(length_max, 10**width - 1 - own))
        self.width = width
        self.name = f"ascii-{width}"
        self._own = own

    def length(self, head: bytes) -> int:
        """Return the payload's length; -1 for anything but digits."""
        if not head.isdigit():
            return -1
        number = int(head)
        return number - self._own if number else 0

    def head(self, length: int) -> bytes:
        """Return the digits."""
        return b"%0*d" % (self.width, length + self._own if length else 0)


class PackedDigits(LengthPrefixed):
    """Two bytes of packed decimal, at most 9999 (NCC)."""

    width = 2
    name = "bcd-2"

    def __init__(self, *, length_max: int) -> None:
        """Bound the maximum by what four digits can say."""
        super().__init__(length_max=min(length_max, 9999))

    def length(self, head: bytes) -> int:
        """Return the payload's length; -1 for anything but digits."""
        text = head.hex()
        return int(text) if text.isdecimal() else -1

    def head(self, length: int) -> bytes:
        """Return the packed digits."""
        return bytes.fromhex(f"{length:04d}")


class HexDigits(LengthPrefixed):
    """Four hexadecimal characters, upper case when written."""

    width = 4
    name = "hex-4"

    def __init__(self, *, length_max: int) -> None:
        """Bound the maximum by what four digits can say."""
        super().__init__(length_max=min(length_max, 0xFFFF))

    def length(self, head: bytes) -> int:
        """Return the payload's length; -1 for anything but hexadecimal digits."""
        return int(head, 16) if head.isalnum() and not head.strip(b"0123456789ABCDEFabcdef") else -1

    def head(self, length: int) -> bytes:
        """Return the characters."""
        return b"%04X" % length
