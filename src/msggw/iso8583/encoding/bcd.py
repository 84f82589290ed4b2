"""Packed decimal: two digits a byte. An odd count leaves one nibble for padding.

Where the pad stands differs by dialect: a zero on the left (most fixed fields), a zero or F on the
right (track 2 and LLVAR of some hosts). Track code set (class z): the nibble is the low half of
the character 30h to 3Fh, so nibble D is the separator `=`. A signed amount (x+n) keeps its sign
as one ASCII or EBCDIC character in front of the packed digits.
"""

from __future__ import annotations

from functools import cache

from msggw.iso8583 import kinds
from msggw.iso8583.encoding.base import ALL_BYTES, Cells, Plain

__all__ = ["Bcd"]

_DIGIT_NIBBLES = range(10)
_ALL_NIBBLES = range(16)
_TO_TRACK = str.maketrans("abcdef", ":;<=>?")
_FROM_TRACK = str.maketrans(":;<=>?D", "abcdefd")


class Bcd:
    """Packed digits with a pad nibble (`0` or `f`) on one side of an odd count."""

    packs_two = True

    def __init__(self, name: str, *, pad: str, left: bool, sign: dict[str, int]) -> None:
        """`sign` maps C and D to the byte that stands in front of signed amounts."""
        self.name = name
        self._pad = pad
        self._left = left
        self._sign = sign
        self._sign_of = {code: char for char, code in sign.items()}

    def size(self, units: int) -> int:
        """Return the bytes for this many digits."""
        return (units + 1) // 2

    def units(self, size: int) -> int:
        """Return the digits in this many full bytes."""
        return size * 2

    def cells(self, kind: str, units: int, tolerances: frozenset[str]) -> Cells:  # noqa: ARG002 - the port
        """Return the allowed bytes, the padded one apart."""
        if kind == "x+n":
            return ((bytes(sorted(self._sign.values())), 1), *self._digits("n", units - 1))
        return self._digits(kind, units)

    @cache  # noqa: B019 - encodings are made once and live as long as the process
    def _digits(self, kind: str, units: int) -> Cells:
        nibbles = _ALL_NIBBLES if kind == "z" else _DIGIT_NIBBLES
        full = bytes(high << 4 | low for high in nibbles for low in nibbles)
        full = ALL_BYTES if kind == "z" else full
        if units % 2 == 0:
            return ((full, units // 2),)
        pad = int(self._pad, 16)
        if self._left:
            return ((bytes(pad << 4 | low for low in nibbles), 1), (full, units // 2))
        return ((full, units // 2), (bytes(high << 4 | pad for high in nibbles), 1))

    def read(self, raw: bytes, units: int, kind: str) -> str:
        """Return the digits without the pad."""
        if kind == "x+n":
            return self._sign_of[raw[0]] + self.read(raw[1:], units - 1, "n")
        text = raw.hex()
        if units % 2:
            text = text[1:] if self._left else text[:-1]
        return text.translate(_TO_TRACK) if kind == "z" else text

    def write(self, value: Plain, units: int, kind: str) -> bytes:
        """Return the packed digits; `ValueError` for what is no digit."""
        if not isinstance(value, str):
            msg = "digits are expected"
            raise ValueError(msg)  # noqa: TRY004 - the caller turns ValueError into a fault
        if kind == "x+n":
            if value[:1] not in self._sign:
                msg = "a sign, C or D, is expected"
                raise ValueError(msg)
            return bytes([self._sign[value[0]]]) + self.write(value[1:], units - 1, "n")
        text = value.translate(_FROM_TRACK) if kind == "z" else value
        if kind != "z" and not set(text.encode("latin-1", "replace")) <= set(kinds.DIGITS):
            msg = "digits are expected"
            raise ValueError(msg)
        if len(text) % 2:
            text = self._pad + text if self._left else text + self._pad
        return bytes.fromhex(text)
