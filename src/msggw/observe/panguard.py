"""The PAN guard: the last net under every log line.

Types keep secrets out of logs; this catches what slipped through as plain text from outside: 13 to
19 digits that pass the Luhn check are masked, in keys, values and nested values of every log event.

Blanks and dashes may stand between the digits. Numbers that only stand next to a card number
("100 4111 1111 1111 1111") must not hide it, so every sequence of whole groups of digits is
checked. A group of more than 19 digits could hold a card number at any place: it is masked whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msggw.values import Pan

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

__all__ = ["guard", "masked"]

_STRETCH = re.compile(r"[0-9]+(?:[ -]{1,3}[0-9]+)*")
_GROUP = re.compile(r"[0-9]+")
_DIGITS_MIN = 13
_DIGITS_MAX = 19
_DEPTH_MAX = 6
_INT_BITS_MAX = 256


def masked(text: str) -> str:
    """Return the text with every card number masked to first six and last four."""
    return _STRETCH.sub(_mask_stretch, text)


def _mask_stretch(match: re.Match[str]) -> str:
    text = match.group()
    if len(text) < _DIGITS_MIN:
        return text
    out, done = "", 0
    for start, end in _merged(_card_numbers(text)):
        digits = "".join(_GROUP.findall(text[start:end]))
        out += f"{text[done:start]}{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"
        done = end
    return out + text[done:]


def _card_numbers(text: str) -> Iterator[tuple[int, int]]:
    groups = [group.span() for group in _GROUP.finditer(text)]
    for index, (start, stop) in enumerate(groups):
        if stop - start > _DIGITS_MAX:
            yield start, stop
        digits = ""
        for first, end in groups[index:]:
            digits += text[first:end]
            if len(digits) > _DIGITS_MAX:
                break
            if len(digits) >= _DIGITS_MIN and Pan(digits).luhn_valid:
                yield start, end


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    # Where two overlap, one of them is there by chance: which one, nobody knows.
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def guard(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the event's keys and values: a structlog processor."""
    return {masked(str(key)): _clean(value, 0) for key, value in event.items()}


def _clean(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (dict, list, tuple, set, frozenset)):
        return _nested(value, depth)
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    return masked(str(value))


def _number(value: float) -> Any:
    if isinstance(value, int) and value.bit_length() > _INT_BITS_MAX:
        return "<int>"
    text = repr(value)
    shown = masked(text)
    return value if shown == text else shown


def _nested(value: Any, depth: int) -> Any:
    if depth >= _DEPTH_MAX:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {masked(str(key)): _clean(item, depth + 1) for key, item in value.items()}
    return [_clean(item, depth + 1) for item in value]
