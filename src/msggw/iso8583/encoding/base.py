"""What an encoding answers: how characters, digits or bytes of a value stand on the wire.

A *unit* is what the field's length counts: a character of text, a digit of BCD, a byte of binary
data. `cells` describes the bytes that may stand at each place; the fast path checks nothing else,
so `read` is only ever given bytes that fit the cells.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

__all__ = ["ALL_BYTES", "Cells", "Encoding", "Plain"]

Plain: TypeAlias = "str | bytes"
Cells: TypeAlias = tuple[tuple[bytes, int], ...]
"""Runs of places: the bytes allowed there, and for how many places."""

ALL_BYTES = bytes(range(256))


class Encoding(Protocol):
    """One way to put values on the wire."""

    name: str
    packs_two: bool
    """Whether two units share one byte."""

    def size(self, units: int) -> int:
        """Return the bytes on the wire for this many units."""
        ...

    def units(self, size: int) -> int:
        """Return the units that this many bytes on the wire hold."""
        ...

    def cells(self, kind: str, units: int, tolerances: frozenset[str]) -> Cells:
        """Return the allowed bytes for a value of this class and length."""
        ...

    def read(self, raw: bytes, units: int, kind: str) -> Plain:
        """Return the value of bytes that fit `cells`."""
        ...

    def write(self, value: Plain, units: int, kind: str) -> bytes:
        """Return the bytes of a value; `ValueError` if the encoding has no form for it."""
        ...
