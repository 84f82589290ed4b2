"""From a message to the canonical transaction: all faults at once, nothing thrown away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msggw.canonical import Transaction, build
from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso8583.bitmap import SIZE, bitmap_of
from msggw.iso8583.mapping.chip import has_datasets, only_dataset
from msggw.iso8583.mapping.hidden import CLAIMED, hidden_elements, verification_code
from msggw.iso8583.mapping.kinds import kind_of, mti_of
from msggw.iso8583.mapping.needs import missing_elements
from msggw.iso8583.mapping.residue import keep
from msggw.iso8583.mapping.shape import Shape, cut
from msggw.iso8583.mapping.tables import table_of
from msggw.iso8583.mapping.track import pan_of_tracks
from msggw.iso8583.sensitivity import is_secret, wrapped
from msggw.translate import Context

if TYPE_CHECKING:
    from datetime import datetime

    from msggw.iso8583.message import Message
    from msggw.values import CardVerificationCode

__all__ = ["to_canonical"]


def to_canonical(message: Message, *, now: datetime, dialect: str) -> Transaction:
    """Read a request or advice of ISO 8583:1987; raise `Refused` with every fault, by element.

    `now` (aware) is the instant that dates without a year are near. `dialect` names the residue:
    only the same dialect gets all of it back. Sensitive data stands in fields that no dump has.
    """
    kind, repeat = kind_of(message.mti, message.get("3"))
    faults = missing_elements(message.mti, message.plain)
    hidden = hidden_elements(message)
    shape = cut(_elements(message, faults), message.mti[1])
    faults += shape.faults
    if "55" in shape.flat and has_datasets(message.spec):
        hidden |= _open_dataset(message, shape)
    try:
        reading = table_of(message.mti).get(shape.flat, Context(now))
    except Refused as refusal:
        raise Refused(*sorted([*faults, *refusal], key=_place)) from None
    Refused.raise_if(sorted(faults, key=_place))
    values = reading.values | {"kind": kind, "repeat": repeat}
    kept = reading.residue | shape.kept | _form(message)
    if mti_of(kind, repeat=repeat) != message.mti:
        kept["form:mti"] = message.mti
    _derive(values, kept, verification_code(message, hidden))
    values["residue"] = keep(kept, dialect, hidden)
    return build(Transaction, values, "iso8583")


def _place(fault: Fault) -> list[int]:
    return [int(part) for part in fault.where.path.removeprefix("DE").split(".")]


def _elements(message: Message, faults: list[Fault]) -> dict[str, Any]:
    """Return the data elements, card data in its secret types."""
    out: dict[str, Any] = {}
    for number, plain in message.plain.items():
        if type(plain) is str and number not in CLAIMED:
            out[number] = plain
        elif isinstance(plain, Mapping):
            where = Location("iso8583", f"DE{number}")
            detail = "parts that were never written: encode and decode the message first"
            faults.append(Fault(where, Rule.UNSUPPORTED, detail))
        elif number in CLAIMED and is_secret(sensitivity := message.sensitivity(number)):
            try:
                out[number] = wrapped(plain, sensitivity)
            except Refused as refusal:
                where = Location("iso8583", f"DE{number}")
                faults += [Fault(where, fault.rule, fault.detail) for fault in refusal]
        else:
            out[number] = plain
    return out


def _open_dataset(message: Message, shape: Shape) -> set[str]:
    """Take chip data out of its dataset; other datasets are kept as they are, and hidden."""
    inner = only_dataset(shape.flat["55"])
    if inner is not None:
        shape.flat["55"] = inner
        return set()
    del shape.flat["55"]
    shape.kept["55"] = message.plain["55"]
    return {"55"}


def _derive(
    values: dict[str, Any], kept: dict[str, Any], code: CardVerificationCode | None
) -> None:
    """Add what other parts of the message imply; it is not written back on its own."""
    card = values.get("card", {})
    if "pan" not in card:
        pan = pan_of_tracks(card.get("track2"), card.get("track1"))
        if pan is not None:
            card["pan"] = pan
            kept["form:pan"] = "track"
    if code is not None:
        card["verification_code"] = code
    if card:
        values["card"] = card


def _form(message: Message) -> dict[str, bytes]:
    form = message.form
    facts = {
        "form:header": message.header,
        "form:bitmap": b"" if form.bitmap == _plain_bitmap(message) else form.bitmap,
        "form:trailer": form.trailer,
    }
    return {key: value for key, value in facts.items() if value}


def _plain_bitmap(message: Message) -> bytes:
    """Return the shortest bitmap of one or two parts, as this dialect writes it."""
    numbers = [int(number) for number in message.plain]
    highest = max(numbers, default=0)
    if message.spec is None or highest > SIZE * 16:
        return b""
    more, size = ([1], SIZE * 2) if highest > SIZE * 8 else ([], SIZE)
    return message.spec.bitmap.encoding.write(bitmap_of([*more, *numbers], size), size, "b")
