"""The writing half of a table: canonical values and residue back to a foreign message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msggw.errors import Fault, Location, Refused, Rule
from msggw.translate.row import Group, Row, at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msggw.translate.iso import Context

__all__ = ["Writer", "find_path"]


class Writer:
    """Writes one foreign message. Use once."""

    def __init__(self, residue: Mapping[str, Any], context: Context, name: str) -> None:
        """Take what no row claimed; `name` is what a fault calls the message."""
        self.residue = residue
        self.context = context
        self.name = name
        self.out: dict[str, Any] = {}
        self.faults: list[Fault] = []
        self._own: set[str] = set()

    def write(self, entries: Sequence[Row | Group], prefix: str, values: Any) -> None:
        """Write every entry under a path prefix from a nested mapping or a model."""
        for entry in entries:
            if isinstance(entry, Group):
                for index, item in enumerate(find_path(values, entry.path) or (), start=1):
                    self.write(entry.rows, prefix + at(entry.source, index) + "/", item)
            else:
                self._row(entry, prefix, find_path(values, entry.path.removesuffix("[]")))

    def merge(self) -> None:
        """Add the residue; what a row has written, or decided not to write, is not overwritten."""
        for path, value in self.residue.items():
            if path not in self._own:
                self.out.setdefault(path, value)

    def _row(self, entry: Row, prefix: str, value: Any) -> None:
        names = tuple([prefix + name for name in entry.sources])
        if value is None:
            if entry.mandatory:
                detail = f"{self.name} needs {names[0]} ({entry.clause})"
                self.faults.append(Fault(Location("canonical", entry.path), Rule.MISSING, detail))
            self._own.update(names if entry.iso.lexical else ())
        elif entry.path.endswith("[]"):
            for index, item in enumerate(value, start=1):
                self._value(entry, tuple(at(name, index) for name in names), item)
        else:
            self._value(entry, names, value)

    def _value(self, entry: Row, names: tuple[str, ...], value: Any) -> None:
        try:
            written = entry.iso.write(value, self.context)
        except Refused as refusal:
            where = Location("canonical", entry.path)
            self.faults += [Fault(where, fault.rule, fault.detail) for fault in refusal]
            return
        if entry.iso.lexical:
            self._own.update(names)
            written = self._as_it_came(entry, names, value) or written
        for name, part in zip(names, written, strict=True):
            if part is not None:
                self.out[name] = part

    def _as_it_came(self, entry: Row, names: tuple[str, ...], value: Any) -> tuple[Any, ...] | None:
        # The sender's own writing, if it is kept and still means the canonical value.
        kept = tuple([self.residue.get(name) for name in names])
        if not any(part is not None for part in kept):
            return None
        try:
            return kept if entry.iso.read(kept, self.context) == value else None
        except Refused:
            return None


def find_path(values: Any, path: str) -> Any:
    """Return what stands at a dotted path of dictionaries or models, or None."""
    for part in path.split("."):
        if values is None:
            return None
        values = values.get(part) if isinstance(values, dict) else getattr(values, part, None)
    return values
