"""Texts that a simple type must accept, and texts it must refuse, made from its facets alone."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from re import _constants as op
from re import _parser

from tools.xsd.model import Simple

LENGTH_MAX = 200_000  # longer facets are checked at this length only

_PLAIN = {
    "xs:boolean": ("true", "yes"),
    "xs:date": ("2026-11-21", "2026-02-30"),
    "xs:dateTime": ("2026-11-21T10:00:00Z", "2026-11-21"),
    "xs:time": ("10:00:00", "25:00:00"),
    "xs:gYear": ("2026", "2026-11"),
    "xs:gYearMonth": ("2026-11", "2026"),
}


def good(of: Simple) -> Iterator[str]:
    """The shortest and the longest text, or a few where the length says nothing."""
    facets = dict(of.facets)
    if of.codes:
        yield from of.codes
    elif of.base in _PLAIN:
        yield _PLAIN[of.base][0]
    elif of.base == "xs:decimal":
        yield from _good_numbers(facets)
    elif "pattern" in facets:
        yield shortest(facets["pattern"])
    else:
        least, most = _lengths(facets)
        yield _text(of, max(least, 1))
        yield _text(of, min(most, LENGTH_MAX))


def bad(of: Simple) -> Iterator[str]:
    """For each facet, a text that breaks it."""
    facets = dict(of.facets)
    if of.codes:
        yield from ("", of.codes[0] + "X", f" {of.codes[0]}")
    elif of.base in _PLAIN:
        yield from ("", _PLAIN[of.base][1])
    elif of.base == "xs:decimal":
        yield from _bad_numbers(facets)
    elif of.base == "xs:base64Binary":
        yield "?"
    if "pattern" in facets:
        yield "§"
    if of.base in {"xs:string", "xs:base64Binary"} and "pattern" not in facets:
        least, most = _lengths(facets)
        if least:
            yield _text(of, least - 1)
        if most < LENGTH_MAX:
            yield _text(of, most + 1)


def _lengths(facets: dict[str, str]) -> tuple[int, int]:
    exact = facets.get("length")
    least = int(exact or facets.get("minLength", 0))
    return least, int(exact or facets.get("maxLength", LENGTH_MAX))


def _text(of: Simple, length: int) -> str:
    return b64encode(b"x" * length).decode() if of.base == "xs:base64Binary" else "ж" * length


def _good_numbers(facets: dict[str, str]) -> Iterator[str]:
    yield facets.get("minInclusive", "1")
    yield "1"
    total, fraction = int(facets.get("totalDigits", 18)), int(facets.get("fractionDigits", 0))
    if "maxInclusive" not in facets:
        yield "9" * (total - fraction) + ("." + "9" * fraction if fraction else "")


def _bad_numbers(facets: dict[str, str]) -> Iterator[str]:
    yield from ("", "1,5", "1e3", "NaN")
    if "totalDigits" in facets:
        yield "1" * (int(facets["totalDigits"]) + 1)
    if "fractionDigits" in facets:
        yield "0." + "1" * (int(facets["fractionDigits"]) + 1)
    if "minInclusive" in facets:
        yield str(int(facets["minInclusive"]) - 1)
    if "maxInclusive" in facets:
        yield str(int(facets["maxInclusive"]) + 1)


def shortest(pattern: str) -> str:
    """The shortest text of a regular expression, first alternative and first character."""
    text = "".join(_piece(*node) for node in _parser.parse(pattern))
    assert re.fullmatch(pattern, text)
    return text


def _piece(kind: object, what: object) -> str:
    match kind:
        case op.LITERAL:
            return chr(what)
        case op.ANY | op.CATEGORY:
            return "0"
        case op.RANGE:
            return chr(what[0])
        case op.IN:
            return _piece(*what[0])
        case op.MAX_REPEAT:
            least, _, inner = what
        case op.SUBPATTERN:
            least, inner = 1, what[-1]
        case op.BRANCH:
            least, inner = 1, what[1][0]
    return "".join(_piece(*node) for node in inner) * least
