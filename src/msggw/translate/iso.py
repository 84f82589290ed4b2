"""Converters that can be undone.

An `Iso` reads foreign values into one canonical value and writes it back. Laws, tested for every
table: `read(write(c)) == c`, and `write(read(w)) == w` for whatever `read` accepts; a `lexical`
converter is excused from the second, because the table keeps the sender's writing for it. A
converter raises `Refused` for foreign values that it cannot read; its fault is placed by the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

__all__ = ["TEXT", "Context", "Iso", "code_table", "simple"]


@dataclass(frozen=True, slots=True)
class Context:
    """What a converter may need beyond the value: an instant that dates without a year are near."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Iso:
    """A converter between `n` foreign values (a tuple) and one canonical value."""

    name: str
    read: Callable[[tuple[Any, ...], Context], Any]
    write: Callable[[Any, Context], tuple[Any, ...]]
    lexical: bool = False
    """Several foreign writings mean one canonical value (`10.5` and `10.50`, a code in one of two
    places). A writing other than the converter's own stays in the residue and is given back as
    long as it still means the canonical value. Never set this for a converter of a secret."""
    one: Callable[[Any], Any] | None = None
    """`read` for a converter of one foreign value that needs no context: the quick way in."""


def simple(name: str, read: Callable[[Any], Any], write: Callable[[Any], Any]) -> Iso:
    """Make a converter of one foreign value that needs no context."""
    return Iso(name, lambda values, _: read(values[0]), lambda value, _: (write(value),), one=read)


TEXT = simple("text", lambda value: value, str)
"""Text as it is."""


def code_table(name: str, table: Mapping[str, str], unknown: Callable[[str], Exception]) -> Iso:
    """Make a converter from a one-to-one table; `unknown` builds the refusal."""
    back = {value: key for key, value in table.items()}
    if len(back) != len(table):
        msg = f"{name}: two codes share a meaning, so it cannot be undone"
        raise ValueError(msg)

    def look_up(source: Mapping[str, str], key: str) -> str:
        try:
            return source[key]
        except KeyError:
            raise unknown(name) from None

    return simple(name, lambda key: look_up(table, key), lambda key: look_up(back, key))
