"""A piece of a message as it stands on the wire, and the careful reading of one field.

This is the slow path: it explains. Every fault gets its place, its rule and what was expected
against what was found, as sizes and classes, never as the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msggw.errors import Fault, Location, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.spec import FieldSpec

__all__ = ["Buffer", "Piece", "fault", "read_content", "read_field"]


@dataclass(frozen=True, slots=True)
class Buffer:
    """Bytes to read, and where they stand in the message.

    The byte at index `i` stands at message offset `base + i * scale`: inside a field of
    hexadecimal text each byte takes two places.
    """

    data: bytes = field(repr=False)
    base: int = 0
    scale: int = 1
    tolerances: frozenset[str] = frozenset()

    def offset(self, index: int) -> int:
        """Return the message offset of an index."""
        return self.base + index * self.scale


@dataclass(slots=True, kw_only=True)
class Piece:
    """One field on the wire: where it stands, its content, and what is wrong with it.

    `size` is what it takes of its buffer, or None when a broken length makes the rest unreadable.
    `spec` is None for a part that the dialect does not name (an unknown TLV tag).
    """

    path: str
    spec: FieldSpec | None
    offset: int
    content_offset: int
    raw: bytes = field(default=b"", repr=False)
    value: Plain | None = field(default=None, repr=False)
    units: int = 0
    size: int | None = None
    sensitivity: str = "none"
    name: str = ""
    parts: tuple[Piece, ...] = ()
    faults: list[Fault] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The last step of the path."""
        return self.path.rpartition(".")[2]

    @property
    def sound(self) -> bool:
        """Whether the value was read, and neither it nor a part of it has a fault."""
        return self.value is not None and not any(self.all_faults())

    def fail(self, rule: Rule, detail: str) -> None:
        """Note a fault at the beginning of the field."""
        self.faults.append(fault(self.path, self.offset, rule, detail))

    def all_faults(self) -> Iterator[Fault]:
        """Yield its own faults, then those of its parts, in message order."""
        yield from self.faults
        for part in self.parts:
            yield from part.all_faults()


def fault(path: str, offset: int | None, rule: Rule, detail: str) -> Fault:
    """Return a fault at a data element: `DE48.26@97`."""
    name = f"DE{path}" if path[:1].isdigit() else path
    return Fault(Location("iso8583", name, offset=offset), rule, detail)


def read_field(spec: FieldSpec, buffer: Buffer, at: int, path: str) -> Piece:
    """Read one field, prefix and content, at index `at` of the buffer."""
    offset = buffer.offset(at)
    piece = Piece(
        path=path,
        spec=spec,
        offset=offset,
        content_offset=offset,
        sensitivity=spec.sensitivity,
        name=spec.name,
    )
    units = _read_length(spec, buffer, at, piece)
    if units is None:
        return piece
    width = spec.prefix.width if spec.prefix else 0
    if read_content(piece, spec, buffer, at + width, units):
        piece.size = width + spec.encoding.size(units)
    return piece


def _read_length(spec: FieldSpec, buffer: Buffer, at: int, piece: Piece) -> int | None:
    if spec.prefix is None:
        rest = spec.encoding.units(max(0, len(buffer.data) - at))
        return spec.length_max if spec.fixed else min(rest, spec.length_max)
    width = spec.prefix.width
    raw = buffer.data[at : at + width]
    if len(raw) < width:
        detail = f"a length prefix of {width} bytes expected, {len(raw)} found"
        piece.fail(Rule.LENGTH, detail)
        return None
    number = spec.prefix.read(raw)
    if number is None:
        detail = f"a length prefix of {width} {spec.prefix.kind} digits expected"
        piece.fail(Rule.CLASS, detail)
        return None
    units = spec.counted(number)
    if spec.count(units) != number:
        piece.fail(Rule.VALUE, f"an even length expected, {number} found")
        return None
    if units > spec.length_max:
        detail = f"a length of at most {spec.length_max} expected, {units} found"
        piece.fail(Rule.LENGTH, detail)
        return None
    return units


def read_content(piece: Piece, spec: FieldSpec, buffer: Buffer, start: int, units: int) -> bool:
    """Read the content of a field whose length is known; return whether all its bytes are there."""
    size = spec.encoding.size(units)
    piece.content_offset = buffer.offset(start)
    piece.raw = buffer.data[start : start + size]
    if len(piece.raw) < size:
        detail = f"{size} bytes expected, {len(piece.raw)} found"
        piece.faults.append(fault(piece.path, piece.content_offset, Rule.LENGTH, detail))
        return False
    piece.units = units
    if not spec.length_min <= units <= spec.length_max:
        bounds = f"{spec.length_min} to {spec.length_max}"
        detail = f"a length of {bounds} expected, {units} found"
        piece.faults.append(fault(piece.path, piece.offset, Rule.LENGTH, detail))
        return True
    if _class_holds(piece, spec, buffer):
        piece.value = spec.encoding.read(piece.raw, units, spec.kind)
        _read_parts(piece, spec, buffer)
    return True


def _class_holds(piece: Piece, spec: FieldSpec, buffer: Buffer) -> bool:
    place = 0
    for allowed, count in spec.encoding.cells(spec.kind, piece.units, buffer.tolerances):
        wrong = piece.raw[place : place + count].translate(None, allowed)
        if wrong:
            first = next(
                i for i, byte in enumerate(piece.raw[place:], place) if byte not in allowed
            )
            detail = f"class {spec.kind} expected, {len(wrong)} of {len(piece.raw)} bytes break it"
            where = piece.content_offset + first * buffer.scale
            piece.faults.append(fault(piece.path, where, Rule.CLASS, detail))
            return False
        place += count
    return True


def _read_parts(piece: Piece, spec: FieldSpec, buffer: Buffer) -> None:
    """Read a composite: hexadecimal text is read as the bytes it stands for."""
    if spec.composite is None or piece.value is None:
        return
    inner, scale = piece.raw, buffer.scale
    if isinstance(piece.value, bytes) and len(piece.value) != len(piece.raw):
        inner, scale = piece.value, buffer.scale * 2
    window = Buffer(inner, piece.content_offset, scale, buffer.tolerances)
    piece.parts = spec.composite.read(window, piece)
