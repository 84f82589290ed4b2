"""Converters between ISO 20022 texts and canonical values.

Most are *lexical*: XML Schema lets one value be written in several ways (`10.5`, `+10.50`), and
ISO 20022 lets one thing stand in several places (a code or a proprietary text, the group or the
transaction). The table keeps the sender's writing in the residue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msggw.errors import Refused, Rule
from msggw.iso20022.header import instant_text, read_instant
from msggw.translate import Iso
from msggw.values import Bic, Country, Currency, Iban, Lei, Money, Uetr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from msggw.translate import Context

__all__ = [
    "AMOUNT",
    "BIC",
    "COUNTRY",
    "DATE",
    "IBAN",
    "INSTANT",
    "LEI",
    "RATE",
    "TEXT",
    "UETR",
    "choice",
    "decimal_text",
    "either",
]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECIMAL = re.compile(r"\s*\+?0*([0-9]*)(?:\.([0-9]*))?\s*", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])")


def _one(name: str, read: Callable[[str], Any], write: Callable[[Any], str] = str) -> Iso:
    return Iso(
        name,
        lambda values, _: read(values[0]),
        lambda value, _: (write(value),),
        lexical=True,
    )


def decimal_text(text: str) -> str:
    """Return an XML Schema decimal that is not negative in plain form: digits, point, digits."""
    found = _DECIMAL.fullmatch(text)
    if found is None or not (found.group(1) or found.group(2) or "0" in text):
        raise Refused.of("value", "decimal", Rule.VALUE, "a decimal that is not negative")
    whole, fraction = found.group(1) or "0", found.group(2)
    return f"{whole}.{fraction}" if fraction else whole


def _text(text: str) -> str:
    if not text or _CONTROLS.search(text):
        raise Refused.of("value", "text", Rule.CHARSET, "text without control characters")
    return text


def _date(text: str) -> str:
    text = text.strip()
    if _DATE.fullmatch(text) is None:
        detail = "a calendar date YYYY-MM-DD without time zone"
        raise Refused.of("value", "date", Rule.VALUE, detail)
    return text


def _instant(text: str) -> datetime:
    instant = read_instant(text)
    if instant is None:
        detail = "date and time of day from year 1 to 9999, hours 00 to 23"
        raise Refused.of("value", "instant", Rule.VALUE, detail)
    return instant


def _read_amount(values: tuple[Any, ...], _: Context) -> Money:
    return Money.parse(decimal_text(values[0]), Currency.of(values[1]))


def _write_amount(value: Money, _: Context) -> tuple[str, str]:
    if not isinstance(value.unit, Currency):
        raise Refused.of("value", "Money", Rule.UNSUPPORTED, "a currency of ISO 4217 is needed")
    return value.decimal_text(), value.unit.code


TEXT = Iso("text", lambda values, _: _text(values[0]), lambda value, _: (str(value),))
BIC = _one("bic", Bic)
LEI = _one("lei", Lei)
IBAN = _one("iban", Iban)
UETR = _one("uetr", Uetr)
COUNTRY = _one("country", Country)
DATE = _one("date", _date)
INSTANT = _one("instant", _instant, instant_text)
RATE = _one("rate", decimal_text)
AMOUNT = Iso("amount", _read_amount, _write_amount, lexical=True)
"""Two sources: the amount and its currency attribute."""


def choice(code_length_max: int) -> Iso:
    """Make the converter of a `Cd` or `Prtry` choice (two sources) to one text.

    It writes a code if the text could be one, else a proprietary text.
    """
    code = re.compile(rf"[A-Z0-9]{{1,{code_length_max}}}")

    def write(value: str, _: Context) -> tuple[str | None, str | None]:
        return (value, None) if code.fullmatch(value) else (None, value)

    return Iso("choice", lambda values, _: _text(_first(values)), write, lexical=True)


def either(iso: Iso) -> Iso:
    """Make the converter of a value that may stand in either of two places; it writes the first."""

    def read(values: tuple[Any, ...], context: Context) -> Any:
        return iso.read((_first(values),), context)

    def write(value: Any, context: Context) -> tuple[Any, Any]:
        return (iso.write(value, context)[0], None)

    return Iso(f"{iso.name} in one of two places", read, write, lexical=True)


def _first(values: tuple[Any, ...]) -> Any:
    return next(value for value in values if value is not None)
