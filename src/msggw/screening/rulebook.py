"""The rulebook: limits as data (`specs/rules/*.yaml`), checked when it is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msggw.canonical import Kind
from msggw.errors import Refused, Rule
from msggw.values import Money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.screening.names import NameList

__all__ = ["AmountLimit", "Rulebook", "Window"]

_ANY = "*"


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """The greatest amount per currency code in minor units, for some kinds and KYC levels."""

    name: str
    kinds: frozenset[Kind]
    maxima: Mapping[str, int]
    kyc_level: int | None = None

    def maximum(self, amount: Money) -> int | None:
        """Return the limit in minor units for this amount's unit, or None if there is none."""
        return self.maxima.get(amount.unit.code)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `count_max` transactions (and `amount_minor_max` per currency) in `window_s`."""

    name: str
    kinds: frozenset[Kind]
    window_s: int
    count_max: int
    amount_minor_max: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules in force, with the version that decisions cite."""

    version: str
    amounts: tuple[AmountLimit, ...]
    kyc: tuple[AmountLimit, ...]
    windows: tuple[Window, ...]
    names: NameList

    @classmethod
    def build(cls, data: Mapping[str, Any], names: NameList) -> Rulebook:
        """Build from plain data; raise `Refused` for what is missing or no amount."""
        try:
            _only(data, {"version", "amounts", "kyc", "windows"})
            return cls(
                version=str(data["version"]),
                amounts=tuple(_amount_limit(item) for item in data.get("amounts", ())),
                kyc=tuple(_kyc_limit(item) for item in data.get("kyc", ())),
                windows=tuple(_window(item) for item in data.get("windows", ())),
                names=names,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if isinstance(error, Refused):
                raise
            detail = f"a rule is incomplete: {type(error).__name__} {error}"
            raise Refused.of("rules", "", Rule.SYNTAX, detail) from None


def _only(item: Mapping[str, Any], known: set[str]) -> None:
    # A misspelt key would be a limit that silently does not hold.
    for key in item:
        if key not in known:
            detail = f"known are {', '.join(sorted(known))}"
            raise Refused.of("rules", str(key), Rule.UNKNOWN, detail)


def _kinds(item: Mapping[str, Any]) -> frozenset[Kind]:
    names = item.get("kinds", [_ANY])
    return frozenset(Kind) if _ANY in names else frozenset(map(Kind, names))


def _minor(maxima: Mapping[str, str]) -> dict[str, int]:
    amounts = [Money.parse(text, str(code)) for code, text in maxima.items()]
    return {amount.unit.code: amount.minor for amount in amounts}


def _amount_limit(item: Mapping[str, Any]) -> AmountLimit:
    _only(item, {"name", "kinds", "max"})
    return AmountLimit(str(item["name"]), _kinds(item), _minor(item["max"]))


def _kyc_limit(item: Mapping[str, Any]) -> AmountLimit:
    _only(item, {"name", "kinds", "max", "kyc_level"})
    level = _whole(item, "kyc_level", least=0)
    return AmountLimit(str(item["name"]), _kinds(item), _minor(item["max"]), level)


def _window(item: Mapping[str, Any]) -> Window:
    _only(item, {"name", "kinds", "window_s", "count_max", "amount_max"})
    return Window(
        name=str(item["name"]),
        kinds=_kinds(item),
        window_s=_whole(item, "window_s", least=1),
        count_max=_whole(item, "count_max", least=0),
        amount_minor_max=_minor(item.get("amount_max", {})),
    )


def _whole(item: Mapping[str, Any], key: str, *, least: int) -> int:
    value = item[key]
    if type(value) is not int or value < least:
        raise Refused.of("rules", key, Rule.CLASS, f"a whole number from {least}")
    return value
