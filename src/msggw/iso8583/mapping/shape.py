"""From the data elements of a message to what the tables read, and back.

The tables map one value to one value. What stands between them and the wire is here: DE 90 and
DE 95 are cut into their fixed parts, a fee gets the currency that another element gives it, a
currency in letters becomes its number. And what real traffic fills with zeros is set aside: it goes
to the residue, unread, instead of breaking the message. That is

* DE 7, 9, 10, 13 to 17 and 37 with nothing but zeros, DE 37 with nothing but spaces, DE 90 and
  the amount of DE 95 with nothing but zeros (a full reversal);
* any element without content, and DE 40 if it is no three digits;
* DE 5, 6 and 28 to 31 without a currency, or with currency 000.

A date that is not zero and does not exist is a fault.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from msggw.errors import Fault, Location, Refused, Rule
from msggw.values import Currency

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Shape", "cut", "join"]

_ZEROS = {
    "7": "0" * 10,
    "9": "0" * 8,
    "10": "0" * 8,
    "13": "0000",
    "14": "0000",
    "15": "0000",
    "16": "0000",
    "17": "0000",
    "37": "0" * 12,
    "90": "0" * 42,
}
_CURRENCIES = {"49": ("4", "28", "30"), "50": ("5", "29", "31"), "51": ("6",)}
"""The currency elements, and the amounts and fees that each of them is the currency of."""

_FEES = {"28": "49", "29": "50", "30": "49", "31": "50"}
_FEE = re.compile(r"[CD][0-9]{1,8}")
_SERVICE_CODE = re.compile(r"[0-9]{3}")
_ORIGINAL = re.compile(r"[0-9]{42}")
_REPLACEMENT = re.compile(r"[0-9]{12}.{30}", re.DOTALL)
_PARTS = (("90.1", 0, 4), ("90.2", 4, 10), ("90.3", 10, 20), ("90.4", 20, 31), ("90.5", 31, 42))
_NO_MORE = "0" * 30


@dataclass
class Shape:
    """`flat` is for the table; `kept` goes round it to the residue; `faults` were found here."""

    flat: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def set_aside(self, *numbers: str) -> None:
        """Send elements to the residue unread."""
        self.kept.update((n, self.flat.pop(n)) for n in numbers if n in self.flat)


def cut(fields: dict[str, Any], class_: str) -> Shape:
    """Prepare the data elements of a message of this class (the second digit of its MTI)."""
    shape = Shape(dict(fields))
    shape.set_aside(*_unread(fields))
    if class_ != "8":
        _cut_currencies(shape)
        _cut_fees(shape)
        _cut_original(shape)
    if class_ == "4":
        _cut_replacement(shape)
    return shape


def join(out: dict[str, Any], forms: dict[str, Any]) -> list[Fault]:
    """Make data elements of what a table has written, in place; return what cannot be joined."""
    faults = list(_join_fees(out))
    faults += _join_replacement(out, forms)
    parts = [out.pop(name, "0" * (end - start)) for name, start, end in _PARTS]
    if any(part.strip("0") for part in parts):
        out["90"] = "".join(parts)
    for number in _CURRENCIES:
        letters = forms.get(f"form:{number}")
        if letters is not None and _numeric(letters) == out.get(number):
            out[number] = letters
    return faults


def _unread(fields: dict[str, Any]) -> Iterator[str]:
    for number, value in fields.items():
        if value in ("", b"", _ZEROS.get(number)) or (number == "37" and value == " " * 12):
            yield number
    if "40" in fields and not _is(fields["40"], _SERVICE_CODE):
        yield "40"


def _is(value: object, pattern: re.Pattern[str]) -> TypeGuard[str]:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _numeric(currency: object) -> str | None:
    """Return the numeric code of a currency that ISO 4217 lists."""
    try:
        return Currency.of(currency).numeric  # type: ignore[arg-type]  # it refuses what is no text
    except Refused:
        return None


def _cut_currencies(shape: Shape) -> None:
    for number, amounts in _CURRENCIES.items():
        currency = shape.flat.get(number)
        if currency is None:
            continue
        numeric = _numeric(currency)
        if currency == "000" and number != "49":
            shape.set_aside(number, *amounts)
        elif numeric is None:
            where = Location("iso8583", f"DE{number}")
            shape.faults.append(Fault(where, Rule.UNKNOWN, "an ISO 4217 code is expected"))
            shape.set_aside(number, *amounts)
        elif numeric != currency:
            shape.flat[number] = numeric
            shape.kept[f"form:{number}"] = currency


def _cut_fees(shape: Shape) -> None:
    for number, currency in _FEES.items():
        if number not in shape.flat:
            continue
        if currency not in shape.flat:
            shape.set_aside(number)
        elif _is(shape.flat[number], _FEE):
            shape.flat[number] = (shape.flat[number], shape.flat[currency])
        else:
            where = Location("iso8583", f"DE{number}")
            shape.faults.append(Fault(where, Rule.VALUE, "C or D and 8 digits"))
            shape.set_aside(number)


def _cut_original(shape: Shape) -> None:
    if not _is(shape.flat.get("90"), _ORIGINAL):
        shape.set_aside("90")
        return
    text = shape.flat.pop("90")
    parts = ((name, text[start:end]) for name, start, end in _PARTS)
    shape.flat.update((name, part) for name, part in parts if part.strip("0"))


def _cut_replacement(shape: Shape) -> None:
    text: object = shape.flat.get("95")
    currency = shape.flat.get("49")
    if currency is None or not _is(text, _REPLACEMENT) or text.startswith("0" * 12):
        shape.set_aside("95")
        return
    shape.flat.update({"95.1": text[:12], "95.49": currency})
    del shape.flat["95"]
    if text[12:] != _NO_MORE:
        shape.kept["form:95"] = text[12:]


def _join_fees(out: dict[str, Any]) -> Iterator[Fault]:
    for number, currency in _FEES.items():
        if isinstance(out.get(number), tuple):
            out[number], unit = out[number]
            if out.setdefault(currency, unit) != unit:
                where = Location("canonical", "amounts.fees")
                detail = f"the currency of DE {number} is that of DE {currency}"
                yield Fault(where, Rule.CONFLICT, detail)


def _join_replacement(out: dict[str, Any], forms: dict[str, Any]) -> Iterator[Fault]:
    if "95.1" not in out:
        return
    out["95"] = out.pop("95.1") + forms.get("form:95", _NO_MORE)
    if out.pop("95.49") != out.get("49"):
        where = Location("canonical", "amounts.replacement")
        yield Fault(where, Rule.CONFLICT, "the currency of DE 95 is that of DE 49")
