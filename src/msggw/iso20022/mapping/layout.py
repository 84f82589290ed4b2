"""How a message holds its transactions: split into one flat mapping each, and joined again.

A group header is copied into every transaction, so that each can go its own way. Joining takes
the common part from the first, insists that the others agree, numbers the transactions and puts
the counts and control sums right.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso20022.mapping.converters import decimal_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["Layout"]

_PLACE = "@place"
"""Residue key: the number of the outer group a transaction came from, if it is not the first."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the transactions of a message stand.

    `unit` is the path of one transaction without numbers (`CdtTrfTxInf`, `Undrlyg/TxInf`).
    `fallback` is the repeated group that stands for itself where there is no transaction.
    """

    unit: str
    fallback: str = ""
    count: str = ""
    control_sum: str = ""
    total: str = ""
    amount: str = ""

    def split(self, fields: Mapping[str, str]) -> list[dict[str, str]]:
        """Return one flat mapping per transaction; its number is taken out of the paths."""
        units, outer, common = self._sort(fields)
        if not units and self.fallback:
            return self._split_fallback(fields)
        if not units:
            return [dict(common)]
        return [
            {**common, **outer.get(place[0], {}), **_placed(place), **own}
            for place, own in sorted(units.items())
        ]

    def join(self, parts: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """Return the flat message of these transactions; raise `Refused` if they do not agree."""
        *above, _ = self.unit.split("/")
        if self.fallback and not any(self._has_unit(part) for part in parts):
            return self._join_fallback(parts)
        out: dict[str, str] = {}
        numbers: dict[str, int] = {}
        for index, part in enumerate(parts):
            place = part.get(_PLACE, "1")
            if self._has_unit(part):
                numbers[place] = numbers.get(place, 0) + 1
            own = self._numbered(part, place if above else "", numbers.get(place, 0))
            if index and any(out.get(path, text) != text for path, text in own.items()):
                detail = "transactions of one message have one group header"
                raise Refused.of("canonical", "/", Rule.CONFLICT, detail)
            out.update(own)
        return self._counted(out, parts)

    def _sort(
        self, fields: Mapping[str, str]
    ) -> tuple[dict[tuple[int, int], dict[str, str]], dict[int, dict[str, str]], dict[str, str]]:
        units: dict[tuple[int, int], dict[str, str]] = {}
        outer: dict[int, dict[str, str]] = {}
        common: dict[str, str] = {}
        *above, last = self.unit.split("/")
        pattern = _pattern(above[0] if above else "", last)
        for path, text in fields.items():
            found = pattern.match(path)
            if found is None:
                common[path] = text
                continue
            group = int(found.group("group") or 1)
            if found.group("number"):
                units.setdefault((group, int(found.group("number"))), {})[
                    self.unit + path[found.end() :]
                ] = text
            else:
                outer.setdefault(group, {})[above[0] + path[found.end() :]] = text
        for group in outer:
            if not any(place[0] == group for place in units):
                units[group, 0] = {}
        return units, outer, common

    def _has_unit(self, part: Mapping[str, str]) -> bool:
        return any(path.startswith(f"{self.unit}/") for path in part)

    def _split_fallback(self, fields: Mapping[str, str]) -> list[dict[str, str]]:
        parts = Layout(self.fallback).split(fields)
        return [_renamed(part, f"{self.fallback}/", f"{self.fallback}[1]/") for part in parts]

    def _join_fallback(self, parts: Sequence[Mapping[str, str]]) -> dict[str, str]:
        renamed = [_renamed(part, f"{self.fallback}[1]/", f"{self.fallback}/") for part in parts]
        return Layout(self.fallback).join(renamed)

    def _numbered(self, part: Mapping[str, str], place: str, number: int) -> dict[str, str]:
        *above, last = self.unit.split("/")
        group = f"{above[0]}/" if above else ""
        placed = f"{above[0]}[{place}]/" if above else ""
        out = {}
        for path, text in part.items():
            if path.startswith(f"{self.unit}/"):
                out[f"{placed}{last}[{number}]{path[len(self.unit) :]}"] = text
            elif above and path.startswith(group):
                out[placed + path[len(group) :]] = text
            elif path != _PLACE:
                out[path] = text
        return out

    def _counted(
        self, fields: dict[str, str], parts: Sequence[Mapping[str, str]]
    ) -> dict[str, str]:
        units = sum(self._has_unit(part) for part in parts)
        if self.count and units and not _same(fields.get(self.count), Decimal(units)):
            fields[self.count] = str(units)
        amounts = [
            Decimal(decimal_text(part[self.amount])) for part in parts if self.amount in part
        ]
        for path in filter(None, (self.control_sum, self.total)):
            if path in fields and not _same(fields[path], _sum(amounts)):
                fields[path] = str(_sum(amounts))
        return fields


def _pattern(group: str, last: str) -> re.Pattern[str]:
    if group:
        return re.compile(rf"{group}\[(?P<group>[0-9]+)\](?:/{last}\[(?P<number>[0-9]+)\](?=/))?")
    return re.compile(rf"(?P<group>){last}\[(?P<number>[0-9]+)\](?=/)")


def _renamed(part: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    return {
        new + path.removeprefix(old) if path.startswith(old) else path: text
        for path, text in part.items()
    }


def _placed(place: tuple[int, int]) -> dict[str, str]:
    return {_PLACE: str(place[0])} if place[0] != 1 else {}


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def _same(text: str | None, number: Decimal) -> bool:
    return text is not None and Decimal(decimal_text(text)) == number
