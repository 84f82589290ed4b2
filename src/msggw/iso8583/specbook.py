"""A dialect for readers: its faults, its field book, and how it differs from another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso8583 import speclang
from msggw.iso8583.sensitivity import STANDARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from msggw.iso8583.spec import FieldSpec, Spec

__all__ = ["Difference", "book", "differences", "lint"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A data element that two dialects write differently; empty where one does not have it."""

    number: str
    left: str
    right: str


def lint(name_or_path: str | Path) -> tuple[Fault, ...]:
    """Return everything wrong with a spec file: what keeps it from loading, and missing masks."""
    try:
        spec = speclang.load(name_or_path)
    except Refused as refusal:
        return refusal.faults
    return tuple(_unmasked(spec))


def _unmasked(spec: Spec) -> Iterator[Fault]:
    for number in ("2", "35", "36", "45", "52", "55"):
        field = spec.fields.get(number)
        if field is not None and field.sensitivity == "none":
            where = Location("iso8583-spec", f"fields.{number}.sensitivity")
            detail = f"{STANDARD[number]} expected: this element carries card data"
            yield Fault(where, Rule.SECURITY, detail)


def book(spec: Spec) -> tuple[tuple[str, str, str, str, str], ...]:
    """Return number, format, encoding, sensitivity and name of each element, parts included."""
    return tuple(row for field in spec.fields.values() for row in _rows(field, ""))


def _rows(field: FieldSpec, above: str) -> Iterator[tuple[str, str, str, str, str]]:
    path = f"{above}{field.number}"
    yield path, field.format, _written(field), field.sensitivity, field.name
    if field.composite is not None:
        for part in field.composite.parts.values():
            yield from _rows(part, f"{path}.")


def _written(field: FieldSpec) -> str:
    return f"{field.encoding.name}, length {field.prefix}" if field.prefix else field.encoding.name


def differences(left: Spec, right: Spec) -> tuple[Difference, ...]:
    """Return the elements, parts included, whose format or encoding differ."""
    ours = {path: f"{form}, {written}" for path, form, written, *_ in book(left)}
    theirs = {path: f"{form}, {written}" for path, form, written, *_ in book(right)}
    return tuple(
        Difference(path, ours.get(path, ""), theirs.get(path, ""))
        for path in dict.fromkeys([*ours, *theirs])
        if ours.get(path) != theirs.get(path)
    )
