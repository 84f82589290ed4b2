"""Text, one byte a character: ASCII, the EBCDIC code pages and other single-byte charsets.

EBCDIC code pages agree on letters, digits and space and differ in the brackets, `^`, `!` and `|`
that track 1 and merchant names use, so the page has to be named. Python has no cp1047 (the page
of z/OS open systems): it is cp037 with eight code points exchanged (IBM CDRA, CCSID 1047).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msggw.iso8583 import kinds

if TYPE_CHECKING:
    from msggw.iso8583.encoding.base import Cells, Plain

__all__ = ["CHARSETS", "Text"]

_CP1047_FROM_CP037 = {
    0x15: "\n",
    0x25: "\x85",
    0x5F: "^",
    0xAD: "[",
    0xB0: "\xac",
    0xBA: "\xdd",
    0xBB: "\xa8",
    0xBD: "]",
}

CHARSETS = {
    "ascii": "latin-1",
    "cp037": "cp037",
    "cp500": "cp500",
    "cp1047": "cp1047",
    "cp1140": "cp1140",
    "cp1251": "cp1251",
    "cp866": "cp866",
    "kz1048": "kz1048",
}
"""Encoding name to Python codec. `ascii` reads through Latin-1 and lets the class refuse."""


class Text:
    """A single-byte character set."""

    packs_two = False

    def __init__(self, name: str) -> None:
        """Build the table of one of `CHARSETS`."""
        self.name = name
        chars = _chars(name)
        self._extends = name not in {"ascii", "cp037", "cp500", "cp1047", "cp1140"}
        self.decoding = chars
        self.encoding = {char: code for code, char in enumerate(chars) if char is not None}
        self._codec = "" if name == "cp1047" else CHARSETS[name]

    def size(self, units: int) -> int:
        """Return the bytes for this many characters."""
        return units

    def units(self, size: int) -> int:
        """Return the characters in this many bytes."""
        return size

    def cells(self, kind: str, units: int, tolerances: frozenset[str]) -> Cells:
        """Return the allowed bytes: the class's characters in this charset."""
        if kind == "x+n":
            signs = self.wire(kinds.SIGNS.decode("ascii"))
            return ((signs, 1), (self._allowed(kind, tolerances), units - 1))
        return ((self._allowed(kind, tolerances), units),)

    def read(self, raw: bytes, units: int, kind: str) -> str:  # noqa: ARG002 - the protocol
        """Return the text."""
        if self._codec:
            return raw.decode(self._codec)
        return "".join(self.decoding[code] or "" for code in raw)

    def write(self, value: Plain, units: int, kind: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the bytes; `ValueError` for a character outside the charset."""
        if not isinstance(value, str):
            msg = "text is expected"
            raise ValueError(msg)  # noqa: TRY004 - the caller turns ValueError into a fault
        return self.wire(value)

    def wire(self, text: str) -> bytes:
        """Return text in this charset; `ValueError` without naming the character."""
        try:
            return bytes([self.encoding[char] for char in text])
        except KeyError:
            msg = f"a character outside {self.name}"
            raise ValueError(msg) from None

    @cache  # noqa: B019 - encodings are made once and live as long as the process
    def _allowed(self, kind: str, tolerances: frozenset[str]) -> bytes:
        wanted = set(kinds.alphabet(kind, tolerances).decode("latin-1"))
        if self._extends and kinds.is_text(kind):
            wanted |= {c for c in self.decoding if c is not None and c.isprintable()}
        return bytes(sorted(self.encoding[char] for char in wanted if char in self.encoding))


def _chars(name: str) -> tuple[str | None, ...]:
    codec = "cp037" if name == "cp1047" else CHARSETS[name]
    chars = [_char(code, codec) for code in range(256)]
    if name == "cp1047":
        for code, char in _CP1047_FROM_CP037.items():
            chars[code] = char
    return tuple(chars)


def _char(code: int, codec: str) -> str | None:
    try:
        return bytes([code]).decode(codec)
    except UnicodeDecodeError:
        return None
