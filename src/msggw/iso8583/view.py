"""Cutting all values of a message at once.

Every text field of a message can be cut from the message decoded once, every field of packed
digits from the message written as hexadecimal digits once (packed digits are their own
hexadecimal form), and bytes from the message itself. The few fields that fit neither are read
one by one.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msggw.iso8583.spec import FieldSpec

__all__ = ["HEX", "RAW", "common_codec", "picker", "place_in_view"]

HEX: Final = "hex"
RAW: Final = "raw"


def common_codec(specs: Sequence[FieldSpec]) -> str:
    """Return the Python codec of most text fields; Latin-1 if there are none."""
    codecs = [spec.text_codec for spec in specs if spec.text_codec]
    return max(set(codecs), key=codecs.count) if codecs else "latin-1"


def place_in_view(spec: FieldSpec, units: int, start: int, codec: str) -> tuple[str, slice] | None:
    """Return the view a value is cut from, and where; None if it has to be read on its own."""
    size = spec.encoding.size(units)
    if spec.text_codec == codec:
        return codec, slice(start, start + size)
    if spec.encoding.name == "binary":
        return RAW, slice(start, start + size)
    if not spec.encoding.packs_two or spec.kind != "n":
        return None
    first, last = start * 2, (start + size) * 2
    if units % 2 == 0:
        return HEX, slice(first, last)
    right = "right" in spec.encoding.name
    return HEX, slice(first, last - 1) if right else slice(first + 1, last)


def picker(places: Sequence[slice] | Sequence[int]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what picks these places, or cuts these slices, of a sequence."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda view: tuple(view[one] for one in places)
