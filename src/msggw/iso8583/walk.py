"""The quick field-by-field walk: it cuts and checks, and gives up at the first doubt.

What it gives up on is read again by the slow decoder, which explains. Used for shapes that are
not (yet) worth a regular expression.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msggw.iso8583.encoding import ALL_BYTES
from msggw.iso8583.shape import parts_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from msggw.iso8583.spec import FieldSpec

__all__ = ["Step", "step", "walk"]


class Step(NamedTuple):
    """What the walk needs of one data element.

    `size` and `units` are those of a fixed field. `scale`: 1 for a byte a unit, 0 for two units a
    byte, 2 for two bytes a unit. `allowed` are the bytes of a uniform field, `test` is for others.
    """

    size: int
    units: int
    width: int
    lookup: Callable[[bytes], int | None] | None
    scale: int
    allowed: bytes | None
    test: Callable[[bytes, int], bool] | None


def step(spec: FieldSpec, tolerances: frozenset[str]) -> Step:
    """Work out the step of a data element."""
    encoding = spec.encoding
    scale = 0 if encoding.packs_two else encoding.size(1)
    uniform = _uniform(spec, tolerances)
    return Step(
        size=encoding.size(spec.length_max) if spec.prefix is None else 0,
        units=spec.length_max,
        width=spec.prefix.width if spec.prefix else 0,
        lookup=spec.lengths.get if spec.lengths is not None else None,
        scale=scale,
        allowed=uniform,
        test=None if uniform is not None or _free(spec) else _tester(spec, tolerances),
    )


def _free(spec: FieldSpec) -> bool:
    return spec.kind == "b" and spec.encoding.name == "binary" and spec.composite is None


def _uniform(spec: FieldSpec, tolerances: frozenset[str]) -> bytes | None:
    """Return the bytes allowed at every place, if they are the same at each."""
    if spec.composite is not None or spec.kind == "x+n" or spec.encoding.name == "binary":
        return None
    if spec.encoding.packs_two and not (spec.fixed and spec.length_max % 2 == 0):
        return None
    cells = spec.encoding.cells(spec.kind, spec.length_max, tolerances)
    return cells[0][0] if len(cells) == 1 and cells[0][0] != ALL_BYTES else None


def _tester(spec: FieldSpec, tolerances: frozenset[str]) -> Callable[[bytes, int], bool]:
    cells, kind = spec.encoding.cells, spec.kind

    def fits(raw: bytes, units: int) -> bool:
        place = 0
        for allowed, count in cells(kind, units, tolerances):
            if raw[place : place + count].translate(None, allowed):
                return False
            place += count
        return parts_sound(spec, raw, units, tolerances)

    return fits


def walk(steps: Iterable[Step], data: bytes, at: int) -> tuple[list[bytes], list[int]] | None:
    """Cut all fields, or return None: something is wrong, or merely not for this path."""
    raws: list[bytes] = []
    lengths: list[int] = []
    for size, fixed, width, lookup, scale, allowed, test in steps:
        units = fixed
        if lookup is not None:
            found = lookup(data[at : at + width])
            if found is None:
                return None
            units = found
            at += width
            size = units * scale if scale else (units + 1) // 2  # noqa: PLW2901 - of this field
        raw = data[at : at + size]
        at += size
        if allowed is not None:
            if raw.translate(None, allowed):
                return None
        elif test is not None and not (len(raw) == size and test(raw, units)):
            return None
        raws.append(raw)
        lengths.append(units)
    return (raws, lengths) if at == len(data) else None
