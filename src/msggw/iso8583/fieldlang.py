"""The part of the spec language that describes one field, composites included."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from msggw.errors import Rule
from msggw.iso8583 import encoding, prefix
from msggw.iso8583.composite import BerTlv, Bitmapped, CompositeSpec, Positional, Tlv
from msggw.iso8583.prefix import Prefix
from msggw.iso8583.sensitivity import SENSITIVITIES
from msggw.iso8583.spec import FieldSpec

__all__ = ["FieldReader"]

_FORMAT: Final = re.compile(r"(x\+n|ans|an|as|ns|a|n|s|b|z)(?: (\d{1,5})|(\.{1,6})(\d{1,6}))")
_KEYS: Final = frozenset(
    (
        "name",
        "format",
        "min",
        "encoding",
        "prefix",
        "counts",
        "sensitivity",
        "description",
        "composite",
    )
)
_DEFAULTS: Final = {
    "numeric": "ascii",
    "track": "ascii",
    "text": "ascii",
    "binary": "hex",
    "prefix": "ascii",
}
_GROUPS: Final = {"n": "numeric", "x+n": "numeric", "z": "track", "b": "binary"}
_COMPOSITE_KEYS: Final = {
    "positional": {"kind", "parts", "may_end_early"},
    "bitmap": {"kind", "parts", "size"},
    "tlv": {"kind", "parts", "id", "length", "lead", "other"},
    "ber-tlv": {"kind", "depth_max"},
}
_DEPTH_MAX: Final = 4
_BYTE_MAX: Final = 255

Report = Callable[[str, Rule, str], None]


class FieldReader:
    """Reads field entries with the dialect's default encodings; reports every fault."""

    def __init__(self, defaults: Any, report: Report) -> None:
        """`defaults` is the `encodings` mapping of the spec."""
        self._report = report
        given = defaults if isinstance(defaults, Mapping) else {}
        for key in given:
            if key not in _DEFAULTS:
                report(f"encodings.{key}", Rule.UNKNOWN, f"one of {sorted(_DEFAULTS)} expected")
        self._defaults: dict[str, str] = {**_DEFAULTS, **{k: str(v) for k, v in given.items()}}

    def field(self, number: str, entry: Any, path: str, depth: int = 0) -> FieldSpec | None:
        """Return the field, or None after reporting what is wrong with its entry."""
        if not isinstance(entry, Mapping):
            self._report(path, Rule.CLASS, "a mapping expected")
            return None
        for key in entry:
            if key not in _KEYS:
                self._report(f"{path}.{key}", Rule.UNKNOWN, f"one of {sorted(_KEYS)} expected")
        match = _FORMAT.fullmatch(str(entry.get("format", "")))
        if match is None:
            detail = "class and length expected, such as n 6, n..19 or ans...999"
            self._report(f"{path}.format", Rule.SYNTAX, detail)
            return None
        kind, dots = match[1], len(match[3] or "")
        most = int(match[2] or match[4]) + (kind == "x+n")
        spelt = self._encoding(kind, entry, path)
        made = self._prefix(dots, most, entry, path)
        field = FieldSpec(
            number=number,
            name=self._name(entry, path),
            kind=kind,
            encoding=spelt,
            length_min=self._least(entry, most, path, variable=bool(dots)),
            length_max=most,
            prefix=made,
            counts=self._counts(entry, spelt, path),
            sensitivity=self._sensitivity(entry, path),
            description=str(entry.get("description", "")),
            composite=self._composite(entry, path, depth),
        )
        self._check(field, path)
        return field

    def _check(self, field: FieldSpec, path: str) -> None:
        if field.prefix is not None and field.prefix.capacity < field.count(field.length_max):
            detail = f"a prefix of {field.prefix} holds at most {field.prefix.capacity}"
            self._report(path, Rule.LENGTH, detail)
        if field.is_bytes != (field.encoding.name in {"binary", "hex", "hex-ebcdic"}):
            detail = "class b goes with binary and hex encodings, and only it"
            self._report(f"{path}.encoding", Rule.CONFLICT, detail)
        if field.encoding.packs_two and field.kind not in {"n", "x+n", "z"}:
            self._report(f"{path}.encoding", Rule.CONFLICT, "only digits can be packed")

    def _name(self, entry: Mapping[str, Any], path: str) -> str:
        name = entry.get("name")
        if not isinstance(name, str) or not name:
            self._report(f"{path}.name", Rule.MISSING, "a name expected")
        return str(name)

    def _encoding(self, kind: str, entry: Mapping[str, Any], path: str) -> encoding.Encoding:
        name = str(entry.get("encoding", self._defaults[_GROUPS.get(kind, "text")]))
        try:
            return encoding.of(name)
        except KeyError:
            detail = f"one of {', '.join(encoding.NAMES)} expected"
            self._report(f"{path}.encoding", Rule.UNKNOWN, detail)
            return encoding.of("hex" if kind == "b" else "ascii")

    def _prefix(self, dots: int, most: int, entry: Mapping[str, Any], path: str) -> Prefix | None:
        if "prefix" in entry:
            return self._given_prefix(str(entry["prefix"]), f"{path}.prefix")
        if not dots:
            return None
        kind = self._defaults["prefix"]
        if kind == "bcd":
            return Prefix("bcd", (dots + 1) // 2)
        if kind == "binary":
            return Prefix("binary", 1 if most <= _BYTE_MAX else 2)
        if kind not in prefix.KINDS:
            detail = f"one of {', '.join(prefix.KINDS)} expected"
            self._report("encodings.prefix", Rule.UNKNOWN, detail)
            kind = "ascii"
        return Prefix(kind, dots)

    def _given_prefix(self, text: str, path: str) -> Prefix | None:
        kind, _, width = text.partition(":")
        if kind in prefix.KINDS and width.isdecimal() and 1 <= int(width) <= prefix.LIMITS[kind]:
            return Prefix(kind, int(width))
        if text != "none":
            self._report(path, Rule.SYNTAX, "none, or a kind and bytes such as ascii:2, expected")
        return None

    def _least(self, entry: Mapping[str, Any], most: int, path: str, *, variable: bool) -> int:
        least = entry.get("min", 0 if variable else most)
        if type(least) is not int or not 0 <= least <= most:
            self._report(f"{path}.min", Rule.VALUE, f"a number from 0 to {most} expected")
            return 0
        return least

    def _counts(self, entry: Mapping[str, Any], spelt: encoding.Encoding, path: str) -> str:
        default = "bytes" if spelt.name.startswith("hex") else "units"
        counts = entry.get("counts", default)
        if counts not in {"units", "bytes"}:
            self._report(f"{path}.counts", Rule.UNKNOWN, "units or bytes expected")
            return default
        return str(counts)

    def _sensitivity(self, entry: Mapping[str, Any], path: str) -> str:
        value = entry.get("sensitivity", "none")
        if value not in SENSITIVITIES:
            detail = f"one of {', '.join(SENSITIVITIES)} expected"
            self._report(f"{path}.sensitivity", Rule.UNKNOWN, detail)
            return "secret"
        return str(value)

    def _composite(self, entry: Mapping[str, Any], path: str, depth: int) -> CompositeSpec | None:
        data = entry.get("composite")
        if data is None:
            return None
        path = f"{path}.composite"
        kind = data.get("kind") if isinstance(data, Mapping) else None
        if not isinstance(data, Mapping) or kind not in _COMPOSITE_KEYS:
            detail = f"a mapping with a kind of {', '.join(_COMPOSITE_KEYS)} expected"
            self._report(path, Rule.UNKNOWN, detail)
            return None
        if depth >= _DEPTH_MAX:
            self._report(path, Rule.LIMIT, f"at most {_DEPTH_MAX} levels expected")
            return None
        for key in data:
            if key not in _COMPOSITE_KEYS[kind]:
                self._report(f"{path}.{key}", Rule.UNKNOWN, "no such setting of this kind")
        if kind == "ber-tlv":
            return BerTlv(depth_max=int(data.get("depth_max", 6)))
        return self._with_parts(str(kind), data, path, depth)

    def _with_parts(
        self, kind: str, data: Mapping[str, Any], path: str, depth: int
    ) -> CompositeSpec | None:
        parts: dict[str, FieldSpec] = {}
        for key, entry in data.get("parts", {}).items():
            part = self.field(str(key), entry, f"{path}.parts.{key}", depth + 1)
            if part is not None:
                parts[str(key)] = part
        if kind == "positional":
            return Positional(parts=parts, may_end_early=bool(data.get("may_end_early", False)))
        if kind == "bitmap":
            return Bitmapped(size=int(data.get("size", 8)), parts=parts)
        return self._tlv(data, parts, path, depth)

    def _tlv(
        self, data: Mapping[str, Any], parts: dict[str, FieldSpec], path: str, depth: int
    ) -> CompositeSpec | None:
        spelt, _, width = str(data.get("id", "")).partition(":")
        length = self._given_prefix(str(data.get("length", "")), f"{path}.length")
        if spelt not in encoding.NAMES or not width.isdecimal() or length is None:
            self._report(
                f"{path}.id", Rule.SYNTAX, "an encoding and bytes such as ascii:2 expected"
            )
            return None
        kind = "b" if spelt == "binary" else "ans"
        fallback = {"name": "Unknown part", "format": f"{kind}...999", "prefix": "none"}
        if kind == "b":
            fallback["encoding"] = "binary"
        other = self.field("?", {**fallback, **data.get("other", {})}, f"{path}.other", depth + 1)
        lead = data.get("lead")
        first = None
        if isinstance(lead, Mapping):
            entry = {key: value for key, value in lead.items() if key != "number"}
            first = self.field(str(lead.get("number", "lead")), entry, f"{path}.lead", depth + 1)
        if other is None:
            return None
        return Tlv(
            id_encoding=encoding.of(spelt),
            id_width=int(width),
            length=length,
            parts=parts,
            other=other,
            lead=first,
        )
