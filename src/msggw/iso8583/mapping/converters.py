"""Converters of ISO 8583:1987 data elements. Each can be undone; a fault never quotes the value."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.dates import century_of, nearest_date, nearest_instant
from msggw.translate import Context, Iso, simple
from msggw.values import Code, Currency, Money, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AMOUNT",
    "EXPIRY",
    "FEES",
    "FEE_TYPES",
    "INSTANT",
    "LOCAL_DATE",
    "LOCAL_TIME",
    "PADDED_ID",
    "RATE",
    "UNDATED",
    "code",
    "matching",
    "secret",
    "text_of",
]

UNDATED = Context(datetime(1987, 1, 1, tzinfo=UTC))
"""For writing: a written date has no year, so no reference instant is looked at."""

_AMOUNT_DIGITS = 12
_FEE_DIGITS = 8
_RATE_DIGITS = 7
_RATE_DECIMALS_MAX = 9
_ID_DIGITS = 11

FEE_TYPES = {
    "transaction_fee": "28",
    "settlement_fee": "29",
    "transaction_processing_fee": "30",
    "settlement_processing_fee": "31",
}
"""The type of a canonical fee, and the data element that carries it."""


def refuse(rule: Rule, detail: str) -> NoReturn:
    """Raise a refusal whose place the table fills in."""
    raise Refused.of("iso8583", "", rule, detail)


def text_of(value: object, pattern: re.Pattern[str], rule: str) -> str:
    """Return the value if it is text of this pattern; `Refused` states the rule otherwise."""
    if not isinstance(value, str):
        refuse(Rule.CLASS, f"text expected: {rule}")
    if pattern.fullmatch(value) is None:
        refuse(Rule.VALUE, rule)
    return value


def matching(name: str, pattern: str, rule: str) -> Iso:
    """Make a converter of text that must match a pattern and is carried as it is."""
    compiled = re.compile(pattern)
    return simple(name, lambda value: text_of(value, compiled, rule), str)


def code(kind: type[Code]) -> Iso:
    """Make a converter of an identifier that has a type of its own."""
    return simple(kind.__name__, kind, str)


def secret(kind: type[Secret]) -> Iso:
    """Make a converter of card data: it is wrapped on the way in and never opened here."""

    def write(value: object) -> Secret:
        if not isinstance(value, kind):
            refuse(Rule.SECURITY, f"a sealed value was not opened: {kind.__name__} expected")
        return value

    return simple(kind.__name__, lambda v: v if isinstance(v, kind) else kind(v), write)


# Amounts: n 12 minor units, and the ISO 4217 numeric code of the currency that places the point.

_DIGITS_12 = re.compile(r"[0-9]{1,12}")


def _read_amount(values: tuple[Any, ...], _: Context) -> Money:
    minor, currency = values
    digits = text_of(minor, _DIGITS_12, "an amount of 12 digits")
    return Money(int(digits), Currency.of(currency))


def _write_amount(value: Money, _: Context) -> tuple[str, str]:
    return _minor(value, _AMOUNT_DIGITS), _numeric(value)


def _minor(value: Money, width: int) -> str:
    digits = str(value.minor).rjust(width, "0")
    if len(digits) > width:
        refuse(Rule.LIMIT, f"an amount of {len(digits)} digits, at most {width} fit")
    return digits


def _numeric(value: Money) -> str:
    if not isinstance(value.unit, Currency):
        refuse(Rule.UNSUPPORTED, "only an ISO 4217 currency has a numeric code")
    return value.unit.numeric


AMOUNT = Iso("amount n 12 and currency", _read_amount, _write_amount)


# Fees, x+n 8. The element comes with the currency that DE 49 or DE 50 gives it: a pair of texts.

_FEE = re.compile(r"[CD][0-9]{1,8}")


def _read_fees(values: tuple[Any, ...], _: Context) -> list[dict[str, Any]]:
    return [
        _read_fee(name, *value)
        for name, value in zip(FEE_TYPES, values, strict=True)
        if value is not None
    ]


def _read_fee(name: str, signed: object, currency: str) -> dict[str, Any]:
    digits = text_of(signed, _FEE, "C or D and 8 digits")
    money = Money(int(digits[1:]), Currency.of(currency))
    return {"amount": money, "credit": digits[0] == "C", "type": name}


def _write_fees(fees: Any, _: Context) -> tuple[tuple[str, str] | None, ...]:
    found: dict[str, tuple[str, str]] = {}
    for fee in fees:
        name, credit, amount = (_part(fee, part) for part in ("type", "credit", "amount"))
        if name in found:
            refuse(Rule.DUPLICATE, "one data element carries one fee of a type")
        if name in FEE_TYPES:
            sign = "C" if credit else "D"
            found[name] = sign + _minor(amount, _FEE_DIGITS), _numeric(amount)
    return tuple(found.get(name) for name in FEE_TYPES)


def _part(fee: Any, name: str) -> Any:
    return fee[name] if isinstance(fee, dict) else getattr(fee, name)


FEES = Iso("fees x+n 8", _read_fees, _write_fees)


# Conversion rates: the first digit is the number of decimals, the other seven the number.

_RATE = re.compile(r"[0-9]{8}")


def _read_rate(value: object) -> str:
    text = text_of(value, _RATE, "8 digits: the number of decimals, then 7 digits")
    decimals = int(text[0])
    digits = text[1:].rjust(decimals + 1, "0")
    whole = digits[: len(digits) - decimals].lstrip("0") or "0"
    return f"{whole}.{digits[-decimals:]}" if decimals else whole


def _write_rate(rate: str) -> str:
    whole, _, decimals = rate.partition(".")
    digits = (whole + decimals).lstrip("0")
    # Trailing zeros say nothing; they go only where there is no room for them.
    while decimals.endswith("0") and (
        len(digits) > _RATE_DIGITS or len(decimals) > _RATE_DECIMALS_MAX
    ):
        digits, decimals = digits[:-1], decimals[:-1]
    if len(digits) > _RATE_DIGITS or len(decimals) > _RATE_DECIMALS_MAX:
        refuse(Rule.LIMIT, "a rate has at most 7 digits and 9 decimals")
    return f"{len(decimals)}{digits.rjust(_RATE_DIGITS, '0')}"


RATE = simple("conversion rate n 8", _read_rate, _write_rate)


# Dates and times. What carries no year is read as the nearest one to the reference instant.


def _dated(
    name: str, digits: int, rule: str, read: Callable[[str, datetime], Any], write: Any
) -> Iso:
    pattern = re.compile(f"[0-9]{{{digits}}}")

    def get(values: tuple[Any, ...], context: Context) -> Any:
        found = read(text_of(values[0], pattern, rule), context.now)
        if found is None:
            refuse(Rule.VALUE, f"no such date or time near the present: {rule}")
        return found

    return Iso(name, get, lambda value, _: (write(value),))


def _read_date(text: str, now: datetime) -> str | None:
    found = nearest_date(text, now)
    return None if found is None else found.isoformat()


def _read_expiry(text: str, now: datetime) -> str | None:
    month = int(text[2:])
    return f"{century_of(int(text[:2]), now):04}-{month:02}" if 1 <= month <= 12 else None


def _read_time(text: str, _: datetime) -> str | None:
    hour, minute, second = text[:2], text[2:4], text[4:]
    sound = int(hour) < 24 and int(minute) < 60 and int(second) < 60
    return f"{hour}:{minute}:{second}" if sound else None


def _write_instant(value: datetime) -> str:
    if value.tzinfo is None:
        refuse(Rule.VALUE, "an instant needs its distance from UTC")
    return value.astimezone(UTC).strftime("%m%d%H%M%S")


INSTANT = _dated("MMDDhhmmss in UTC", 10, "MMDDhhmmss", nearest_instant, _write_instant)
LOCAL_DATE = _dated("MMDD", 4, "MMDD", _read_date, lambda day: day[5:7] + day[8:10])
LOCAL_TIME = _dated("hhmmss", 6, "hhmmss", _read_time, lambda time: time.replace(":", ""))
EXPIRY = _dated("YYMM", 4, "YYMM", _read_expiry, lambda month: month[2:4] + month[5:7])


# Institutions inside DE 90: eleven digits, filled from the left.

_ID = re.compile(r"[0-9]{11}")

PADDED_ID = simple(
    "institution n 11",
    lambda value: text_of(value, _ID, "11 digits").lstrip("0"),
    lambda value: str(value).rjust(_ID_DIGITS, "0"),
)
