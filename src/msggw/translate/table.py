"""One mapping table per message, read in both directions.

The foreign side is a flat mapping from path to value: `{"4": "000000001000"}` for ISO 8583,
`{"CdtTrfTxInf/IntrBkSttlmAmt": "10.00"}` for ISO 20022. The canonical side is a nested mapping,
built for and read from `msggw.canonical.Transaction`. A row claims foreign paths; what no row
claims is the *residue*, returned by `get` and given back to `put`, so that a round trip within
one standard is exact. What a table has no row for is reported by `loss`.

Repetition: a path part that ends in `[]` stands for every index. `RmtInf/Ustrd[]` with the
canonical path `purpose.unstructured[]` maps element by element. A `Group` maps whole objects; in
its source `{}` stands for a number that is part of the name (`IntrmyAgt{}` is `IntrmyAgt1`, …).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msggw.errors import Refused, Rule
from msggw.translate.loss import Loss, LossKind, Severity
from msggw.translate.reader import Reader, set_path
from msggw.translate.row import Group, Row, group, row
from msggw.translate.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msggw.translate.iso import Context

__all__ = ["Group", "Reading", "Row", "Table", "group", "row"]


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
        for path, value in self.canonical.items():
            set_path(values, path, value)
        reader = Reader(foreign, context, self.standard, self.prefix)
        for path, expected in self.constants.items():
            if path in foreign and foreign[path] != expected:
                reader.fault(path, Rule.VALUE, "another value than this message has")
        reader.claimed.update(self.constants)
        reader.read(self.rows, "", values)
        Refused.raise_if(reader.faults)
        return Reading(values, {k: v for k, v in foreign.items() if k not in reader.claimed})

    def put(self, values: Any, residue: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Write the foreign message; raise `Refused` if a mandatory part has no value.

        `values` is a nested mapping or a canonical model.
        """
        writer = Writer(residue, context, self.name)
        writer.out.update(self.constants)
        writer.write(self.rows, "", values)
        Refused.raise_if(writer.faults)
        writer.merge()
        return writer.out

    def loss(self, values: Any) -> list[Loss]:
        """Name every canonical leaf with a value that this message has no place for."""
        claimed = set(self.canonical) | {"residue", "sensitive"}
        claimed.update(entry.path.removesuffix("[]") for entry in self.rows)
        return [
            Loss(LossKind.DROPPED, path, self.name, "no place in the target", Severity.WARNING)
            for path in _leaves(values)
            if not any(path == known or path.startswith(known + ".") for known in claimed)
        ]


def _leaves(values: Any, path: str = "") -> Iterator[str]:
    if hasattr(values, "model_fields_set"):
        values = {name: getattr(values, name) for name in sorted(values.model_fields_set)}
    if isinstance(values, dict):
        for key, item in values.items():
            yield from _leaves(item, f"{path}.{key}" if path else key)
    elif values is not None and values not in ((), []):
        yield path
