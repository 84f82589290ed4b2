"""The writing half of a shape: a template that one `%` fills.

Two forms. Dialects whose fields are all text of one charset, or bytes, fill a text template and
encode it once. Dialects with packed digits fill a template of hexadecimal digits and pack it once:
digits are their own hexadecimal form, and all text goes in after one encoding of all of it.

A wrong value may produce nonsense here, never a wrong message: the caller matches the result
against the shape, in which every length is fixed.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from msggw.iso8583.view import common_codec, picker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msggw.iso8583.spec import FieldSpec

__all__ = ["Template"]

_PACKED_TRACK = str.maketrans(":;<=>?D", "abcdefd")


class Template:
    """Fills the values of one shape into one text."""

    __slots__ = ("_codec", "_convert", "_cut", "_joined", "_order", "_pick", "_text")

    def __init__(self, specs: Sequence[FieldSpec], units: Sequence[int]) -> None:
        """Choose the form; every field has exactly the length in `units`."""
        self._codec = common_codec(specs)
        self._joined = any(not spec.is_bytes and spec.text_codec != self._codec for spec in specs)
        self._text = ""
        together: list[int] = []
        self._convert: list[tuple[int, Callable[[Any], str]]] = []
        for place, (spec, length) in enumerate(zip(specs, units, strict=True)):
            prefix = spec.prefix.write(spec.count(length)) if spec.prefix else b""
            before, after = self._pads(spec, length)
            self._text += f"{self._literal(prefix)}{before}%s{after}"
            if self._joined and spec.text_codec == self._codec:
                together.append(place)
            else:
                convert = self._converter(spec, length)
                if convert is not None:
                    self._convert.append((place, convert))
        self._prepare(together, units)

    def _prepare(self, together: list[int], units: Sequence[int]) -> None:
        """Work out how the converted values get back to their places."""
        ends = list(accumulate((units[place] * 2 for place in together), initial=0))
        self._cut = picker([slice(a, b) for a, b in pairwise(ends)])
        self._pick = picker(together) if together else None
        order = list(range(len(units)))
        for new, place in enumerate([*together, *(place for place, _ in self._convert)]):
            order[place] = len(units) + new
        self._order = picker(order)

    def _pads(self, spec: FieldSpec, units: int) -> tuple[str, str]:
        """Return the pad nibble that stands before or after an odd number of packed digits."""
        if not spec.encoding.packs_two or spec.kind == "x+n" or units % 2 == 0:
            return "", ""
        packed = spec.encoding.write("1" * units, units, spec.kind).hex()
        return (packed[0], "") if packed[1:] == "1" * units else ("", packed[-1])

    def _literal(self, raw: bytes) -> str:
        text = raw.hex() if self._joined else raw.decode(self._codec)
        return text.replace("%", "%%")

    def _converter(self, spec: FieldSpec, units: int) -> Callable[[Any], str] | None:
        """Return what turns a value into template text; None if it is that already."""
        encoding, kind, codec = spec.encoding, spec.kind, self._codec
        if not self._joined:
            if spec.text_codec:
                return None
            if encoding.name == "hex" and codec == "latin-1":
                return _upper_hex
            return lambda value: encoding.write(value, units, kind).decode(codec)
        if encoding.name == "binary":
            return bytes.hex
        if encoding.packs_two and kind in {"n", "z"}:
            return None if kind == "n" else _packed_track
        return lambda value: encoding.write(value, units, kind).hex()

    def fill(self, values: tuple[Any, ...]) -> bytes:
        """Return the bytes; raises one of TypeError, ValueError, AttributeError for odd values."""
        extra: tuple[str, ...] = ()
        if self._pick is not None:
            extra = self._cut("".join(self._pick(values)).encode(self._codec).hex())
        if self._convert:
            extra += tuple([convert(values[place]) for place, convert in self._convert])
        if extra:
            values = self._order(values + extra)
        text = self._text % values
        return bytes.fromhex(text) if self._joined else text.encode(self._codec)


def _upper_hex(value: bytes) -> str:
    return value.hex().upper()


def _packed_track(value: str) -> str:
    return value.translate(_PACKED_TRACK)
