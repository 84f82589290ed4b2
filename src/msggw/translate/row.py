"""One line of a mapping table, and a repeated group of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msggw.translate.iso import Iso

__all__ = ["REPEAT_MAX", "Group", "Row", "at", "group", "row"]

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
    """Foreign paths that may be absent, which the converter reads as `None`."""
    limit: int = REPEAT_MAX
    """How many repetitions the canonical list takes; further ones stay in the residue."""
    steps: tuple[str, ...] = ()
    """The canonical path, cut at its dots."""
    alone: str = ""
    """The foreign path without which there is nothing to read; empty if that is not so simple."""


@dataclass(frozen=True, slots=True)
class Group:
    """A repeated foreign group ↔ a list of canonical objects."""

    source: str
    path: str
    rows: tuple[Row | Group, ...]
    limit: int = REPEAT_MAX


def row(
    *sources: str,
    path: str,
    iso: Iso,
    clause: str,
    mandatory: bool = False,
    limit: int = REPEAT_MAX,
) -> Row:
    """Write one line of a table; a source that ends in `?` may be absent (read as `None`).

    Where every source may be absent, one that is there is enough.
    """
    optional = tuple(name[:-1] for name in sources if name.endswith("?"))
    names = tuple(name.removesuffix("?") for name in sources)
    needed = names[0] if names[0] not in optional and not mandatory else ""
    alone = "" if path.endswith("[]") else needed
    steps = tuple(path.split("."))
    return Row(names, path, iso, clause, mandatory, optional, limit, steps, alone)


def group(
    source: str, *, path: str, rows: tuple[Row | Group, ...], limit: int = REPEAT_MAX
) -> Group:
    """Write a repeated group."""
    return Group(source, path, rows, limit)


def at(name: str, index: int) -> str:
    """Return the name of the repetition `index` (from 1) of a source with `[]` or `{}` in it."""
    return name.replace("[]", f"[{index}]", 1).replace("{}", str(index), 1)
