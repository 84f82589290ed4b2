"""The route table: which adapter takes a transaction, and why.

Data in `specs/routes/*.yaml`, three lists looked through in order: `cards` by issuer identification
number range, `transfers` by creditor agent, scheme and currency, `others` by kind and asset.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msggw.canonical import CARD_KINDS, Kind, Transaction
from msggw.errors import Refused, Rule
from msggw.values import Pan

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Route", "RouteTable"]

_TRANSFER_KINDS = frozenset(
    {Kind.CREDIT_TRANSFER, Kind.RETURN, Kind.CANCELLATION_REQUEST, Kind.STATUS_REQUEST}
)
_IIN_DIGITS = 8
_IIN = re.compile(r"[0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class Route:
    """The chosen adapter, and in words the row that chose it."""

    adapter: str
    why: str


@dataclass(frozen=True, slots=True)
class _Range:
    low: int
    high: int
    adapter: str
    name: str


@dataclass(frozen=True, slots=True)
class _Condition:
    adapter: str
    name: str
    kinds: frozenset[Kind]
    bic_prefix: str
    scheme: str
    currency: str
    asset: str

    def matches(self, transaction: Transaction) -> bool:
        """Return whether every condition that the row states holds."""
        agent = transaction.creditor_agent
        bic = "" if agent is None or agent.bic is None else agent.bic
        code = "" if transaction.amount is None else transaction.amount.unit.code
        return (
            transaction.kind in self.kinds
            and bic.startswith(self.bic_prefix)
            and self.scheme in {"", transaction.scheme}
            and self.currency in {"", code}
            and self.asset in {"", code}
        )


class RouteTable:
    """An immutable route table."""

    def __init__(self, version: str, ranges: list[_Range], conditions: list[_Condition]) -> None:
        """Take checked rows; ranges must not overlap."""
        self.version = version
        self._ranges = sorted(ranges, key=lambda item: item.low)
        self._lows = [item.low for item in self._ranges]
        self._conditions = tuple(conditions)
        for before, behind in zip(self._ranges, self._ranges[1:], strict=False):
            if behind.low <= before.high:
                detail = f"{before.name} and {behind.name} overlap"
                raise Refused.of("routes", "cards", Rule.CONFLICT, detail)

    @classmethod
    def build(cls, data: Mapping[str, Any]) -> RouteTable:
        """Build from plain data; raise `Refused` for rows that cannot be meant."""
        try:
            _only(data, {"version", "cards", "transfers", "others"})
            ranges = [_range(item) for item in data.get("cards", ())]
            conditions = [
                _condition(item, _TRANSFER_KINDS) for item in data.get("transfers", ())
            ] + [_condition(item, frozenset(Kind)) for item in data.get("others", ())]
            return cls(str(data["version"]), ranges, conditions)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, Refused):
                raise
            detail = f"a route is incomplete: {type(error).__name__} {error}"
            raise Refused.of("routes", "", Rule.SYNTAX, detail) from None

    @property
    def adapters(self) -> tuple[str, ...]:
        """Every adapter the table names, once."""
        names = [item.adapter for item in self._ranges]
        names += [item.adapter for item in self._conditions]
        return tuple(dict.fromkeys(names))

    def choose(self, transaction: Transaction) -> Route | None:
        """Return the route, or None if no row matches."""
        card = transaction.card
        if transaction.kind in CARD_KINDS and card is not None and isinstance(card.pan, Pan):
            found = self._by_iin(card.pan.iin)
            if found is not None:
                return found
        for condition in self._conditions:
            if condition.matches(transaction):
                return Route(condition.adapter, f"{condition.name} ({self.version})")
        return None

    def _by_iin(self, iin: str) -> Route | None:
        number = int(iin)
        index = bisect_right(self._lows, number) - 1
        if index < 0 or number > self._ranges[index].high:
            return None
        hit = self._ranges[index]
        return Route(hit.adapter, f"IIN range {hit.name} ({self.version})")


def _range(item: Mapping[str, Any]) -> _Range:
    _only(item, {"name", "from", "to", "adapter"})
    first = item["from"]
    last = item.get("to", first)
    # Text, because YAML would read 0400 as the octal number 256.
    if not all(isinstance(end, str) and _IIN.fullmatch(end) for end in (first, last)):
        raise Refused.of("routes", "cards", Rule.CLASS, "from and to are texts of 1 to 8 digits")
    low, high = int(first.ljust(_IIN_DIGITS, "0")), int(last.ljust(_IIN_DIGITS, "9"))
    if high < low:
        raise Refused.of("routes", "cards", Rule.VALUE, "to comes before from")
    return _Range(low, high, str(item["adapter"]), str(item.get("name", f"{first}-{last}")))


def _only(item: Mapping[str, Any], known: set[str]) -> None:
    # A misspelt condition would be a row that matches more than was meant.
    for key in item:
        if key not in known:
            detail = f"known are {', '.join(sorted(known))}"
            raise Refused.of("routes", str(key), Rule.UNKNOWN, detail)


def _condition(item: Mapping[str, Any], kinds: frozenset[Kind]) -> _Condition:
    _only(item, {"adapter", "name", "kinds", "bic_prefix", "scheme", "currency", "asset"})
    named = item.get("kinds")
    return _Condition(
        adapter=str(item["adapter"]),
        name=str(item["name"]),
        kinds=kinds if named is None else frozenset(map(Kind, named)),
        bic_prefix=str(item.get("bic_prefix", "")),
        scheme=str(item.get("scheme", "")),
        currency=str(item.get("currency", "")),
        asset=str(item.get("asset", "")),
    )
