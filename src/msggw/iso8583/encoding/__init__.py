"""The encodings axis: how the units of a field stand on the wire. One variant, one file."""

from __future__ import annotations

from functools import cache

from msggw.iso8583.encoding.base import ALL_BYTES, Cells, Encoding, Plain
from msggw.iso8583.encoding.bcd import Bcd
from msggw.iso8583.encoding.binary import Binary, Hexadecimal
from msggw.iso8583.encoding.text import CHARSETS, Text

__all__ = ["ALL_BYTES", "NAMES", "Cells", "Encoding", "Plain", "Text", "of"]

_BCD = {
    "bcd": ("0", True, "ascii"),
    "bcd-left-f": ("f", True, "ascii"),
    "bcd-right-0": ("0", False, "ascii"),
    "bcd-right-f": ("f", False, "ascii"),
    "bcd-ebcdic-sign": ("0", True, "cp037"),
}
_HEX = {"hex": "ascii", "hex-ebcdic": "cp037"}

NAMES = (*CHARSETS, *_BCD, "binary", *_HEX)


@cache
def of(name: str) -> Encoding:
    """Return the encoding of this name; `KeyError` for a name not in `NAMES`."""
    if name == "binary":
        return Binary()
    if name in _HEX:
        codes = Text(_HEX[name]).encoding
        return Hexadecimal(name, {digit: codes[digit] for digit in "0123456789ABCDEF"})
    if name in _BCD:
        pad, left, charset = _BCD[name]
        codes = Text(charset).encoding
        return Bcd(name, pad=pad, left=left, sign={sign: codes[sign] for sign in "CD"})
    if name in CHARSETS:
        return Text(name)
    raise KeyError(name)
