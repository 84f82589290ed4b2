"""The language of spec files: YAML in, `Spec` out, every mistake named with its place.

    name: my-host
    title: What a reader should know
    extends: iso87-ascii          # another spec; what stands here overrides it, field by field
    header: none                  # none | tpdu | vip | fixed:N
    mti: ascii                    # an encoding
    bitmap: {encoding: hex, secondary: auto, tertiary: none}
    encodings: {numeric: ascii, track: ascii, text: ascii, binary: hex, prefix: ascii}
    fields:
      "2": {name: Primary account number, format: n..19, min: 8, sensitivity: pan}
      "48": {format: ans...999, composite: {kind: tlv, …}}
      "63": null                  # the base has it, this dialect does not

A format is the standard's notation: class, then the length, with one dot for each digit of a
length prefix: `n 6`, `n..19`, `ans...999`, `x+n 8` (a sign and eight digits), `b 8` (bytes).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from msggw import resources
from msggw.errors import ConfigurationError, Fault, Location, Refused, Rule
from msggw.iso8583 import encoding, header
from msggw.iso8583.fieldlang import FieldReader
from msggw.iso8583.spec import BitmapSpec, FieldSpec, Spec

__all__ = ["load", "names", "parse", "source"]

_FOLDER: Final = "specs/iso8583"
_EXTENDS_MAX: Final = 5
_FILE_BYTES_MAX: Final = 1_000_000
_TOP: Final = frozenset(
    ("name", "title", "extends", "header", "mti", "bitmap", "encodings", "fields", "sources")
)
_SECONDARY: Final = ("auto", "always")
_TERTIARY: Final = ("none", "after", "in-place")


def names() -> tuple[str, ...]:
    """Return the names of the specs that come with the gateway."""
    return tuple(sorted(path.stem for path in resources.find(_FOLDER).glob("*.yaml")))


def load(name_or_path: str | Path) -> Spec:
    """Return a spec by name or by path of a file.

    Raises `ConfigurationError` if there is none, and `Refused` with all faults of a wrong one.
    """
    return parse(source(name_or_path))


def source(name_or_path: str | Path, depth: int = 0) -> dict[str, Any]:
    """Return the spec's data with every `extends` worked in."""
    if depth > _EXTENDS_MAX:
        raise _refused("extends", Rule.LIMIT, f"at most {_EXTENDS_MAX} levels expected")
    path = _path(name_or_path)
    data = _yaml(path)
    base = data.pop("extends", None)
    if base is None:
        return data
    if not isinstance(base, str):
        raise _refused("extends", Rule.CLASS, "the name of a spec expected")
    beside = path.parent / f"{base}.yaml"
    return _merged(source(beside if beside.exists() else base, depth + 1), data)


def _path(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"}:
        if path.exists():
            return path
        msg = f"no ISO 8583 spec file {path}"
        raise ConfigurationError(msg)
    if len(path.parts) != 1:
        msg = f"an ISO 8583 spec is a name or a .yaml file, not {path}"
        raise ConfigurationError(msg)
    try:
        return resources.find(f"{_FOLDER}/{path.name}.yaml")
    except FileNotFoundError:
        msg = f"no ISO 8583 spec {path.name}; there are {', '.join(names())}"
        raise ConfigurationError(msg) from None


class _UniqueKeys(yaml.SafeLoader):
    """YAML without the silent last-one-wins of repeated keys."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    if len(set(map(str, keys))) != len(keys):
        raise yaml.constructor.ConstructorError(None, None, "a key twice", node.start_mark)
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _yaml(path: Path) -> dict[str, Any]:
    if path.stat().st_size > _FILE_BYTES_MAX:
        raise _refused("", Rule.LIMIT, f"a file of at most {_FILE_BYTES_MAX} bytes expected")
    try:
        data = yaml.load(path.read_bytes(), _UniqueKeys)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        detail = "well-formed YAML without repeated keys expected"
        raise Refused(Fault(Location("iso8583-spec", "", line=line), Rule.SYNTAX, detail)) from None
    if not isinstance(data, dict):
        raise _refused("", Rule.CLASS, "a mapping expected")
    return {str(key): _with_text_keys(value) for key, value in data.items()}


def _with_text_keys(value: Any) -> Any:
    """Let data elements be written as numbers: `2:` means `"2":`."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(inner) for key, inner in value.items()}
    return value


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one spec over another; mappings merge, everything else is replaced, null removes."""
    out = dict(base)
    for key, value in over.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(out.get(key), Mapping):
            replaces = key == "composite" and value.get("kind") != out[key].get("kind")
            out[key] = value if replaces else _merged(out[key], value)
        else:
            out[key] = value
    return out


def parse(data: Mapping[str, Any]) -> Spec:
    """Return the spec that these data say; `Refused` with every fault found."""
    reader = _Reader(data)
    spec = reader.spec()
    Refused.raise_if(reader.faults)
    return spec


class _Reader:
    """Reads one spec and collects its faults; what is wrong is replaced by a harmless default."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.faults: list[Fault] = []

    def fault(self, path: str, rule: Rule, detail: str) -> None:
        self.faults.append(Fault(Location("iso8583-spec", path), rule, detail))

    def spec(self) -> Spec:
        for key in self.data:
            if key not in _TOP:
                self.fault(str(key), Rule.UNKNOWN, f"one of {', '.join(sorted(_TOP))} expected")
        return Spec(
            name=self._text("name"),
            title=self._text("title"),
            header=self._header(),
            mti=self._encoding("mti", self.data.get("mti", "ascii")),
            bitmap=self._bitmap(),
            fields=self._fields(),
            sources=tuple(map(str, self.data.get("sources", ()))),
        )

    def _text(self, key: str) -> str:
        value = self.data.get(key)
        if not isinstance(value, str) or not value:
            self.fault(key, Rule.MISSING, "text expected")
        return str(value)

    def _header(self) -> header.Header:
        name = self.data.get("header", "none")
        try:
            return header.of(str(name))
        except KeyError:
            self.fault("header", Rule.UNKNOWN, "none, tpdu, vip or fixed:N (1 to 64) expected")
            return header.of("none")

    def _encoding(self, path: str, name: Any) -> encoding.Encoding:
        try:
            return encoding.of(str(name))
        except KeyError:
            self.fault(path, Rule.UNKNOWN, f"one of {', '.join(encoding.NAMES)} expected")
            return encoding.of("ascii")

    def _bitmap(self) -> BitmapSpec:
        data = self._mapping("bitmap", {"encoding", "secondary", "tertiary"})
        name = data.get("encoding", "hex")
        if name not in {"hex", "hex-ebcdic", "binary"}:
            self.fault("bitmap.encoding", Rule.UNKNOWN, "hex, hex-ebcdic or binary expected")
            name = "hex"
        return BitmapSpec(
            encoding=encoding.of(name),
            secondary=self._choice("bitmap.secondary", data.get("secondary", "auto"), _SECONDARY),
            tertiary=self._choice("bitmap.tertiary", data.get("tertiary", "none"), _TERTIARY),
        )

    def _choice(self, path: str, value: Any, choices: tuple[str, ...]) -> str:
        if value not in choices:
            self.fault(path, Rule.UNKNOWN, f"one of {', '.join(choices)} expected")
            return choices[0]
        return str(value)

    def _mapping(self, path: str, keys: set[str]) -> Mapping[str, Any]:
        data = self.data.get(path, {})
        if not isinstance(data, Mapping):
            self.fault(path, Rule.CLASS, "a mapping expected")
            return {}
        for key in data:
            if key not in keys:
                self.fault(f"{path}.{key}", Rule.UNKNOWN, f"one of {sorted(keys)} expected")
        return data

    def _fields(self) -> Mapping[str, FieldSpec]:
        reader = FieldReader(self.data.get("encodings", {}), self.fault)
        fields = self.data.get("fields", {})
        if not isinstance(fields, Mapping) or not fields:
            self.fault("fields", Rule.MISSING, "a mapping of data elements expected")
            return {}
        out: dict[str, FieldSpec] = {}
        for key in sorted(fields, key=_order):
            number = str(key)
            if not number.isdecimal() or not 2 <= int(number) <= 192 or str(int(number)) != number:
                self.fault(f"fields.{number}", Rule.VALUE, "a number from 2 to 192 expected")
                continue
            field = reader.field(number, fields[key], f"fields.{number}")
            if field is None:
                continue
            if field.prefix is None and not field.fixed:
                detail = "a variable data element needs a length prefix"
                self.fault(f"fields.{number}.prefix", Rule.MISSING, detail)
            out[number] = field
        return out


def _order(key: Any) -> tuple[int, str]:
    text = str(key)
    return (int(text) if text.isdecimal() else 0, text)


def _refused(path: str, rule: Rule, detail: str) -> Refused:
    return Refused(Fault(Location("iso8583-spec", path), rule, detail))
