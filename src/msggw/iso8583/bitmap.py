"""Bitmaps: which data elements a message has. Bit 1 is the leftmost bit of the first byte."""

from __future__ import annotations

from functools import cache

__all__ = ["bitmap_of", "numbers_of"]

SIZE = 8
"""Bytes in one bitmap."""


def numbers_of(bits: bytes, first: int = 1) -> tuple[int, ...]:
    """Return the numbers of the bits that are set, the leftmost bit having number `first`."""
    out: list[int] = []
    for index, byte in enumerate(bits):
        if byte:
            out += _byte_numbers(byte, index * 8 + first)
    return tuple(out)


@cache
def _byte_numbers(byte: int, first: int) -> tuple[int, ...]:
    return tuple(first + bit for bit in range(8) if byte & (0x80 >> bit))


def bitmap_of(numbers: tuple[int, ...] | list[int], size: int) -> bytes:
    """Return `size` bytes with these bits (1 and up) set."""
    total = 0
    for number in numbers:
        total |= 1 << (size * 8 - number)
    return total.to_bytes(size, "big")
