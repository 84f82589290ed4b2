"""Message to bytes. What the reading side would refuse is refused here, with the same words.

Messages of one kind repeat: the same data elements with the same lengths. For those a template is
filled by one `%` and the result is checked by the shape's regular expression, which is the reading
side's own. Everything else is written field by field, and explained if it is wrong.
"""

from __future__ import annotations

from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from msggw.errors import Fault, Refused, Rule
from msggw.iso8583 import encoding as encodings
from msggw.iso8583.bitmap import SIZE, bitmap_of
from msggw.iso8583.explain import bitmap_numbers
from msggw.iso8583.fieldwriter import plain_of, write_field
from msggw.iso8583.message import NO_FORM
from msggw.iso8583.mti import all_mtis, is_mti
from msggw.iso8583.piece import fault
from msggw.iso8583.shape import Shape
from msggw.iso8583.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from msggw.iso8583.encoding import Encoding
    from msggw.iso8583.message import Message
    from msggw.iso8583.spec import FieldSpec, Spec

__all__ = ["Encoder", "wire_mtis"]

_PLANS_MAX = 1024
_HITS_BEFORE_TEMPLATE = 64
_LENGTHS_MAX = 64


class _Plan:
    """What is known about messages with these data elements, given in this order."""

    __slots__ = (
        "bitmap",
        "getter",
        "hits",
        "last",
        "last_lengths",
        "numbers",
        "specs",
        "templates",
    )

    def __init__(
        self, given: tuple[str, ...], numbers: list[str], specs: list[FieldSpec], bitmap: bytes
    ) -> None:
        self.numbers = numbers
        self.specs = specs
        self.bitmap = bitmap
        self.getter = _getter(numbers, given)
        self.hits: dict[tuple[int, ...], int] = {}
        self.last: tuple[Template, Shape]
        self.last_lengths: list[int] | None = None
        self.templates: dict[tuple[int, ...], tuple[Template, Shape]] = {}


def _getter(
    numbers: list[str], given: tuple[str, ...]
) -> Callable[[dict[str, Any]], tuple[Any, ...]] | None:
    """Return what puts the values in order; None if they are in order already, as one alone is."""
    if len(numbers) < 2 or given == tuple(numbers):
        return None
    return itemgetter(*numbers)


class Encoder:
    """Writes messages of one dialect."""

    def __init__(self, spec: Spec, tolerances: frozenset[str]) -> None:
        """Start with empty caches."""
        self._spec = spec
        self._tolerances = tolerances
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._headed = spec.header.name != "none"
        self._heads = wire_mtis(spec.mti)

    def encode(self, message: Message) -> bytes:
        """Return the bytes of a message; raises `Refused` with every fault."""
        plain = message.plain
        plan = self._plans.get(tuple(plain))
        head = self._heads.get(message.origin.mti)
        if plan is None or head is None:
            return self._carefully(message)
        values = plan.getter(plain) if plan.getter is not None else tuple(plain.values())
        lengths = list(map(len, values))
        if lengths != plan.last_lengths:
            found = plan.templates.get(tuple(lengths))
            if found is None:
                return self._carefully(message)
            plan.last_lengths, plan.last = lengths, found
        template, shape = plan.last
        try:
            body = template.fill(values)
        except (TypeError, ValueError, AttributeError):
            return self._carefully(message)
        if shape.match(body, 0) is None or (shape.composites and not shape.sound(body)):
            return self._carefully(message)
        if message.origin.form is NO_FORM and not self._headed:
            return head + plan.bitmap + body
        return self._framed(message, plan, body)

    def _framed(self, message: Message, plan: _Plan, body: bytes) -> bytes:
        form = message.form
        bitmap = plan.bitmap
        if form.bitmap and form.bitmap != bitmap:
            bitmap = self._kept_bitmap(message, plan)
        out = self._spec.mti.write(message.mti, 4, "n") + bitmap + body
        if form.trailer:
            out += self._trailer(form.trailer)
        return self._spec.header.written(message.header, len(out)) + out if self._headed else out

    def _kept_bitmap(self, message: Message, plan: _Plan) -> bytes:
        """Return the bitmap as it came, if it still says what the message has."""
        same = message.spec is not None and message.spec.name == self._spec.name
        kept = message.form.bitmap
        if same and bitmap_numbers(self._spec, kept) == tuple(map(int, plan.numbers)):
            return kept
        return plan.bitmap

    def _trailer(self, trailer: bytes) -> bytes:
        if "trailing-bytes" not in self._tolerances:
            detail = f"nothing expected after the last data element, {len(trailer)} bytes found"
            raise Refused(fault("message", None, Rule.LENGTH, detail))
        return trailer

    def _carefully(self, message: Message) -> bytes:
        """Write field by field, collecting faults."""
        faults: list[Fault] = []
        if not is_mti(message.mti) and not self._any_mti(message.mti):
            faults.append(fault("MTI", None, Rule.VALUE, "a message type of the standard expected"))
        plan = self._plan(message.plain, faults)
        body = b""
        lengths: list[int] = []
        for number, spec in zip(plan.numbers, plan.specs, strict=True):
            try:
                value = plain_of(spec, message.plain[number], number)
                body += write_field(spec, value, number, self._tolerances)
                lengths.append(len(value))
            except Refused as refusal:
                faults += refusal.faults
        Refused.raise_if(faults)
        data = self._framed(message, plan, body)
        self._count(plan, message.plain, tuple(lengths))
        return data

    def _any_mti(self, mti: str) -> bool:
        fits = len(mti) == 4 and mti.isascii() and mti.isdecimal()
        return fits and "any-mti" in self._tolerances

    def _plan(self, plain: dict[str, Any], faults: list[Fault]) -> _Plan:
        key = tuple(plain)
        found = self._plans.get(key)
        if found is not None:
            return found
        numbers = sorted(plain, key=int)
        unknown = [number for number in numbers if number not in self._spec.fields]
        for number in unknown:
            detail = "the dialect has no such data element"
            faults.append(fault(number, None, Rule.UNKNOWN, detail))
        known = [number for number in numbers if number in self._spec.fields]
        bitmap = self._bitmap([int(number) for number in known], faults)
        plan = _Plan(key, known, [self._spec.fields[number] for number in known], bitmap)
        if not faults:
            if len(self._plans) >= _PLANS_MAX:
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def _bitmap(self, numbers: list[int], faults: list[Fault]) -> bytes:
        highest = max(numbers, default=0)
        tertiary = self._spec.bitmap.tertiary
        if highest > SIZE * 16 and tertiary != "after":
            detail = "the dialect has no third bitmap that can be written"
            faults.append(fault("bitmap 3", None, Rule.UNSUPPORTED, detail))
            return b""
        if tertiary == "after" and 65 in numbers:
            detail = "bit 65 announces the third bitmap and carries no value"
            faults.append(fault("65", None, Rule.CONFLICT, detail))
            return b""
        size = SIZE if highest <= SIZE * 8 else SIZE * 2 if highest <= SIZE * 16 else SIZE * 3
        if size == SIZE and self._spec.bitmap.secondary == "always":
            size = SIZE * 2
            bits = bitmap_of(numbers, size)
        else:
            more = {SIZE: [], SIZE * 2: [1], SIZE * 3: [1, 65]}[size]
            bits = bitmap_of([*more, *numbers], size)
        return self._spec.bitmap.encoding.write(bits, size, "b")

    def _count(self, plan: _Plan, plain: dict[str, Any], lengths: tuple[int, ...]) -> None:
        """Make a template once the same lengths have come often enough."""
        given = tuple(len(plain[number]) for number in plan.numbers)
        if given != lengths or any(isinstance(value, dict) for value in plain.values()):
            return
        hits = plan.hits.get(lengths, 0) + 1
        if len(plan.hits) >= _LENGTHS_MAX * 4:
            plan.hits.clear()
        plan.hits[lengths] = hits
        if hits < _HITS_BEFORE_TEMPLATE or any(map(_short, plan.specs, lengths)):
            return
        if len(plan.templates) >= _LENGTHS_MAX:
            plan.templates.pop(next(iter(plan.templates)))
        index = {number: place for place, number in enumerate(plan.numbers)}
        shape = Shape(index, tuple(plan.specs), lengths, self._tolerances)
        plan.templates[lengths] = (Template(plan.specs, lengths), shape)


def wire_mtis(form: Encoding) -> Mapping[str, bytes]:
    """Return every message type of the standard as it stands on the wire."""
    return _wire_mtis(form.name)


@cache
def _wire_mtis(name: str) -> Mapping[str, bytes]:
    encoding = encodings.of(name)
    return {mti: encoding.write(mti, 4, "n") for mti in all_mtis()}


def _short(spec: FieldSpec, units: int) -> bool:
    """Return whether a fixed field has to be filled, which templates do not do."""
    return spec.fixed and units != spec.length_max
