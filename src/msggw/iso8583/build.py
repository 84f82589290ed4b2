"""JSON to message: the form that `msggw iso8583 build` and the examples use.

    {"mti": "0100", "header": "6000030000", "fields": {"2": "4111…", "55": {"9F26": "…"}}}

Text fields are text, byte fields are hexadecimal text, composites are objects by part number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso8583.message import Message

if TYPE_CHECKING:
    from msggw.iso8583.codec import Codec
    from msggw.iso8583.spec import FieldSpec, Spec

__all__ = ["build", "message_of"]

_HEX: Final = re.compile("(?:[0-9A-Fa-f]{2})*")
_KEYS: Final = ("mti", "header", "fields")


def build(document: Mapping[str, Any], codec: Codec) -> bytes:
    """Return the wire bytes of a JSON document; raises `Refused` for what is wrong with it."""
    return codec.encode(message_of(document, codec.spec))


def message_of(document: Mapping[str, Any], spec: Spec) -> Message:
    """Return the message of a JSON document."""
    for key in document:
        if key not in _KEYS:
            raise _refused(f"/{key}", Rule.UNKNOWN, f"one of {', '.join(_KEYS)} expected")
    mti, fields = document.get("mti"), document.get("fields", {})
    if not isinstance(mti, str) or not isinstance(fields, Mapping):
        raise _refused("/mti", Rule.MISSING, "a text mti and an object fields expected")
    values = {
        str(number): _value(value, spec.fields.get(str(number).partition(".")[0]), f"/{number}")
        for number, value in fields.items()
    }
    return Message(mti, values, header=_bytes(document.get("header", ""), "/header"))


def _value(value: Any, spec: FieldSpec | None, path: str) -> Any:
    if isinstance(value, Mapping):
        parts = spec.composite.parts if spec is not None and spec.composite else {}
        return {str(n): _part(v, parts.get(str(n)), f"{path}/{n}") for n, v in value.items()}
    return _part(value, spec if "." not in path else None, path)


def _part(value: Any, spec: FieldSpec | None, path: str) -> Any:
    if isinstance(value, Mapping):
        return _value(value, spec, path)
    if isinstance(value, list):
        return [_part(one, spec, path) for one in value]
    if not isinstance(value, str):
        raise _refused(path, Rule.CLASS, "text, an object or a list expected")
    return _bytes(value, path) if spec is not None and spec.is_bytes else value


def _bytes(value: Any, path: str) -> bytes:
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise _refused(path, Rule.SYNTAX, "an even number of hexadecimal digits expected")
    return bytes.fromhex(value)


def _refused(path: str, rule: Rule, detail: str) -> Refused:
    return Refused(Fault(Location("json", path), rule, detail))
