"""Wire bytes with every secret overwritten: what may be stored or looked at (PCI DSS 3.3.1, 3.4.1).

Fields that the dialect marks are overwritten whole, a card number but for its first six and last
four digits. A message that cannot be read is not trusted: all of it is searched for 13 to 19
digits that pass the Luhn check, in ASCII, in EBCDIC and in packed digits.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from msggw.iso8583.sensitivity import is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msggw.iso8583.explain import Explanation
    from msggw.iso8583.piece import Piece

__all__ = ["overwritten", "redacted"]

_STAR: Final = b"*"
_RUN_MAX: Final = 64
"""A longer run of digits is not searched but overwritten whole."""

_RUNS: Final = (re.compile(rb"[0-9]{13,}"), re.compile(rb"[\xf0-\xf9]{13,}"))
_PACKED_RUN: Final = re.compile("(?:[0-9]{13,})")


def redacted(found: Explanation, data: bytes) -> bytes:
    """Return the bytes of an explained message without secrets; the length stays."""
    out = bytearray(data)
    for piece in _leaves(found.pieces):
        if is_secret(piece.sensitivity) or piece.sensitivity == "private":
            _overwrite(out, piece)
    return overwritten(bytes(out)) if found.faults else bytes(out)


def _leaves(pieces: Iterable[Piece]) -> Iterable[Piece]:
    for piece in pieces:
        if piece.parts and piece.sensitivity in {"none", "private", "icc"} and not piece.faults:
            yield from _leaves(piece.parts)
        else:
            yield piece


def _overwrite(out: bytearray, piece: Piece) -> None:
    start, size = piece.content_offset, len(piece.raw)
    head = tail = 0
    if piece.sensitivity == "pan" and piece.units >= 13:
        head, tail = size * 6 // piece.units, size * 4 // piece.units
    out[start + head : start + size - tail] = _STAR * (size - head - tail)


def overwritten(data: bytes) -> bytes:
    """Return bytes of unknown form with what may be card numbers overwritten."""
    out = bytearray(data)
    for pattern in _RUNS:
        for match in pattern.finditer(data):
            digits = bytes(code & 0x0F for code in match[0])
            for start, end in _numbers("".join(map(str, digits))):
                out[match.start() + start : match.start() + end] = _STAR * (end - start)
    text = data.hex()
    for found in _PACKED_RUN.finditer(text):
        for start, end in _numbers(found[0]):
            first, last = (found.start() + start) // 2, (found.start() + end + 1) // 2
            out[first:last] = _STAR * (last - first)
    return bytes(out)


def _numbers(digits: str) -> list[tuple[int, int]]:
    """Return the places of possible card numbers in a run of digits."""
    if len(digits) > _RUN_MAX:
        return [(0, len(digits))]
    sums = _luhn_sums(digits)
    return [
        (start, start + size)
        for start in range(len(digits) - 12)
        if digits[start] not in "079"
        for size in range(13, min(19, len(digits) - start) + 1)
        if (sums[(start + size) % 2][start + size] - sums[(start + size) % 2][start]) % 10 == 0
    ]


def _luhn_sums(digits: str) -> tuple[list[int], list[int]]:
    """Return running sums of the Luhn values, with the even and with the odd places doubled.

    ISO/IEC 7812-1 annex B doubles every second digit from the right, so the parity of the end
    chooses the list, and a difference of two sums tells whether a number in between is valid.
    """
    plain = list(map(int, digits))
    doubled = [value * 2 - 9 if value > 4 else value * 2 for value in plain]
    even = [
        two if place % 2 == 0 else one
        for place, (one, two) in enumerate(zip(plain, doubled, strict=True))
    ]
    odd = [
        two if place % 2 else one
        for place, (one, two) in enumerate(zip(plain, doubled, strict=True))
    ]
    return list(accumulate(even, initial=0)), list(accumulate(odd, initial=0))
