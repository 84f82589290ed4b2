"""The writing half of a shape: a template that one `%` fills.

Two forms. Dialects whose fields are all text of one charset, or bytes, fill a text template and
encode it once. Dialects with packed digits fill a template of hexadecimal digits and pack it once:
digits are their own hexadecimal form, so most values go in as they are.

A wrong value may produce nonsense here, never a wrong message: the caller matches the result
against the shape, in which every length is fixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msggw.iso8583.spec import FieldSpec

__all__ = ["Template"]


class Template:
    """Fills the values of one shape into one text."""

    __slots__ = ("_codec", "_convert", "_text")

    def __init__(self, specs: Sequence[FieldSpec], units: Sequence[int]) -> None:
        """Choose the form; every field has exactly the length in `units`."""
        self._codec = _only_codec(specs)
        self._convert: list[tuple[int, Callable[[Any], str]]] = []
        text = ""
        for place, (spec, length) in enumerate(zip(specs, units, strict=True)):
            prefix = spec.prefix.write(spec.count(length)) if spec.prefix else b""
            text += self._literal(prefix) + "%s"
            convert = self._converter(spec, length)
            if convert is not None:
                self._convert.append((place, convert))
        self._text = text

    def _literal(self, raw: bytes) -> str:
        text = raw.decode(self._codec) if self._codec else raw.hex()
        return text.replace("%", "%%")

    def _converter(self, spec: FieldSpec, units: int) -> Callable[[Any], str] | None:
        """Return what turns a value into template text; None if it is that already."""
        encoding, kind = spec.encoding, spec.kind
        codec = self._codec
        if codec and spec.text_codec == codec:
            return None
        if encoding.name == "hex" and codec == "latin-1":
            return _upper_hex
        if codec:
            return lambda value: encoding.write(value, units, kind).decode(codec)
        if encoding.packs_two and kind == "n" and units % 2 == 0:
            return None
        return lambda value: encoding.write(value, units, kind).hex()

    def fill(self, values: Sequence[Any]) -> bytes:
        """Return the bytes; raises one of TypeError, ValueError, AttributeError for odd values."""
        if self._convert:
            changed = list(values)
            for place, convert in self._convert:
                changed[place] = convert(changed[place])
            values = changed
        text = self._text % tuple(values)
        return text.encode(self._codec) if self._codec else bytes.fromhex(text)


def _upper_hex(value: bytes) -> str:
    return value.hex().upper()


def _only_codec(specs: Sequence[FieldSpec]) -> str:
    """Return the Python codec that all text fields share, or nothing."""
    codecs = {
        spec.text_codec
        for spec in specs
        if spec.encoding.name not in {"hex", "hex-ebcdic", "binary"}
    }
    if not codecs:
        return "latin-1"
    return codecs.pop() if len(codecs) == 1 else ""
