"""What a composite field answers: it reads its content into parts, and writes parts as content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msggw.errors import Refused, Rule
from msggw.iso8583.piece import Buffer, Piece, fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.spec import FieldSpec

__all__ = ["PARTS_MAX", "CompositeSpec", "surplus", "unknown_part"]

PARTS_MAX = 512
"""Parts in one composite; more is taken for an attack."""


class CompositeSpec(Protocol):
    """One way to put parts into the content of a field."""

    @property
    def kind(self) -> str:
        """The name of this way in spec files."""
        ...

    @property
    def parts(self) -> Mapping[str, FieldSpec]:
        """The parts that the dialect names."""
        ...

    def read(self, buffer: Buffer, parent: Piece) -> tuple[Piece, ...]:
        """Return the parts; faults of the structure itself go to the parent."""
        ...

    def write(self, values: Mapping[str, object], path: str) -> bytes:
        """Return the content; raises `Refused` for an unknown part or a wrong value."""
        ...

    def sound(self, inner: bytes, tolerances: frozenset[str]) -> bool:
        """Return whether `read` would find no fault. May be much faster than reading."""
        ...


def surplus(parent: Piece, buffer: Buffer, at: int) -> None:
    """Refuse bytes after the last part."""
    left = len(buffer.data) - at
    if left > 0:
        detail = f"nothing expected after the last part, {left} bytes found"
        parent.faults.append(fault(parent.path, buffer.offset(at), Rule.LENGTH, detail))


def unknown_part(path: str, number: str) -> Refused:
    """Return the refusal of a part that the dialect does not have."""
    return Refused(fault(f"{path}.{number}", None, Rule.UNKNOWN, "the dialect has no such part"))


def without_faults(composite: CompositeSpec, inner: bytes, tolerances: frozenset[str]) -> bool:
    """Read and look whether a fault turned up: the slow form of `sound`."""
    parent = Piece(path="", spec=None, offset=0, content_offset=0)
    parts = composite.read(Buffer(inner, tolerances=tolerances), parent)
    return not parent.faults and all(next(part.all_faults(), None) is None for part in parts)
