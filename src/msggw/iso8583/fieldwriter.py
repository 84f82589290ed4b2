"""The careful writing of one field: it refuses what the reading side would refuse, and says why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso8583 import kinds
from msggw.iso8583.piece import Buffer, fault, read_field
from msggw.iso8583.sensitivity import is_secret, opened

if TYPE_CHECKING:
    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.spec import FieldSpec

__all__ = ["plain_of", "write_content", "write_field"]


def write_field(
    spec: FieldSpec, value: object, path: str, tolerances: frozenset[str] = frozenset()
) -> bytes:
    """Return prefix and content; raises `Refused` for what the reading side would refuse."""
    raw, units = write_content(spec, value, path)
    if spec.prefix is not None:
        raw = _prefix(spec, units, path) + raw
    piece = read_field(spec, Buffer(raw, tolerances=tolerances), 0, path)
    Refused.raise_if(piece.all_faults())
    return raw


def _prefix(spec: FieldSpec, units: int, path: str) -> bytes:
    assert spec.prefix is not None  # noqa: S101 - the caller asked
    if spec.counted(spec.count(units)) != units:
        raise _refused(path, Rule.LENGTH, f"an even length expected, {units} found")
    return spec.prefix.write(spec.count(units))


def write_content(spec: FieldSpec, value: object, path: str) -> tuple[bytes, int]:
    """Return the content without its prefix, and its units; fixed fields are filled."""
    plain = _padded(spec, plain_of(spec, value, path))
    units = len(plain)
    if not spec.length_min <= units <= spec.length_max:
        bounds = f"{spec.length_min} to {spec.length_max}"
        expected = str(spec.length_max) if spec.fixed else bounds
        raise _refused(path, Rule.LENGTH, f"a length of {expected} expected, {units} found")
    try:
        return spec.encoding.write(plain, units, spec.kind), units
    except ValueError as error:
        raise _refused(path, Rule.CLASS, str(error)) from None


def plain_of(spec: FieldSpec, value: object, path: str) -> Plain:
    """Return the clear text or bytes of a value, of a secret, or of the parts of a composite."""
    if isinstance(value, Mapping):
        if spec.composite is None:
            raise _refused(path, Rule.CLASS, "one value expected, parts found")
        inner = spec.composite.write(value, path)
        return inner if spec.is_bytes else spec.encoding.read(inner, len(inner), spec.kind)
    as_text = not spec.is_bytes and is_secret(spec.sensitivity)
    plain = opened(value, as_text=as_text)  # type: ignore[arg-type]  # checked below
    if not isinstance(plain, (str, bytes)) or isinstance(plain, bytes) != spec.is_bytes:
        expected = "bytes" if spec.is_bytes else "text"
        raise _refused(path, Rule.CLASS, f"{expected} expected, {type(plain).__name__} found")
    return plain


def _padded(spec: FieldSpec, value: Plain) -> Plain:
    """Fill a short fixed field as the standard does: digits from the left, text from the right."""
    if not spec.fixed or isinstance(value, bytes):
        return value
    if spec.kind == "n":
        return value.rjust(spec.length_max, "0")
    return value.ljust(spec.length_max) if kinds.is_text(spec.kind) else value


def _refused(path: str, rule: Rule, detail: str) -> Refused:
    return Refused(fault(path, None, rule, detail))
