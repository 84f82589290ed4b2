"""Money: an integer count of minor units and the unit it counts. Never a float.

ISO 8583 amounts (n 12) and card APIs are minor units already; the decimal point appears only at
the edges (ISO 20022, JSON) and is placed by the exponent of the unit (ISO 4217).
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Self

from msggw.errors import Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["AMOUNT_PATTERN", "MINOR_DIGITS_MAX", "Asset", "Currency", "Money"]

MINOR_DIGITS_MAX = 36
"""No amount has more digits; 18 is ISO 20022's limit, tokens with 18 decimals need more."""

AMOUNT_PATTERN = r"(?:0|[1-9][0-9]{0,35})(?:\.[0-9]{1,18})?"
_AMOUNT = re.compile(AMOUNT_PATTERN)
_CODE = re.compile(r"[A-Z]{3}")
_ASSET = re.compile(r"[A-Z0-9][A-Z0-9.]{1,15}")


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: alphabetic code, numeric code, and minor-unit exponent."""

    code: str
    numeric: str
    exponent: int

    @classmethod
    def of(cls, code: str) -> Currency:
        """Return the currency with this alphabetic or numeric code, or raise `Refused`."""
        found = _currencies().get(code) if isinstance(code, str) else None
        if found is None:
            raise Refused.of("value", "Currency", Rule.UNKNOWN, "an ISO 4217 code is expected")
        return found


@dataclass(frozen=True, slots=True)
class Asset:
    """A unit outside ISO 4217 (a token or coin) whose exponent its own ledger fixes."""

    code: str
    exponent: int

    def __post_init__(self) -> None:
        """Refuse codes that could be taken for a currency and exponents no ledger has."""
        if not isinstance(self.code, str) or type(self.exponent) is not int:
            raise Refused.of("value", "Asset", Rule.CLASS, "a text and a whole number")
        if _ASSET.fullmatch(self.code) is None or self.code in _currencies():
            raise Refused.of(
                "value", "Asset", Rule.VALUE, "2 to 16 of A-Z, 0-9 and dot, no currency"
            )
        if not 0 <= self.exponent <= 18:
            raise Refused.of("value", "Asset", Rule.VALUE, "exponent 0 to 18")


@cache
def _currencies() -> Mapping[str, Currency]:
    table: dict[str, Currency] = {}
    text = files("msggw.values").joinpath("iso4217.csv").read_text("ascii")
    for code, numeric, exponent in csv.reader(text.splitlines()[1:]):
        table[code] = table[numeric] = Currency(code, numeric, int(exponent))
    return table


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (never negative) of `unit`.

    >>> Money.parse("10.50", "KZT")
    Money(minor=1050, unit=Currency(code='KZT', numeric='398', exponent=2))
    """

    minor: int
    unit: Currency | Asset

    def __post_init__(self) -> None:
        """Refuse floats, bools, negative and over-long amounts."""
        if type(self.minor) is not int:
            raise Refused.of("value", "Money", Rule.CLASS, "minor units are a whole number")
        if self.minor < 0 or self.minor >= 10**MINOR_DIGITS_MAX:
            raise Refused.of("value", "Money", Rule.LIMIT, f"0 to {MINOR_DIGITS_MAX} digits")

    @classmethod
    def parse(cls, text: str, unit: str | Currency | Asset) -> Self:
        """Read a decimal amount; more decimals than the unit has are refused, never rounded."""
        if not isinstance(text, str) or _AMOUNT.fullmatch(text) is None:
            raise Refused.of(
                "value", "Money", Rule.SYNTAX, "decimal text such as 10.50 is expected"
            )
        resolved = Currency.of(unit) if isinstance(unit, str) else unit
        whole, _, fraction = text.partition(".")
        if len(fraction.rstrip("0")) > resolved.exponent:
            detail = f"at most {resolved.exponent} decimals in this currency"
            raise Refused.of("value", "Money", Rule.VALUE, detail)
        digits = fraction[: resolved.exponent].ljust(resolved.exponent, "0")
        return cls(int(whole + digits), resolved)

    def decimal_text(self) -> str:
        """Return the amount with exactly the unit's number of decimals."""
        exponent = self.unit.exponent
        if exponent == 0:
            return str(self.minor)
        digits = str(self.minor).rjust(exponent + 1, "0")
        return f"{digits[:-exponent]}.{digits[-exponent:]}"

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one unit; other units raise `Refused`."""
        self._same_unit(other)
        return Money(self.minor + other.minor, self.unit)

    def __sub__(self, other: Money) -> Money:
        """Subtract; a negative result raises `Refused`."""
        self._same_unit(other)
        return Money(self.minor - other.minor, self.unit)

    def _same_unit(self, other: Money) -> None:
        if self.unit != other.unit:
            raise Refused.of("value", "Money", Rule.CONFLICT, "amounts of two currencies")

    @classmethod
    def from_json(cls, value: object) -> Money:
        """Build from `{"value": "10.50", "currency": "KZT"}`, or `asset` and `exponent` instead."""
        if isinstance(value, Money):
            return value
        if not isinstance(value, dict):
            raise Refused.of("value", "Money", Rule.CLASS, "an object with value and currency")
        keys = frozenset(value)
        if keys == {"value", "currency"}:
            return cls.parse(value["value"], _alphabetic(value["currency"]))
        if keys == {"value", "asset", "exponent"}:
            return cls.parse(value["value"], Asset(value["asset"], value["exponent"]))
        detail = "exactly value and currency, or value, asset and exponent"
        raise Refused.of("value", "Money", Rule.SYNTAX, detail)

    def as_json(self) -> dict[str, str | int]:
        """Return the JSON form; the amount is text."""
        if isinstance(self.unit, Currency):
            return {"value": self.decimal_text(), "currency": self.unit.code}
        exponent = self.unit.exponent
        return {"value": self.decimal_text(), "asset": self.unit.code, "exponent": exponent}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic models hold money in its JSON form."""
        from pydantic_core import core_schema  # noqa: PLC0415 - values stays importable on its own

        return core_schema.no_info_plain_validator_function(
            cls.from_json,
            serialization=core_schema.plain_serializer_function_ser_schema(cls.as_json),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Publish the JSON form."""
        amount = {"type": "string", "pattern": f"^{AMOUNT_PATTERN}$"}
        code = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217"}
        asset = {"type": "string", "pattern": f"^{_ASSET.pattern}$"}
        exponent = {"type": "integer", "minimum": 0, "maximum": 18}
        return {
            "oneOf": [
                _object({"value": amount, "currency": code}),
                _object({"value": amount, "asset": asset, "exponent": exponent}),
            ],
        }


def _alphabetic(code: object) -> Currency:
    # The numeric code is ISO 8583's; in JSON it would be a second name for the same currency.
    if not isinstance(code, str) or _CODE.fullmatch(code) is None:
        raise Refused.of("value", "Currency", Rule.SYNTAX, "3 upper-case letters")
    return Currency.of(code)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
