"""The model of a dialect: how a message of one partner stands on the wire. Specs are data.

`Spec` and `FieldSpec` are made by `msggw.iso8583.speclang` from `specs/iso8583/*.yaml`, or by one
of the importers. Nothing here reads files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.composite.base import CompositeSpec
    from msggw.iso8583.encoding import Encoding
    from msggw.iso8583.header.base import Header
    from msggw.iso8583.prefix import LengthTable, Prefix

__all__ = ["BitmapSpec", "FieldSpec", "Spec"]


_CODECS: Final = {"ascii": "latin-1", "cp037": "cp037", "cp500": "cp500", "cp1140": "cp1140"}


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One data element, or one part of a composite.

    Lengths are in units of the encoding: characters, digits or bytes. A signed amount (x+n)
    counts its sign. `counts` says what a prefix counts: units, or bytes on the wire.
    """

    number: str
    name: str
    kind: str
    encoding: Encoding
    length_min: int
    length_max: int
    prefix: Prefix | None = None
    counts: str = "units"
    sensitivity: str = "none"
    description: str = ""
    composite: CompositeSpec | None = None

    @property
    def fixed(self) -> bool:
        """Whether the field has one length only. Others without a prefix take what is left."""
        return self.prefix is None and self.length_min == self.length_max

    @property
    def is_bytes(self) -> bool:
        """Whether the plain value is bytes."""
        return self.kind == "b"

    @cached_property
    def lengths(self) -> LengthTable | None:
        """From a length prefix to units; None for a fixed field."""
        if self.prefix is None:
            return None
        return self.prefix.table(self.length_min, self.length_max, self._prefix_counts)

    @cached_property
    def text_codec(self) -> str:
        """The Python codec that reads the content; empty if there is none that does."""
        return _CODECS.get(self.encoding.name, "")

    @property
    def _prefix_counts(self) -> str:
        if self.counts == "units":
            return "units"
        if self.encoding.size(1) == 2:
            return "hex-digits"
        return "packed-bytes" if self.encoding.packs_two else "units"

    def count(self, units: int) -> int:
        """Return the number that the prefix of a value of this length says."""
        return units if self.counts == "units" else self.encoding.size(units)

    def counted(self, number: int) -> int:
        """Return the units that a prefix with this number announces."""
        return number if self.counts == "units" else self.encoding.units(number)

    @property
    def format(self) -> str:
        """The notation of the standard: `n 6`, `ans..25`, `x+n 8`."""
        signless = self.length_max - 1 if self.kind == "x+n" else self.length_max
        dots = " " if self.fixed else "." * max(2, len(str(self.length_max)))
        return f"{self.kind}{dots}{signless}"


@dataclass(frozen=True, kw_only=True)
class BitmapSpec:
    """How bitmaps stand on the wire.

    `secondary`: `auto` (present if bit 1 is set) or `always` (sixteen bytes whatever bit 1 says).
    `tertiary`: `none`, `after` (bit 65 set: the third bitmap follows the second) or `in-place`
    (the eight bytes stand where data element 65 stands).
    """

    encoding: Encoding
    secondary: str = "auto"
    tertiary: str = "none"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """A dialect."""

    name: str
    title: str
    header: Header
    mti: Encoding
    bitmap: BitmapSpec
    fields: Mapping[str, FieldSpec]
    sources: tuple[str, ...] = field(default=())

    @cached_property
    def harmless(self) -> frozenset[str]:
        """The fields that hold no secret but, for one of them, the PAN, which has its own type."""
        return frozenset(
            number
            for number, found in self.fields.items()
            if found.sensitivity in {"none", "pan"} and found.composite is None
        )
