"""No header, or a fixed number of bytes that are kept as they are (BASE24, private ones)."""

from __future__ import annotations

from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["Opaque"]


class Opaque:
    """A header of `size` bytes without rules; zero bytes is no header at all."""

    def __init__(self, size: int) -> None:
        """Fix the size."""
        self.fixed_size: int | None = size
        self._size = size
        self.name = f"fixed:{size}" if size else "none"

    def size(self, data: bytes) -> int:
        """Return the size, or what there is of it."""
        return min(self._size, len(data))

    def faults(self, data: bytes) -> tuple[Fault, ...]:
        """Refuse a message shorter than its header."""
        if len(data) >= self._size:
            return ()
        detail = f"{self._size} bytes expected, {len(data)} found"
        return (Fault(Location("iso8583", "header", offset=0), Rule.LENGTH, detail),)

    def written(self, header: bytes, body_length: int) -> bytes:  # noqa: ARG002 - the protocol
        """Return the header; zeros if the message has none."""
        if header and len(header) != self._size:
            detail = f"{self._size} bytes expected, {len(header)} found"
            raise Refused.of("iso8583", "header", Rule.LENGTH, detail)
        return header or bytes(self._size)

    def answer(self, header: bytes) -> bytes:
        """Return the same bytes."""
        return header
