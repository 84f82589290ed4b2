"""The strict front for JSON that carries money: what `json.loads` lets through is refused here.

Refused: floats and exponents, numbers outside 64 bits, duplicate keys, NaN and infinities, a byte
order mark, lone surrogates, NUL, anything but UTF-8, and whatever is larger or deeper than the
limits. (RFC 8259 leaves most of these to the implementation; engineering facts 7.5 measured
what popular parsers accept.)
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from msggw.errors import Refused, Rule

__all__ = ["DEPTH_MAX", "SIZE_BYTES_MAX", "loads"]

SIZE_BYTES_MAX = 262_144
DEPTH_MAX = 32
_INTEGER_LIMIT = 2**63
_INTEGER_DIGITS_MAX = 19
_SURROGATE_OR_NUL = re.compile("[\ud800-\udfff\x00]")
# Possessive, and an unclosed string counts as one: otherwise `"\\"\\"\\"…` costs quadratic time.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def loads(data: bytes, *, size_bytes_max: int = SIZE_BYTES_MAX, depth_max: int = DEPTH_MAX) -> Any:
    """Parse UTF-8 JSON strictly; raise `Refused` with a location that never quotes the input."""
    if len(data) > size_bytes_max:
        raise _refused(Rule.LIMIT, f"{len(data)} of at most {size_bytes_max} bytes")
    _check_depth(data, depth_max)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refused(Rule.CHARSET, f"not UTF-8 at byte {error.start}") from None
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        detail = f"not JSON at line {error.lineno} column {error.colno}"
        raise _refused(Rule.SYNTAX, detail) from None
    _check_text(value)
    return value


def _refused(rule: Rule, detail: str) -> Refused:
    return Refused.of("json", "", rule, detail)


def _check_depth(data: bytes, depth_max: int) -> None:
    # Counted before parsing, outside of strings, so that the parser never recurses deeply.
    depth = deepest = 0
    for byte in _STRINGS.sub(b"", data):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    if deepest > depth_max:
        raise _refused(Rule.LIMIT, f"nested {deepest} deep, at most {depth_max}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise _refused(Rule.DUPLICATE, "a key stands twice in one object")
    return out


def _no_float(text: str) -> NoReturn:
    del text
    raise _refused(Rule.CLASS, "a number with a fraction or exponent; write amounts as text")


def _integer(text: str) -> int:
    if len(text) > _INTEGER_DIGITS_MAX + 1 or abs(value := int(text)) >= _INTEGER_LIMIT:
        raise _refused(Rule.LIMIT, "a whole number outside 64 bits")
    return value


def _no_constant(text: str) -> NoReturn:
    del text
    raise _refused(Rule.CLASS, "NaN and Infinity are not JSON")


def _check_text(value: Any) -> None:
    # Bounded by DEPTH_MAX, which was checked before.
    if isinstance(value, str):
        if _SURROGATE_OR_NUL.search(value):
            raise _refused(Rule.CHARSET, "a lone surrogate or NUL in a text")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
