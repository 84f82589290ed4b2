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
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msggw.iso8583.encoding import ALL_BYTES
from msggw.iso8583.view import common_codec, direct_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.spec import FieldSpec

__all__ = ["Shape", "parts_sound"]


class Shape:
    """The compiled form of one combination of data elements and lengths."""

    __slots__ = (
        "_alone",
        "_codec",
        "_cut",
        "_tolerances",
        "composites",
        "index",
        "match",
        "places",
        "specs",
        "units",
    )

    def __init__(
        self,
        index: dict[str, int],
        specs: tuple[FieldSpec, ...],
        units: tuple[int, ...],
        tolerances: frozenset[str],
    ) -> None:
        """Compile; takes about a millisecond, so only for shapes that repeat."""
        self.index = index
        self.specs = specs
        self.units = units
        self._tolerances = tolerances
        self.match: Callable[[bytes, int], re.Match[bytes] | None]
        self.match = re.compile(self._pattern(), re.DOTALL).fullmatch
        self.places = tuple(self._laid_out())
        self.composites = tuple(n for n, spec in enumerate(specs) if spec.composite is not None)
        self._prepare_cut()

    def _pattern(self) -> bytes:
        """Return the expression; neighbours of one class are one run."""
        runs: list[tuple[bytes, int]] = []
        for spec, units in zip(self.specs, self.units, strict=True):
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
        """Yield where each content begins and ends, from the first byte after the bitmap."""
        at = 0
        for spec, units in zip(self.specs, self.units, strict=True):
            at += spec.prefix.width if spec.prefix else 0
            size = spec.encoding.size(units)
            yield at, at + size
            at += size

    def _prepare_cut(self) -> None:
        self._codec = common_codec(self.specs)
        slices = [
            direct_slice(spec, units, start, self._codec)
            for spec, units, (start, _) in zip(self.specs, self.units, self.places, strict=True)
        ]
        self._alone = tuple(place for place, found in enumerate(slices) if found is None)
        # The two empty slices let one getter serve messages of one field and of none.
        wanted = [found or slice(0) for found in slices]
        self._cut = itemgetter(*wanted, slice(0), slice(0))

    def values(self, data: bytes, start: int) -> Iterator[tuple[str, Plain]]:
        """Return every number and value of a message that matched; its fields begin at `start`."""
        body = data[start:]
        text = body.decode(self._codec) if self._codec else body.hex()
        values: tuple[Any, ...] | list[Any] = self._cut(text)
        if self._alone:
            values = list(values)
            for place in self._alone:
                first, last = self.places[place]
                values[place] = self.read(place, body[first:last])
        return zip(self.index, values, strict=False)

    def read(self, place: int, raw: bytes) -> Plain:
        """Return one value."""
        spec = self.specs[place]
        return spec.encoding.read(raw, self.units[place], spec.kind)

    def sound(self, data: bytes, start: int) -> bool:
        """Return whether the parts of all composites would be read without a fault."""
        for place in self.composites:
            first, last = self.places[place]
            raw = data[start + first : start + last]
            if not parts_sound(self.specs[place], raw, self.units[place], self._tolerances):
                return False
        return True


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
    """Return whether the parts of a composite would be read without a fault."""
    if spec.composite is None:
        return True
    if spec.encoding.name.startswith("hex"):
        value = spec.encoding.read(raw, units, spec.kind)
        raw = value if isinstance(value, bytes) else raw
    return spec.composite.sound(raw, tolerances)
