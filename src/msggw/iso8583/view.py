"""How the fields of a shape can be turned into text all at once.

If every text field has the same charset, the whole body is decoded once and cut. If some digits
are packed, the body is written as hexadecimal digits once: packed digits are their own
hexadecimal form. The few fields that fit neither are read one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msggw.iso8583.spec import FieldSpec

__all__ = ["CODECS", "common_codec", "direct_slice"]

CODECS: Final = {"ascii": "latin-1", "cp037": "cp037", "cp500": "cp500", "cp1140": "cp1140"}


def common_codec(specs: Sequence[FieldSpec]) -> str:
    """Return the Python codec that all text fields share; empty for the hexadecimal view."""
    names = {spec.encoding.name for spec in specs} - {"hex", "hex-ebcdic", "binary"}
    codecs = {CODECS.get(name, "") for name in names}
    if not codecs:
        return "latin-1"
    return codecs.pop() if len(codecs) == 1 else ""


def direct_slice(spec: FieldSpec, units: int, start: int, codec: str) -> slice | None:
    """Return where the value stands in the view, or None if it has to be read on its own."""
    size = spec.encoding.size(units)
    if codec:
        direct = CODECS.get(spec.encoding.name) == codec
        return slice(start, start + size) if direct else None
    if not spec.encoding.packs_two or spec.kind != "n":
        return None
    first, last = start * 2, (start + size) * 2
    if units % 2 == 0:
        return slice(first, last)
    right = "right" in spec.encoding.name
    return slice(first, last - 1) if right else slice(first + 1, last)
