"""A shape: one combination of data elements and lengths, as one regular expression.

Messages of a link repeat few shapes: the same bitmap, the same lengths of card number and merchant
data. Once a shape has been seen often enough, all of its lengths and content classes are checked
by a single match in C. Every repeat count in the expression is fixed, so it cannot backtrack:
matching takes time linear in the message. As every place is fixed too, all values are then cut
from one decoded text.

The expression holds lengths and classes only, never content.
"""

from __future__ import annotations

import re
from functools import cache
from operator import add
from typing import TYPE_CHECKING, Any, TypeAlias

from msggw.iso8583.encoding import ALL_BYTES
from msggw.iso8583.view import HEX, RAW, common_codec, picker, place_in_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.spec import FieldSpec

__all__ = ["Shape", "parts_sound"]


_GETTERS_MAX = 8

Match: TypeAlias = "Callable[[bytes, int], re.Match[bytes] | None]"
"""Matches all of a message from this offset on."""

Getter: TypeAlias = "Callable[[bytes], tuple[str, ...]]"
"""Cuts several text values from the bytes of a message."""


class Shape:
    """The compiled form of one combination of data elements and lengths."""

    __slots__ = (
        "_alone",
        "_codec",
        "_cuts",
        "_names",
        "_places",
        "_specs",
        "_texts",
        "_tolerances",
        "_units",
        "composites",
        "getters",
        "index",
        "match",
        "start",
    )

    def __init__(
        self,
        index: dict[str, int],
        specs: tuple[FieldSpec, ...],
        units: tuple[int, ...],
        tolerances: frozenset[str],
        start: int = 0,
    ) -> None:
        """Compile; takes about a millisecond, so only for shapes that repeat.

        `start` is where the first data element of such a message begins.
        """
        self.index = index
        self.start = start
        self._specs = specs
        self._units = units
        self._tolerances = tolerances
        self.match: Match = re.compile(self._pattern(), re.DOTALL).fullmatch
        self._places = tuple(self._laid_out())
        self.composites = tuple(n for n, spec in enumerate(specs) if spec.composite is not None)
        self.getters: dict[tuple[str, ...], Getter | None] = {}
        self._prepare_cuts()

    def _pattern(self) -> bytes:
        """Return the expression; neighbours of one class are one run."""
        runs: list[tuple[bytes, int]] = []
        for spec, units in zip(self._specs, self._units, strict=True):
            prefix = spec.prefix.write(spec.count(units)) if spec.prefix else b""
            runs += [(bytes([code]), 1) for code in prefix]
            runs += spec.encoding.cells(spec.kind, units, self._tolerances)
        merged: list[tuple[bytes, int]] = []
        for allowed, count in runs:
            if merged and merged[-1][0] == allowed:
                merged[-1] = (allowed, merged[-1][1] + count)
            elif count:
                merged.append((allowed, count))
        return b"".join(_run(allowed, count) for allowed, count in merged)

    def _laid_out(self) -> Iterator[tuple[int, int]]:
        """Yield where each content begins and ends."""
        at = self.start
        for spec, units in zip(self._specs, self._units, strict=True):
            at += spec.prefix.width if spec.prefix else 0
            size = spec.encoding.size(units)
            yield at, at + size
            at += size

    def _prepare_cuts(self) -> None:
        """Sort the data elements by the view they are cut from."""
        self._codec = common_codec(self._specs)
        views: dict[str, list[tuple[str, slice]]] = {self._codec: [], HEX: [], RAW: []}
        alone = []
        for number, place in self.index.items():
            start, _ = self._places[place]
            found = place_in_view(self._specs[place], self._units[place], start, self._codec)
            if found is None:
                alone.append(number)
            else:
                views[found[0]].append((number, found[1]))
        self._names = [number for view in views.values() for number, _ in view] + alone
        self._alone = tuple(self.index[number] for number in alone)
        self._cuts = tuple(
            picker([one for _, one in view]) if view else None for view in views.values()
        )
        self._texts = {
            number: (name, place) for name in (self._codec, HEX) for number, place in views[name]
        }

    def items(self, data: bytes) -> Iterator[tuple[str, Plain]]:
        """Return every number and value of a message that matched."""
        from_text, from_hex, from_raw = self._cuts
        values: tuple[Any, ...] = from_text(data.decode(self._codec)) if from_text else ()
        if from_hex:
            values += from_hex(data.hex())
        if from_raw:
            values += from_raw(data)
        if self._alone:
            values += tuple([self._read(place, data) for place in self._alone])
        return zip(self._names, values, strict=True)

    def one(self, data: bytes, number: str) -> Plain:
        """Return one value; `KeyError` if the data element is absent."""
        return self._read(self.index[number], data)

    def _read(self, place: int, data: bytes) -> Plain:
        first, last = self._places[place]
        spec = self._specs[place]
        return spec.encoding.read(data[first:last], self._units[place], spec.kind)

    def getter(self, numbers: tuple[str, ...]) -> Getter | None:
        """Return what cuts several text values from the data; None if one is no text.

        Absent ones are cut as empty text. At most `_GETTERS_MAX` are kept.
        """
        if numbers not in self.getters:
            made = self._made_getter(numbers)
            if len(self.getters) >= _GETTERS_MAX:
                return made
            self.getters[numbers] = made
        return self.getters[numbers]

    def _made_getter(self, numbers: tuple[str, ...]) -> Getter | None:
        if any(number in self.index and number not in self._texts for number in numbers):
            return None
        codec, empty = self._codec, (self._codec, slice(0))
        places = [self._texts.get(number, empty) for number in numbers]
        from_text = picker([place if view == codec else slice(0) for view, place in places])
        from_hex = picker([place if view == HEX else slice(0) for view, place in places])
        if all(view == codec for view, _ in places):
            return lambda data: from_text(data.decode(codec))
        return lambda data: tuple(map(add, from_text(data.decode(codec)), from_hex(data.hex())))

    def sound(self, data: bytes) -> bool:
        """Return whether the parts of all composites would be read without a fault."""
        for place in self.composites:
            first, last = self._places[place]
            spec, units = self._specs[place], self._units[place]
            if not parts_sound(spec, data[first:last], units, self._tolerances):
                return False
        return True

    def __repr__(self) -> str:
        """Return the data elements."""
        return f"<Shape {' '.join(self.index)}>"


def _run(allowed: bytes, count: int) -> bytes:
    times = b"{%d}" % count if count > 1 else b""
    return (re.escape(allowed) if len(allowed) == 1 else _class(allowed)) + times


@cache
def _class(allowed: bytes) -> bytes:
    """Return a regular expression's character class."""
    if len(allowed) == len(ALL_BYTES):
        return b"."
    runs: list[list[int]] = []
    for code in sorted(allowed):
        if runs and runs[-1][1] == code - 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return b"[%b]" % b"".join(b"\\x%02x-\\x%02x" % (low, high) for low, high in runs)


def parts_sound(spec: FieldSpec, raw: bytes, units: int, tolerances: frozenset[str]) -> bool:
    """Return whether the parts would be read without a fault; a field without parts has none."""
    if spec.composite is None:
        return True
    if spec.encoding.name.startswith("hex"):
        value = spec.encoding.read(raw, units, spec.kind)
        raw = value if isinstance(value, bytes) else raw
    return spec.composite.sound(raw, tolerances)
