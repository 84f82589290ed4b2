"""The length-prefix axis: the bytes in front of a variable field that say how long it is.

Kinds: decimal digits in ASCII or EBCDIC (one byte a digit), packed decimal (two digits a byte)
and big-endian binary. What the number counts (units or bytes) is the field's affair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Protocol

__all__ = ["KINDS", "LIMITS", "LengthTable", "Prefix"]

KINDS: Final = ("ascii", "ebcdic", "bcd", "binary")
LIMITS: Final = {"ascii": 6, "ebcdic": 6, "bcd": 3, "binary": 4}
"""The greatest width in bytes of each kind."""

_TABLE_MAX = 10_000


class LengthTable(Protocol):
    """Answers a prefix with the length it means, or None: wrong digits, or out of bounds."""

    def get(self, raw: bytes, /) -> int | None:
        """Return the length."""
        ...


@dataclass(frozen=True, slots=True)
class Prefix:
    """A kind and a width in bytes."""

    kind: str
    width: int

    def __str__(self) -> str:
        """Return the form that specs use: `ascii:2`."""
        return f"{self.kind}:{self.width}"

    @property
    def capacity(self) -> int:
        """The greatest length that fits."""
        digits = self.width * 2 if self.kind == "bcd" else self.width
        base, power = (256, self.width) if self.kind == "binary" else (10, digits)
        return int(base**power) - 1

    def read(self, raw: bytes) -> int | None:
        """Return the number, or None if these are not `width` digits or bytes of this kind."""
        if len(raw) != self.width:
            return None
        if self.kind == "binary":
            return int.from_bytes(raw, "big")
        text = raw.hex() if self.kind == "bcd" else raw.decode(_CODECS[self.kind])
        return int(text) if text.isascii() and text.isdecimal() else None

    def write(self, number: int) -> bytes:
        """Return the prefix; `ValueError` if the number does not fit."""
        if not 0 <= number <= self.capacity:
            msg = f"a prefix of {self} holds at most {self.capacity}"
            raise ValueError(msg)
        if self.kind == "binary":
            return number.to_bytes(self.width, "big")
        if self.kind == "bcd":
            return bytes.fromhex(f"{number:0{self.width * 2}d}")
        return f"{number:0{self.width}d}".encode(_CODECS[self.kind])

    def table(self, least: int, most: int, counts: str = "units") -> LengthTable:
        """Return the fast form: from a prefix to the units it announces, within these bounds.

        `counts` says what the number counts: `units`, `hex-digits` (two a unit) or
        `packed-bytes` (one for two units, so that only even numbers of units can be said).
        """
        return _table(self, least, most, counts)


_CODECS = {"ascii": "latin-1", "ebcdic": "cp037"}


@cache
def _table(prefix: Prefix, least: int, most: int, counts: str) -> LengthTable:
    if most > _TABLE_MAX:
        return _Computed(prefix, least, most, counts)
    step = 2 if counts == "packed-bytes" else 1
    start = least + least % step
    return {prefix.write(_count(n, counts)): n for n in range(start, most + 1, step)}


def _count(units: int, counts: str) -> int:
    if counts == "units":
        return units
    return units * 2 if counts == "hex-digits" else units // 2


@dataclass(frozen=True, slots=True)
class _Computed:
    """A table too large to write out."""

    prefix: Prefix
    least: int
    most: int
    counts: str

    def get(self, raw: bytes, /) -> int | None:
        """Return the units within bounds, or None."""
        number = self.prefix.read(raw)
        if number is None or (self.counts == "hex-digits" and number % 2):
            return None
        units = number if self.counts == "units" else number * 2
        units = number // 2 if self.counts == "hex-digits" else units
        return units if self.least <= units <= self.most else None
