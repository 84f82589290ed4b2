"""The reading half of a table: one pass over its rows, collecting values, claims and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msggw.errors import Fault, Location, Refused, Rule
from msggw.translate.row import Group, Row, at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msggw.translate.iso import Context

__all__ = ["Reader", "set_path"]


class Reader:
    """Reads one foreign message. Use once."""

    def __init__(
        self, foreign: Mapping[str, Any], context: Context, standard: str, shown: str
    ) -> None:
        """Take the message; `standard` and `shown` (a path prefix) place its faults."""
        self.foreign = foreign
        self.context = context
        self.standard = standard
        self.shown = shown
        self.claimed: set[str] = set()
        self.faults: list[Fault] = []

    def read(self, entries: Sequence[Row | Group], prefix: str, into: dict[str, Any]) -> None:
        """Read every entry under a path prefix into a nested dictionary."""
        foreign = self.foreign
        for entry in entries:
            if isinstance(entry, Group):
                self._group(entry, prefix, into)
            elif entry.alone and not prefix:
                # The plain case is most of the work: one element, no prefix, absent or read.
                if entry.alone in foreign:
                    self._plain(entry, into)
            elif entry.path.endswith("[]"):
                self._list(entry, prefix, into)
            else:
                value = self._value(entry, _names(entry, prefix))
                if value is not None:
                    set_path(into, entry.path, value)

    def _plain(self, entry: Row, into: dict[str, Any]) -> None:
        one = entry.iso.one
        if one is None or entry.iso.lexical:
            value = self._value(entry, entry.sources)
        else:
            try:
                value = one(self.foreign[entry.alone])
            except Refused as refusal:
                for fault in refusal:
                    self.fault(entry.alone, fault.rule, fault.detail)
                return
            self.claimed.add(entry.alone)
        if value is not None:
            *parents, last = entry.steps
            for part in parents:
                into = into.setdefault(part, {})
            into[last] = value

    def fault(self, path: str, rule: Rule, detail: str) -> None:
        """Note a fault of a foreign path."""
        self.faults.append(Fault(Location(self.standard, self.shown + path), rule, detail))

    def _group(self, entry: Group, prefix: str, into: dict[str, Any]) -> None:
        found = []
        for index in range(1, entry.limit + 1):
            inner = prefix + at(entry.source, index) + "/"
            if not any(key.startswith(inner) for key in self.foreign):
                break
            item: dict[str, Any] = {}
            self.read(entry.rows, inner, item)
            found.append(item)
        if found:
            set_path(into, entry.path, found)

    def _list(self, entry: Row, prefix: str, into: dict[str, Any]) -> None:
        found = []
        names = _names(entry, prefix)
        for index in range(1, entry.limit + 1):
            numbered = tuple(at(name, index) for name in names)
            value = self._value(entry, numbered)
            if value is None:
                break
            found.append(value)
        if found:
            set_path(into, entry.path[:-2], found)

    def _value(self, entry: Row, names: tuple[str, ...]) -> Any:
        got = tuple([self.foreign.get(name) for name in names])
        if None in got and not _present(entry, got):
            if entry.mandatory:
                self.fault(names[0], Rule.MISSING, entry.clause)
            return None
        try:
            value = entry.iso.read(got, self.context)
        except Refused as refusal:
            for fault in refusal:
                self.fault(names[0], fault.rule, fault.detail)
            return None
        if not entry.iso.lexical or entry.iso.write(value, self.context) == got:
            self.claimed.update(names)
        return value


def set_path(values: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path, making the dictionaries on the way."""
    *parents, last = path.split(".")
    for part in parents:
        values = values.setdefault(part, {})
    values[last] = value


def _names(entry: Row, prefix: str) -> tuple[str, ...]:
    return tuple([prefix + name for name in entry.sources]) if prefix else entry.sources


def _present(entry: Row, got: tuple[Any, ...]) -> bool:
    found = False
    for value, source in zip(got, entry.sources, strict=True):
        if value is not None:
            found = True
        elif source not in entry.derived:
            return False
    return found
