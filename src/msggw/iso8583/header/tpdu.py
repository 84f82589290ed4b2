"""The five-byte TPDU of NAC networks: protocol id, destination NII, source NII."""

from __future__ import annotations

from msggw.iso8583.header.opaque import Opaque

__all__ = ["Tpdu"]

_DEFAULT = bytes.fromhex("6000000000")


class Tpdu(Opaque):
    """`60` (68 for terminal management), two bytes destination, two bytes source."""

    def __init__(self) -> None:
        """Fix the size."""
        super().__init__(5)
        self.name = "tpdu"

    def written(self, header: bytes, body_length: int) -> bytes:
        """Return the header; `60 0000 0000` if the message has none."""
        return super().written(header or _DEFAULT, body_length)

    def answer(self, header: bytes) -> bytes:
        """Swap destination and source: `60 0003 0000` is answered by `60 0000 0003`."""
        return header[:1] + header[3:5] + header[1:3]
