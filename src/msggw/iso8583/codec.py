"""The wire codec of one dialect: bytes to `Message` and back.

Reading goes down three levels, and each gives the same result as the one below it:

1. a `Shape` that was seen before: one regular expression checks and cuts everything;
2. the walk: field by field, detecting only;
3. `explain`: reads as far as possible and names every fault.

All caches are bounded, and a shape is compiled only after it has been walked often enough to pay
for it, so a stream of ever new bitmaps costs nothing but the walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from msggw.errors import ConfigurationError, Refused, Rule
from msggw.iso8583 import speclang
from msggw.iso8583.bitmap import SIZE, numbers_of
from msggw.iso8583.encoder import Encoder, wire_mtis
from msggw.iso8583.explain import bitmap_numbers, explain
from msggw.iso8583.interop.pyiso import from_spec
from msggw.iso8583.kinds import TOLERANCES
from msggw.iso8583.message import Form, Message, cut_message
from msggw.iso8583.piece import fault
from msggw.iso8583.record import Cut, Origin
from msggw.iso8583.redact import redacted
from msggw.iso8583.shape import Match, Shape
from msggw.iso8583.walk import Step, step, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from msggw.iso8583.spec import FieldSpec, Spec

__all__ = ["SALVAGED", "Codec"]

SALVAGED = ("3", "4", "7", "11", "12", "13", "32", "33", "37", "39", "41", "42", "49", "70")
"""What an answer to a broken message may repeat: keys and amounts, nothing sensitive."""

_LAYOUTS_MAX = 2048
_HITS_MAX = 8192
_VARIANTS_MAX = 4
_HEX_DIGITS = b"0123456789ABCDEFabcdef"


_Known: TypeAlias = "tuple[Match, int, Shape | None, Origin]"
"""A shape taken apart: match, begin, itself if it has parts to check, and origin."""


class _Layout(NamedTuple):
    """What a bitmap announces. `steps` is None if the walk cannot do it."""

    form: Form
    places: dict[str, int]
    specs: tuple[FieldSpec, ...]
    steps: tuple[Step, ...] | None


class Codec:
    """Reads and writes the messages of one dialect. Holds no state but caches."""

    def __init__(
        self,
        spec: Spec,
        *,
        tolerances: Iterable[str] = (),
        length_max: int = 65_535,
        shapes_max: int = 256,
        hits_before_shape: int = 64,
    ) -> None:
        """`tolerances` are names of `msggw.iso8583.kinds.TOLERANCES`; `ConfigurationError` else."""
        self.spec = spec
        self.tolerances = frozenset(tolerances)
        unknown = self.tolerances - set(TOLERANCES)
        if unknown:
            msg = f"no tolerance {', '.join(sorted(unknown))}; there are {', '.join(TOLERANCES)}"
            raise ConfigurationError(msg)
        self._length_max = length_max
        self._shapes_max = shapes_max
        self._hits_before_shape = hits_before_shape
        self._shapes: dict[tuple[bytes, int], tuple[_Known, ...]] = {}
        self._shapes_count = 0
        self._hits: dict[tuple[bytes, tuple[int, ...]], int] = {}
        self._layouts: dict[bytes, _Layout] = {}
        self._steps: dict[str, Step] = {}
        self._encoder = Encoder(spec, self.tolerances)
        self._prepare()

    def _prepare(self) -> None:
        spec = self.spec
        mti_size, bits_size = spec.mti.size(4), spec.bitmap.encoding.size(SIZE)
        self._mti_size = mti_size
        self._bits_size = bits_size
        self._mtis = {raw: mti for mti, raw in wire_mtis(spec.mti).items()}
        self._has_tertiary = spec.bitmap.tertiary == "after"
        always = spec.bitmap.secondary == "always"
        self._quick = (
            spec.header.fixed_size,
            mti_size,
            bits_size * 2 if always else bits_size,
            bits_size * 2,
            self._flagged(),
            self._shapes,
        )

    def _flagged(self) -> frozenset[int]:
        """Return the first bytes of a bitmap whose first bit is set."""
        if self.spec.bitmap.encoding.name == "binary":
            return frozenset(range(0x80, 0x100))
        charset = "ascii" if self.spec.bitmap.encoding.name == "hex" else "cp037"
        return frozenset("89ABCDEFabcdef".encode(charset))

    @classmethod
    def load(cls, name_or_path: str | Path, **settings: Any) -> Codec:
        """Return the codec of a spec by name or path; settings as in the constructor.

        Raises `ConfigurationError` if there is no such spec, `Refused` if it is wrong.
        """
        return cls(speclang.load(name_or_path), **settings)

    @classmethod
    def from_pyiso8583(cls, spec: Mapping[str, Mapping[str, Any]], **settings: Any) -> Codec:
        """Return the codec of a pyiso8583 spec; settings as in the constructor.

        Raises `Refused` for what we have no form for.
        """
        return cls(from_spec(spec), **settings)

    def decode(self, data: bytes) -> Message:
        """Return the message; raises `Refused` with every fault that can be found in it."""
        if type(data) is not bytes:
            data = bytes(data)
        start, mti_size, one_size, two_sizes, flags, shapes = self._quick
        if start is None:
            if self.spec.header.faults(data):
                return self._explained(data)
            start = self.spec.header.size(data)
        bits_at = start + mti_size
        try:
            flagged = data[bits_at] in flags
        except IndexError:
            return self._explained(data)
        end = bits_at + (two_sizes if flagged else one_size)
        if (
            flagged
            and self._has_tertiary
            and data[end - self._bits_size : end - self._bits_size + 1]
        ):
            end += self._bits_size if data[end - self._bits_size] in flags else 0
        for match, first, parted, origin in shapes.get((data[start:end], len(data)), ()):
            if match(data, end) is not None and first == end:
                if parted is not None and not parted.sound(data):
                    break
                return cut_message(origin, data, data[:start])
        return self._walked(data, start, end)

    def _walked(self, data: bytes, start: int, end: int) -> Message:
        bits_at = start + self._mti_size
        mti = self._mtis.get(data[start:bits_at])
        bits = data[bits_at:end]
        layout = self._layouts.get(bits) or self._layout(bits)
        if mti is None or layout.steps is None or len(data) > self._length_max:
            return self._explained(data)
        found = walk(layout.steps, data, end)
        if found is None:
            return self._explained(data)
        raws, units = found
        self._count(layout, mti, data[start:], end, tuple(units))
        cut = Cut(layout.places, layout.specs, raws, units)
        origin = Origin(mti, layout.form, self.spec, cut, self)
        return cut_message(origin, data, data[:start])

    def _layout(self, bits: bytes) -> _Layout:
        """Work out what a bitmap announces; as careful as `explain`, whose reader it uses."""
        found = self._announced(bits)
        numbers = [str(number) for number in found or ()]
        known = [self.spec.fields[n] for n in numbers if n in self.spec.fields]
        readable = found is not None and len(known) == len(numbers)
        if "65" in numbers and self.spec.bitmap.tertiary == "in-place":
            readable = False
        layout = _Layout(
            form=Form(bits),
            places={number: place for place, number in enumerate(numbers)},
            specs=tuple(known),
            steps=tuple(map(self._step, numbers)) if readable else None,
        )
        if len(self._layouts) >= _LAYOUTS_MAX:
            self._layouts.clear()
        self._layouts[bits] = layout
        return layout

    def _announced(self, bits: bytes) -> tuple[int, ...] | None:
        """Return what a bitmap announces: at once if it is a usual one, else as `explain` does."""
        name, usual = self.spec.bitmap.encoding.name, bits
        if (
            name == "hex"
            and len(bits) in {SIZE * 2, SIZE * 4}
            and not bits.translate(None, _HEX_DIGITS)
        ):
            usual = bytes.fromhex(bits.decode("ascii"))
        elif name != "binary":
            return bitmap_numbers(self.spec, bits)
        if len(usual) == SIZE and not usual[0] & 0x80:
            return numbers_of(usual)
        if len(usual) == SIZE * 2 and usual[0] & 0x80 and not usual[SIZE] & 0x80:
            return numbers_of(usual)[1:]
        return bitmap_numbers(self.spec, bits)

    def _step(self, number: str) -> Step:
        found = self._steps.get(number)
        if found is None:
            found = self._steps[number] = step(self.spec.fields[number], self.tolerances)
        return found

    def _count(
        self, layout: _Layout, mti: str, body: bytes, end: int, units: tuple[int, ...]
    ) -> None:
        """Count this shape; compile it once it has been walked often enough."""
        head = body[: self._mti_size + len(layout.form.bitmap)]
        hits = self._hits.get((head, units), 0) + 1
        if hits < self._hits_before_shape:
            if len(self._hits) >= _HITS_MAX:
                self._hits.clear()
            self._hits[(head, units)] = hits
            return
        self._hits.pop((head, units), None)
        shape = Shape(layout.places, layout.specs, units, self.tolerances, end)
        origin = Origin(mti, layout.form, self.spec, shape, self)
        known = (shape.match, end, shape if shape.composites else None, origin)
        self._keep((head, len(body) + end - len(head)), known)

    def _keep(self, key: tuple[bytes, int], made: _Known) -> None:
        """Keep a shape within the bound; the entries that came first go first."""
        others = self._shapes.pop(key, ())
        self._shapes_count -= len(others)
        kept = (made, *others)[:_VARIANTS_MAX]
        while self._shapes and self._shapes_count + len(kept) > self._shapes_max:
            self._shapes_count -= len(self._shapes.pop(next(iter(self._shapes))))
        self._shapes[key] = kept
        self._shapes_count += len(kept)

    def _explained(self, data: bytes) -> Message:
        if len(data) > self._length_max:
            detail = f"at most {self._length_max} bytes expected, {len(data)} found"
            raise Refused(fault("message", 0, Rule.LIMIT, detail))
        found = explain(self.spec, data, self.tolerances)
        Refused.raise_if(found.faults)
        plain = {piece.path: piece.value for piece in found.pieces}
        form = Form(found.bitmap, found.trailer)
        return Message.decoded(found.mti, found.header, form, self.spec, plain)

    def encode(self, message: Message) -> bytes:
        """Return the bytes; raises `Refused` for what `decode` would refuse.

        A message that this codec decoded gives the bytes it was decoded from.
        """
        return message.wire_of(self) or self._encoder.encode(message)

    def salvage(self, data: bytes) -> Message | None:
        """Return what an answer to a broken message may repeat, or None without a message type.

        Only fields of `SALVAGED` that were read without a fault before the message broke.
        """
        if len(data) > self._length_max:
            return None
        found = explain(self.spec, data, self.tolerances)
        if not found.mti:
            return None
        plain = {p.path: p.value for p in found.pieces if p.path in SALVAGED and p.sound}
        return Message.decoded(found.mti, found.header, Form(), self.spec, plain)

    def holds_only_pan(self, message: Message) -> bool:
        """Return whether the only secret in the message is its PAN (DE 2).

        Such a message may be kept as it is where it is encrypted; any other must be redacted.
        """
        return self.spec.harmless.issuperset(message.plain)

    def redacted(self, data: bytes) -> bytes:
        """Return the bytes with every secret overwritten, fit to be stored; same length.

        What cannot be read is searched for card numbers in ASCII, EBCDIC and packed digits.
        """
        return redacted(explain(self.spec, data, self.tolerances), data)
