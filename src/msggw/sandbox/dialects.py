"""A second, minimal ISO 8583 codec for the simulated host: two dialects, no cleverness.

It is written from the field tables alone and shares no code with `msggw.iso8583`, on purpose: a
mistake in either shows as a message the other cannot read. Every value is text here: digits, text,
or upper-case hexadecimal for binary elements.

Formats: `n6` fixed digits, `n..19` variable digits, `e8` fixed text, `e..25` variable text, `b8`
fixed bytes, `b..255` variable bytes. Sources: ISO 8583:1987; for Visa the public field lists
(adapters facts 1.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

__all__ = ["DIALECTS", "Dialect", "HostMessage", "Unreadable"]

_FORMAT = re.compile(r"([neb])(\.\.)?([0-9]+)")


class Unreadable(Exception):
    """The bytes are no message of this dialect; the text never quotes them."""


@dataclass(frozen=True)
class HostMessage:
    """A message as the host sees it."""

    mti: str
    fields: dict[int, str] = field(repr=False)
    header: bytes = b""

    def get(self, de: int) -> str:
        """Return the element's text, empty if absent."""
        return self.fields.get(de, "")

    def answer(self, mti: str, **changes: str) -> HostMessage:
        """Return an answer: the elements a host echoes, then the changes (`de39="00"`)."""
        kept = {de: value for de, value in self.fields.items() if de in _ECHOED}
        kept |= {int(name.removeprefix("de")): value for name, value in changes.items() if value}
        return replace(self, mti=mti, fields=kept)


_ECHOED = frozenset({2, 3, 4, 7, 11, 12, 13, 19, 23, 25, 32, 33, 37, 41, 42, 49, 70, 90})


@dataclass(frozen=True)
class Dialect:
    """How messages are written: formats per element, and whether they are packed as Visa does."""

    name: str
    formats: dict[int, tuple[str, bool, int]]
    packed: bool
    header_size: int = 0

    def parse(self, data: bytes) -> HostMessage:
        """Read one message; raise `Unreadable`."""
        try:
            return self._parse(data)
        except (ValueError, IndexError) as error:
            raise Unreadable(type(error).__name__) from None

    def build(self, message: HostMessage) -> bytes:
        """Write one message, with the header's length and stations set right."""
        present = sorted(message.fields)
        bits = bytearray(16 if present and present[-1] > 64 else 8)
        if len(bits) == 16:
            bits[0] |= 0x80
        for de in present:
            bits[(de - 1) // 8] |= 0x80 >> (de - 1) % 8
        body = self._digits(message.mti) + self._binary(bytes(bits))
        for de in present:
            body += self._write(de, message.fields[de])
        return self._header(message.header, len(body)) + body

    def _parse(self, data: bytes) -> HostMessage:
        header, rest = data[: self.header_size], data[self.header_size :]
        if self.header_size and (len(header) < 22 or header[0] != 22):
            raise ValueError
        size = 2 if self.packed else 4
        mti = rest[:size].hex() if self.packed else rest[:size].decode("ascii")
        if re.fullmatch("[0-9]{4}", mti) is None:
            raise ValueError
        unit = 8 if self.packed else 16
        bits = self._unbinary(rest[size : size + unit])
        pos = size + unit
        if bits[0] & 0x80:
            bits += self._unbinary(rest[pos : pos + unit])
            pos += unit
        fields = {}
        for de in range(2, len(bits) * 8 + 1):
            if bits[(de - 1) // 8] & (0x80 >> (de - 1) % 8):
                fields[de], pos = self._read(de, rest, pos)
        if pos != len(rest):
            raise ValueError
        return HostMessage(mti, fields, header)

    def _read(self, de: int, data: bytes, pos: int) -> tuple[str, int]:
        kind, variable, size = self.formats.get(de, ("?", False, 0))
        if kind == "?":
            raise ValueError
        if variable:
            longest = size
            size, pos = self._length(data, pos, 3 if longest > 99 else 2)
            if size > longest:
                raise ValueError
        taken = self._size(kind, size)
        raw = data[pos : pos + taken]
        if len(raw) != taken:
            raise ValueError
        return self._unpack(kind, raw, size), pos + taken

    def _size(self, kind: str, size: int) -> int:
        if kind == "n" and self.packed:
            return (size + 1) // 2
        return size * 2 if kind == "b" and not self.packed else size

    def _length(self, data: bytes, pos: int, digits: int) -> tuple[int, int]:
        if self.packed:
            return data[pos], pos + 1
        text = data[pos : pos + digits].decode("ascii")
        if re.fullmatch("[0-9]+", text) is None:
            raise ValueError
        return int(text), pos + digits

    def _unpack(self, kind: str, raw: bytes, size: int) -> str:
        if kind == "b":
            return self._unbinary(raw).hex().upper()
        if kind == "n":
            text = raw.hex().upper() if self.packed else raw.decode("ascii")
            if re.fullmatch("[0-9D]*", text) is None:
                raise ValueError
            return text[len(text) - size :]
        return raw.decode("cp037" if self.packed else "ascii")

    def _write(self, de: int, value: str) -> bytes:
        kind, variable, longest = self.formats[de]
        size = len(value) // 2 if kind == "b" else len(value)
        head = b""
        if variable:
            head = bytes([size]) if self.packed else f"{size:0{3 if longest > 99 else 2}d}".encode()
        elif kind == "e":
            value = value.ljust(longest)
        if kind == "b":
            return head + self._binary(bytes.fromhex(value))
        if kind == "n":
            return head + self._digits(value)
        return head + value.encode("cp037" if self.packed else "ascii")

    def _digits(self, text: str) -> bytes:
        if not self.packed:
            return text.encode("ascii")
        return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)

    def _binary(self, raw: bytes) -> bytes:
        return raw if self.packed else raw.hex().upper().encode()

    def _unbinary(self, raw: bytes) -> bytes:
        return raw if self.packed else bytes.fromhex(raw.decode("ascii"))

    def _header(self, header: bytes, body_size: int) -> bytes:
        if not self.header_size:
            return b""
        total = (self.header_size + body_size).to_bytes(2, "big")
        return header[:3] + total + header[8:11] + header[5:8] + header[11:]


def _formats(text: str) -> dict[int, tuple[str, bool, int]]:
    out = {}
    for word in text.split():
        numbers, _, form = word.partition(":")
        ((kind, variable, size),) = _FORMAT.findall(form)
        for de in numbers.split(","):
            out[int(de)] = (kind, bool(variable), int(size))
    return out


_COMMON = """
2:n..19 3:n6 4,5,6:n12 7:n10 8:n8 9,10:n8 11:n6 12:n6 13,14,15,16,17,18:n4 19,20,21:n3 22,23,24:n3
25,26:n2 32,33,99,100:n..11 37:e12 38:e6 39:e2 40:e3 41:e8 42:e15 43:e40 52:b8 53:n16 70:n3
90:n42 95:e42
"""
_ISO87 = """
27:n1 28,29,30,31:e9 34:e..28 35:e..37 36:e..104 44:e..25 45:e..76 46,47,48:e..999 49,50,51:e3
54:e..120 55,56,57,58,59,60,61,62,63:e..999 64,128:b8 66:n1 71,72:n4 73:n6 102,103:e..28
104:e..100 124,125,126,127:e..999
"""
_BASE1 = """
28:e9 35:n..37 44:e..25 45:e..76 48:e..255 49,50,51:n3 54:e..255 55:b..255 59:e..14 60:n..12
61:n..36 62,63:b..255 104,116,123,126:b..255
"""

DIALECTS = {
    "iso87-ascii": Dialect("iso87-ascii", _formats(_COMMON + _ISO87), packed=False),
    "visa-base1": Dialect("visa-base1", _formats(_COMMON + _BASE1), packed=True, header_size=22),
}
