"""Cheap 0100 requests, and a parser of just enough of a 0110.

ISO 8583:1987 in ASCII with a hexadecimal bitmap and a 2-byte big-endian length, which both gateways
speak. The generator shares two cores with what it measures, so a request is one template into which
five fields are written, and of an answer only DE 11, 37 and 39 are read.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Answer", "Requests", "read_answer", "take_frames"]

LENGTH_BYTES = 2
STAN_MAX = 999_999
BIN = "411111"
CURRENCY = "398"
AMOUNTS = 50
"""Whole units 1 … 50: small enough for any limit, and ending in 00, which `bogus` approves."""


class Requests:
    """Unending different 0100s. DE 7 is the time of the run; DE 11 and DE 37 count within it."""

    def __init__(self, now: datetime) -> None:
        day = f"{now:%j}"
        self._hour = f"{now.year % 10}{day}{now:%H}".encode()
        # Runs of one second would share their keys; a run lasts longer than that.
        self._parts = _template(now)
        self._offset = int(now.timestamp()) * 7_919
        self._count = 0

    def next(self) -> tuple[bytes, bytes]:
        """The next request: its key, DE 11 and DE 37 together, and its frame.

        Raises:
            OverflowError: all STANs of this run are used.
        """
        self._count += 1
        if self._count > STAN_MAX:
            raise OverflowError(f"a run has {STAN_MAX} STANs")
        stan = b"%06d" % self._count
        rrn = self._hour + stan
        head, dates, middle, tail = self._parts
        amount = b"%012d" % ((self._count % AMOUNTS + 1) * 100)
        frame = b"".join(
            (head, pan(self._offset + self._count), b"000000", amount, dates, stan, middle, rrn)
        )
        return stan + rrn, frame + tail


def pan(number: int) -> bytes:
    """A test PAN of 16 digits with its Luhn digit. Neighbouring numbers give distant PANs."""
    # 387,420,489 is coprime to 10⁹, so a thousand million numbers give as many PANs.
    spread = number * 387_420_489 % 1_000_000_000
    high, rest = divmod(spread, 1_000_000)
    middle, low = divmod(rest, 1_000)
    total = _BIN_SUM + _OUTER[high] + _INNER[middle] + _OUTER[low]
    return b"%s%09d%d" % (BIN.encode(), spread, -total % 10)


class Answer(NamedTuple):
    """What counts of a 0110; `key` is DE 11 and DE 37 together."""

    key: bytes
    response_code: bytes


def read_answer(frame: bytes) -> Answer:
    """Read DE 11, 37 and 39; an absent or cut-off one is empty. Never raises on bytes."""
    try:
        bitmap = int(frame[4:20], 16)
    except ValueError:
        return Answer(b"", b"")
    found = {11: b"", 37: b"", 39: b""}
    # Bit 1 is the highest and announces another 16 digits.
    position = 36 if bitmap >> 63 else 20
    for element, prefix, length in _layout(bitmap):
        if prefix:
            digits = frame[position : position + prefix]
            if not digits.isdigit():
                break
            position += prefix + int(digits)
            continue
        if element in found:
            found[element] = frame[position : position + length]
        position += length
    return Answer(found[11] + found[37], found[39])


def take_frames(buffer: bytearray) -> list[bytes]:
    """Cut every complete frame off the front of the buffer, without its length."""
    frames = []
    position = 0
    while len(buffer) - position >= LENGTH_BYTES:
        start = position + LENGTH_BYTES
        end = start + int.from_bytes(buffer[position:start], "big")
        if end > len(buffer):
            break
        frames.append(bytes(buffer[start:end]))
        position = end
    del buffer[:position]
    return frames


def _template(now: datetime) -> tuple[bytes, bytes, bytes, bytes]:
    """What stands before DE 2, between DE 4 and 11, between DE 11 and 37, and after DE 37."""
    elements = (2, 3, 4, 7, 11, 12, 13, 14, 18, 22, 25, 32, 37, 41, 42, 43, 49)
    bitmap = sum(1 << (64 - element) for element in elements)
    dates = f"{now:%m%d%H%M%S}".encode()
    middle = f"{now:%H%M%S%m%d}4912" + "5411" + "012" + "00" + "06123456"
    tail = "TERM0001" + "MERCHANT0000001" + f"{'CORNER SHOP':<25}{'ALMATY':<13}KZ" + CURRENCY
    length = 4 + 16 + 2 + 16 + 6 + 12 + len(dates) + 6 + len(middle) + 12 + len(tail)
    head = length.to_bytes(LENGTH_BYTES, "big") + f"0100{bitmap:016X}16".encode()
    return head, dates, middle.encode(), tail.encode()


def _luhn_sum(digits: str, *, double_first: bool) -> int:
    total = 0
    for index, digit in enumerate(digits):
        value = int(digit) * (2 if (index % 2 == 0) == double_first else 1)
        total += value - 9 if value > 9 else value
    return total


# In 16 digits the first, third, … are doubled; groups of three start at an odd or an even place.
_BIN_SUM = _luhn_sum(BIN, double_first=True)
_OUTER = [_luhn_sum(f"{group:03d}", double_first=True) for group in range(1000)]
_INNER = [_luhn_sum(f"{group:03d}", double_first=False) for group in range(1000)]

_VARIABLE = {2: 2, 31: 2, 32: 2, 33: 2, 34: 2, 35: 2, 36: 3}
"""Digits of the length that stands before a data element of ISO 8583:1987."""

_ELEMENTS_BY_LENGTH = {
    1: (27,),
    2: (25, 26, 39),
    3: (19, 20, 21, 22, 23, 24),
    4: (13, 14, 15, 16, 17, 18),
    6: (3, 11, 12, 38),
    8: (8, 9, 10),
    9: (28, 29, 30),
    10: (7,),
    12: (4, 5, 6, 37),
}
_FIXED = {
    element: length for length, elements in _ELEMENTS_BY_LENGTH.items() for element in elements
}


@lru_cache(maxsize=64)
def _layout(bitmap: int) -> tuple[tuple[int, int, int], ...]:
    """Element, digits of its length prefix and its own length, for what is present up to DE 39."""
    return tuple(
        (element, _VARIABLE.get(element, 0), _FIXED.get(element, 0))
        for element in range(2, 40)
        if bitmap >> (64 - element) & 1
    )
