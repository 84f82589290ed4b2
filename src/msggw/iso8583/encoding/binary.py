"""Bytes as they are, and bytes written out as hexadecimal digits."""

from __future__ import annotations

from msggw.iso8583.encoding.base import ALL_BYTES, Cells, Plain

__all__ = ["Binary", "Hexadecimal"]


class Binary:
    """Raw bytes: one unit is one byte."""

    name = "binary"
    packs_two = False

    def size(self, units: int) -> int:
        """Return the bytes: the same number."""
        return units

    def units(self, size: int) -> int:
        """Return the bytes: the same number."""
        return size

    def cells(self, kind: str, units: int, tolerances: frozenset[str]) -> Cells:  # noqa: ARG002 - the port
        """Allow every byte."""
        return ((ALL_BYTES, units),)

    def read(self, raw: bytes, units: int, kind: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the bytes."""
        return raw

    def write(self, value: Plain, units: int, kind: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the bytes; `ValueError` for text."""
        if not isinstance(value, bytes):
            msg = "bytes are expected"
            raise ValueError(msg)  # noqa: TRY004 - the caller turns ValueError into a fault
        return value


class Hexadecimal:
    """Bytes as hexadecimal digits of a text encoding: one unit is one byte, two digits.

    Upper case is written. Strict reading asks for it too, or the round trip would not be exact.
    """

    packs_two = False

    def __init__(self, name: str, digits: dict[str, int]) -> None:
        """`digits` maps 0 to 9 and A to F to their bytes on the wire."""
        self.name = name
        self._wire = digits
        self._allowed = bytes(sorted(digits.values()))
        self._plain = bytes.maketrans(bytes(digits.values()), "".join(digits).encode("ascii"))
        self._coded = bytes.maketrans("".join(digits).encode("ascii"), bytes(digits.values()))

    def size(self, units: int) -> int:
        """Return two bytes on the wire for each byte of data."""
        return units * 2

    def units(self, size: int) -> int:
        """Return the bytes of data in this many bytes on the wire."""
        return size // 2

    def cells(self, kind: str, units: int, tolerances: frozenset[str]) -> Cells:  # noqa: ARG002 - the port
        """Allow hexadecimal digits."""
        return ((self._allowed, units * 2),)

    def read(self, raw: bytes, units: int, kind: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the bytes that the digits stand for."""
        return bytes.fromhex(raw.translate(self._plain).decode("ascii"))

    def write(self, value: Plain, units: int, kind: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the digits; `ValueError` for text."""
        if not isinstance(value, bytes):
            msg = "bytes are expected"
            raise ValueError(msg)  # noqa: TRY004 - the caller turns ValueError into a fault
        return value.hex().upper().encode("ascii").translate(self._coded)
