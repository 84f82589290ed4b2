"""One mapping table per message, read in both directions.

The foreign side is a flat mapping from path to value: `{"4": "000000001000"}` for ISO 8583,
`{"CdtTrfTxInf[1]/IntrBkSttlmAmt": "10.00"}` for ISO 20022. The canonical side is a nested mapping,
built for and read from `msggw.canonical.Transaction`. A row claims foreign paths; what no row
claims is the *residue*, returned by `get` and given back to `put`, so that a round trip within
one standard is exact. What a table has no row for is reported by `loss`.

Repetition: a path part that ends in `[]` stands for every index. `RmtInf/Ustrd[]` with the
canonical path `purpose.unstructured[]` maps element by element. A `Group` maps whole objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msggw.errors import Fault, Location, Refused, Rule
from msggw.translate.loss import Loss, LossKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msggw.translate.iso import Context, Iso

__all__ = ["Group", "Reading", "Row", "Table", "group", "row"]

REPEAT_MAX = 100_000
"""No repeated element is looked for beyond this index."""


@dataclass(frozen=True, slots=True)
class Row:
    """Foreign path(s) ↔ one canonical path, by a converter; `clause` says where it is written."""

    sources: tuple[str, ...]
    path: str
    iso: Iso
    clause: str
    mandatory: bool = False
    derived: tuple[str, ...] = ()
    """Optional further foreign paths the converter reads as `None` when absent."""


@dataclass(frozen=True, slots=True)
class Group:
    """A repeated foreign group ↔ a list of canonical objects."""

    source: str
    path: str
    rows: tuple[Row, ...]


def row(*sources: str, path: str, iso: Iso, clause: str, mandatory: bool = False) -> Row:
    """Write one line of a table; a source that ends in `?` may be absent (read as `None`)."""
    optional = tuple(name[:-1] for name in sources if name.endswith("?"))
    names = tuple(name.removesuffix("?") for name in sources)
    return Row(names, path, iso, clause, mandatory, optional)


def group(source: str, *, path: str, rows: tuple[Row, ...]) -> Group:
    """Write a repeated group."""
    return Group(source, path, rows)


@dataclass(frozen=True, slots=True)
class Reading:
    """What `get` gives: the nested canonical values and the foreign paths no row claimed."""

    values: dict[str, Any]
    residue: dict[str, Any]


@dataclass(frozen=True)
class Table:
    """A mapping between one foreign message and the canonical model."""

    name: str
    standard: str
    rows: tuple[Row | Group, ...]
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Foreign paths with one value in this message."""
    canonical: Mapping[str, Any] = field(default_factory=dict)
    """Canonical paths with one value in this message, such as `kind`."""
    prefix: str = ""
    """How a foreign path is shown in a fault: `DE` for ISO 8583, `/` for XML."""

    def get(self, foreign: Mapping[str, Any], context: Context) -> Reading:
        """Read a foreign message; raise `Refused` with every fault of every row."""
        values: dict[str, Any] = {}
        claimed: set[str] = set(self.constants)
        faults = list(self._wrong_constants(foreign))
        for path, value in self.canonical.items():
            _set(values, path, value)
        for entry in self.rows:
            try:
                if isinstance(entry, Group):
                    self._get_group(entry, foreign, values, claimed, context)
                else:
                    self._get_row(entry, foreign, values, claimed, context)
            except Refused as refusal:
                faults += refusal.faults
        Refused.raise_if(faults)
        return Reading(values, {key: foreign[key] for key in foreign if key not in claimed})

    def put(
        self, values: Mapping[str, Any], residue: Mapping[str, Any], context: Context
    ) -> dict[str, Any]:
        """Write the foreign message; raise `Refused` if a mandatory part has no value."""
        out: dict[str, Any] = dict(self.constants)
        faults: list[Fault] = []
        for entry in self.rows:
            try:
                if isinstance(entry, Group):
                    _put_group(entry, values, out, context)
                else:
                    self._put_row(entry, values, out, context)
            except Refused as refusal:
                faults += refusal.faults
        Refused.raise_if(faults)
        for key, value in residue.items():
            out.setdefault(key, value)
        return out

    def loss(self, values: Mapping[str, Any]) -> list[Loss]:
        """Name every canonical leaf with a value that this message has no place for."""
        claimed = set(self.canonical) | {"residue", "sensitive"}
        for entry in self.rows:
            claimed.add(entry.path.replace("[]", ""))
        return [
            Loss(LossKind.DROPPED, path, self.name, "no place in the target", Severity.WARNING)
            for path in _leaves(values)
            if not any(path == known or path.startswith(known + ".") for known in claimed)
        ]

    def _wrong_constants(self, foreign: Mapping[str, Any]) -> Iterator[Fault]:
        for path, expected in self.constants.items():
            if path in foreign and foreign[path] != expected:
                yield self._fault(path, Rule.VALUE, "another value than this message has")

    def _get_row(
        self,
        entry: Row,
        foreign: Mapping[str, Any],
        values: dict[str, Any],
        claimed: set[str],
        context: Context,
    ) -> None:
        if entry.path.endswith("[]"):
            self._get_list(entry, foreign, values, claimed, context)
            return
        value = self._read(entry, entry.sources, foreign, claimed, context)
        if value is not None:
            _set(values, entry.path, value)

    def _get_list(
        self,
        entry: Row,
        foreign: Mapping[str, Any],
        values: dict[str, Any],
        claimed: set[str],
        context: Context,
    ) -> None:
        found = []
        for index in range(1, REPEAT_MAX):
            names = tuple(_at(name, index) for name in entry.sources)
            value = self._read(entry, names, foreign, claimed, context)
            if value is None:
                break
            found.append(value)
        if found:
            _set(values, entry.path[:-2], found)

    def _get_group(
        self,
        entry: Group,
        foreign: Mapping[str, Any],
        values: dict[str, Any],
        claimed: set[str],
        context: Context,
    ) -> None:
        found = []
        for index in range(1, REPEAT_MAX):
            prefix = _at(entry.source, index) + "/"
            if not any(key.startswith(prefix) for key in foreign):
                break
            item: dict[str, Any] = {}
            for part in entry.rows:
                names = tuple(prefix + name for name in part.sources)
                value = self._read(part, names, foreign, claimed, context)
                if value is not None:
                    _set(item, part.path, value)
            found.append(item)
        if found:
            _set(values, entry.path, found)

    def _read(
        self,
        entry: Row,
        names: tuple[str, ...],
        foreign: Mapping[str, Any],
        claimed: set[str],
        context: Context,
    ) -> Any:
        got = tuple(foreign.get(name) for name in names)
        if got[0] is None or any(
            value is None and source not in entry.derived
            for value, source in zip(got, entry.sources, strict=True)
        ):
            if entry.mandatory:
                raise Refused(self._fault(names[0], Rule.MISSING, entry.clause))
            return None
        try:
            value = entry.iso.read(got, context)
        except Refused as refusal:
            where = self._fault(names[0], Rule.VALUE, "").where
            raise Refused(*(Fault(where, f.rule, f.detail) for f in refusal)) from None
        claimed.update(names)
        return value

    def _put_row(
        self, entry: Row, values: Mapping[str, Any], out: dict[str, Any], context: Context
    ) -> None:
        many = entry.path.endswith("[]")
        value = _find(values, entry.path.removesuffix("[]"))
        if value is None:
            if entry.mandatory:
                detail = f"{self.name} needs {entry.sources[0]} ({entry.clause})"
                raise Refused.of("canonical", entry.path, Rule.MISSING, detail)
            return
        if not many:
            _write(entry, entry.sources, value, out, context)
            return
        for index, item in enumerate(value, start=1):
            names = tuple(_at(name, index) for name in entry.sources)
            _write(entry, names, item, out, context)

    def _fault(self, path: str, rule: Rule, detail: str) -> Fault:
        return Fault(Location(self.standard, self.prefix + path), rule, detail)


def _put_group(
    entry: Group, values: Mapping[str, Any], out: dict[str, Any], context: Context
) -> None:
    for index, item in enumerate(_find(values, entry.path) or (), start=1):
        prefix = _at(entry.source, index) + "/"
        for part in entry.rows:
            value = _find(item, part.path)
            if value is not None:
                names = tuple(prefix + name for name in part.sources)
                _write(part, names, value, out, context)


def _write(
    entry: Row, names: tuple[str, ...], value: Any, out: dict[str, Any], context: Context
) -> None:
    try:
        written = entry.iso.write(value, context)
    except Refused as refusal:
        where = Location("canonical", entry.path)
        raise Refused(*(Fault(where, f.rule, f.detail) for f in refusal)) from None
    for name, part in zip(names, written, strict=True):
        if part is not None:
            out[name] = part


def _at(name: str, index: int) -> str:
    return name.replace("[]", f"[{index}]", 1)


def _find(values: Any, path: str) -> Any:
    for part in path.split("."):
        if values is None:
            return None
        values = values.get(part) if isinstance(values, dict) else getattr(values, part, None)
    return values


def _set(values: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        values = values.setdefault(part, {})
    values[last] = value



def _leaves(values: Any, path: str = "") -> Iterator[str]:
    if hasattr(values, "model_fields_set"):
        values = {name: getattr(values, name) for name in values.model_fields_set}
    if isinstance(values, dict):
        for key, item in values.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif values is not None and values != () and values != []:
        yield path
