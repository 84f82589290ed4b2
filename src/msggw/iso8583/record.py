"""A message on the wire, cut but not yet read: values are decoded when somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.shape import Shape
    from msggw.iso8583.spec import FieldSpec

__all__ = ["Cut", "Record", "Shaped"]


class Record(Protocol):
    """The data elements of one message, by number, in the bytes that `owner` read."""

    owner: object
    data: bytes
    index: dict[str, int]

    def one(self, number: str) -> Plain:
        """Return one value; `KeyError` if the data element is absent."""
        ...

    def all(self) -> Iterator[tuple[str, Plain]]:
        """Return every number and value."""
        ...


class Cut:
    """Slices that the field-by-field walk has cut."""

    __slots__ = ("_raws", "_specs", "_units", "data", "index", "owner")

    def __init__(
        self,
        owner: object,
        data: bytes,
        *,
        index: dict[str, int],
        specs: tuple[FieldSpec, ...],
        cut: tuple[list[bytes], list[int]],
    ) -> None:
        """`cut` holds the slices and their units, in the order of `index`."""
        self.owner = owner
        self.data = data
        self.index = index
        self._specs = specs
        self._raws, self._units = cut

    def one(self, number: str) -> Plain:
        """Return one value; `KeyError` if the data element is absent."""
        place = self.index[number]
        spec = self._specs[place]
        return spec.encoding.read(self._raws[place], self._units[place], spec.kind)

    def all(self) -> Iterator[tuple[str, Plain]]:
        """Return every number and value."""
        several = zip(self.index, self._specs, self._raws, self._units, strict=True)
        for number, spec, raw, units in several:
            yield number, spec.encoding.read(raw, units, spec.kind)

    def __repr__(self) -> str:
        """Return the size, never the content."""
        return f"<Cut of {len(self.data)} bytes>"


class Shaped:
    """A message whose shape says where everything stands."""

    __slots__ = ("_shape", "_start", "data", "index", "owner")

    def __init__(self, owner: object, data: bytes, shape: Shape, start: int) -> None:
        """The fields begin at `start`."""
        self.owner = owner
        self.data = data
        self.index = shape.index
        self._shape = shape
        self._start = start

    def one(self, number: str) -> Plain:
        """Return one value; `KeyError` if the data element is absent."""
        place = self.index[number]
        first, last = self._shape.places[place]
        return self._shape.read(place, self.data[self._start + first : self._start + last])

    def all(self) -> Iterator[tuple[str, Plain]]:
        """Return every number and value."""
        return self._shape.values(self.data, self._start)

    def __repr__(self) -> str:
        """Return the size, never the content."""
        return f"<Shaped of {len(self.data)} bytes>"
