"""The PAN guard: the last net under every log line.

Types keep secrets out of logs; this catches what slipped through as plain text from outside: any
run of 13 to 19 digits (blanks and dashes allowed between) that passes the Luhn check is masked, in
values and nested values of every log event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msggw.values import Secret

if TYPE_CHECKING:
    from collections.abc import MutableMapping

__all__ = ["guard", "masked"]

_RUN = re.compile(r"(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])")
_DEPTH_MAX = 6


def masked(text: str) -> str:
    """Return the text with every Luhn-valid digit run masked to first six and last four."""
    return _RUN.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    digits = re.sub(r"[ -]", "", match.group())
    if not _luhn(digits):
        return match.group()
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}"


def _luhn(digits: str) -> bool:
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def guard(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask the event's values: a structlog processor."""
    return {key: _clean(value, 0) for key, value in event.items()}


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Secret):
        return value.mask()
    if depth >= _DEPTH_MAX:
        return f"<{type(value).__name__}>"
    if isinstance(value, dict):
        return {str(key): _clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, int):
        return value if len(str(value)) < 13 else masked(str(value))
    return value if value is None or isinstance(value, float) else masked(str(value))
