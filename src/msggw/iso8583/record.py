"""A message on the wire, cut but not yet read: values are decoded when somebody asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.message import Form
    from msggw.iso8583.shape import Getter
    from msggw.iso8583.spec import FieldSpec, Spec

__all__ = ["Cut", "Layout", "Origin"]


class Layout(Protocol):
    """Knows where the data elements of a message stand in its bytes."""

    @property
    def index(self) -> dict[str, int]:
        """The data elements, by number."""
        ...

    @property
    def getters(self) -> dict[tuple[str, ...], Getter | None]:
        """What `getter` has made."""
        ...

    def one(self, data: bytes, number: str) -> Plain:
        """Return one value; `KeyError` if the data element is absent."""
        ...

    def items(self, data: bytes) -> Iterator[tuple[str, Plain]]:
        """Return every number and value."""
        ...

    def getter(self, numbers: tuple[str, ...]) -> Getter | None:
        """Return what cuts several text values at once; None if nothing does."""
        ...


class Origin:
    """Where messages come from: everything that messages of one shape have in common."""

    __slots__ = ("form", "getters", "layout", "mti", "owner", "spec")

    def __init__(
        self, mti: str, form: Form, spec: Spec | None, layout: Layout | None, owner: object
    ) -> None:
        """`owner` is the codec that read the bytes; only it may give them back unread."""
        self.mti = mti
        self.form = form
        self.spec = spec
        self.layout = layout
        self.owner = owner
        self.getters: dict[tuple[str, ...], Getter | None] = (
            layout.getters if layout is not None else {}
        )


class Cut:
    """Slices that the field-by-field walk has cut from one message."""

    __slots__ = ("_raws", "_specs", "_units", "getters", "index")

    def __init__(
        self,
        index: dict[str, int],
        specs: tuple[FieldSpec, ...],
        raws: list[bytes],
        units: list[int],
    ) -> None:
        """Slices and units stand in the order of `index`."""
        self.index = index
        self._specs = specs
        self._raws = raws
        self._units = units
        self.getters: dict[tuple[str, ...], Getter | None] = {}

    def one(self, data: bytes, number: str) -> Plain:  # noqa: ARG002 - the slices are its own
        """Return one value; `KeyError` if the data element is absent."""
        place = self.index[number]
        spec = self._specs[place]
        return spec.encoding.read(self._raws[place], self._units[place], spec.kind)

    def items(self, data: bytes) -> Iterator[tuple[str, Plain]]:  # noqa: ARG002 - as in `one`
        """Return every number and value."""
        several = zip(self.index, self._specs, self._raws, self._units, strict=True)
        for number, spec, raw, units in several:
            codec = spec.text_codec
            yield number, raw.decode(codec) if codec else spec.encoding.read(raw, units, spec.kind)

    def getter(self, numbers: tuple[str, ...]) -> None:
        """Return None: nothing is prepared for one message."""

    def __repr__(self) -> str:
        """Return the number of slices, never the content."""
        return f"<Cut of {len(self._raws)} data elements>"
