"""pyiso8583: its message dicts and its spec dicts, both ways.

A pyiso8583 message is a dict of text: `t` the type, `h` the header, `p` and `1` the bitmaps,
numbers the data elements; bytes are hexadecimal digits. Its specs know no content classes, so
an imported spec reads `ans` where ours would be stricter, but for card data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso8583 import encoding, header
from msggw.iso8583.bitmap import SIZE, bitmap_of
from msggw.iso8583.message import Message
from msggw.iso8583.prefix import Prefix
from msggw.iso8583.spec import BitmapSpec, FieldSpec, Spec

if TYPE_CHECKING:
    from msggw.iso8583.encoding import Plain

__all__ = ["from_dict", "from_spec", "to_dict", "to_spec"]

_BYTE_FIELDS: Final = frozenset(("52", "55", "64", "65", "96", "128"))
_TRACK_TO_HEX: Final = str.maketrans(":;<=>?", "ABCDEF")
_HEX_TO_TRACK: Final = str.maketrans("ABCDEF", ":;<=>?")
_CODECS: Final = {"cp1047": ""}
_KNOWN: Final = {
    "2": ("n", 8, "pan"),
    "34": ("ns", 0, "pan-extended"),
    "35": ("z", 1, "track2"),
    "36": ("z", 1, "track"),
    "45": ("ans", 1, "track"),
    "52": ("b", 8, "pin"),
    "55": ("b", 0, "icc"),
    "64": ("b", 8, "mac"),
    "128": ("b", 8, "mac"),
}
"""Class, least length and sensitivity of the elements whose content must not be shown."""


def to_dict(message: Message) -> dict[str, str]:
    """Return the dict that pyiso8583 encodes. Secrets are opened: keep it no longer than needed."""
    numbers = [int(number) for number in message]
    high = max(numbers, default=0) > SIZE * 8
    bits = bitmap_of([*([1] if high else []), *numbers], SIZE * 2 if high else SIZE).hex().upper()
    out = {"t": message.mti, "p": bits[:16]}
    if message.header:
        out["h"] = message.header.hex().upper()
    if high:
        out["1"] = bits[16:]
    for number in message:
        spec = message.spec.fields.get(number) if message.spec is not None else None
        out[number] = _text(message.plain[number], spec)
    return out


def _text(plain: Any, spec: FieldSpec | None) -> str:
    if isinstance(plain, bytes):
        return plain.hex().upper()
    if isinstance(plain, Mapping):
        raise Refused.of("iso8583", "", Rule.UNSUPPORTED, "pyiso8583 knows no parts; encode first")
    packed_track = spec is not None and spec.kind == "z" and spec.encoding.packs_two
    return str(plain).translate(_TRACK_TO_HEX) if packed_track else str(plain)


def from_dict(document: Mapping[str, str], spec: Spec | None = None) -> Message:
    """Return the message of a dict that pyiso8583 decoded; raises `Refused` for odd values."""
    fields = {
        number: _plain(number, value, spec.fields.get(number) if spec is not None else None)
        for number, value in document.items()
        if number.isdecimal() and number != "1"
    }
    head = document.get("h", "")
    return Message(document["t"], fields, header=bytes.fromhex(head) if head else b"")


def _plain(number: str, value: str, spec: FieldSpec | None) -> Plain:
    is_bytes = spec.is_bytes if spec is not None else number in _BYTE_FIELDS
    if is_bytes:
        try:
            return bytes.fromhex(value)
        except ValueError:
            detail = "hexadecimal digits expected"
            raise Refused.of("iso8583", f"DE{number}", Rule.CLASS, detail) from None
    if spec is not None and spec.kind == "z" and spec.encoding.packs_two:
        return value.translate(_HEX_TO_TRACK)
    return value


def from_spec(given: Mapping[str, Mapping[str, Any]], name: str = "pyiso8583") -> Spec:
    """Return our form of a pyiso8583 spec; raises `Refused` for what it cannot say."""
    bitmap_encoding = "binary" if given["p"]["data_enc"] == "b" else _hexadecimal(given["p"])
    fields = {
        number: _field(number, entry)
        for number, entry in sorted(given.items(), key=lambda item: item[0].zfill(3))
        if number.isdecimal() and number not in {"1", "65"}
    }
    return Spec(
        name=name,
        title="imported from a pyiso8583 spec",
        header=header.of(f"fixed:{given['h']['max_len']}" if given["h"]["max_len"] else "none"),
        mti=_mti(given["t"]),
        bitmap=BitmapSpec(encoding=encoding.of(bitmap_encoding), tertiary="after"),
        fields=fields,
    )


def _hexadecimal(entry: Mapping[str, Any]) -> str:
    return "hex" if entry["data_enc"] in {"ascii", "latin-1", "latin1", "utf-8"} else "hex-ebcdic"


def _mti(entry: Mapping[str, Any]) -> encoding.Encoding:
    return encoding.of("bcd" if entry["data_enc"] == "b" else _charset(str(entry["data_enc"])))


def _charset(name: str) -> str:
    name = {"latin-1": "ascii", "latin1": "ascii", "utf-8": "ascii"}.get(name, name)
    if name not in encoding.NAMES:
        raise Refused(
            Fault(Location("pyiso8583", ""), Rule.UNSUPPORTED, "a charset we have expected")
        )
    return name


def _field(number: str, entry: Mapping[str, Any]) -> FieldSpec:
    """Read one entry. Card data get their class and type back, or nothing would mask them."""
    (form, scale), prefix = _form(number, entry), _prefix(entry)
    most = int(entry["max_len"])
    # pyiso8583 takes a maximum that the prefix cannot say; no such length can ever be read.
    most = (most if prefix is None else min(most, prefix.capacity)) // scale
    kind, least, sensitivity = _KNOWN.get(number, ("ans", 0, "none"))
    if not form.packs_two and form.name != "binary" and scale == 1:
        kind = kind if kind != "b" else "ans"
    elif form.packs_two:
        kind = kind if kind == "n" else "z"
    else:
        kind = "b"
    return FieldSpec(
        number=number,
        name=str(entry.get("desc", number)) or number,
        kind=kind,
        encoding=form,
        length_min=most if prefix is None else min(least, most),
        length_max=most,
        prefix=prefix,
        counts="bytes" if scale > 1 else "units",
        sensitivity=sensitivity,
    )


def _form(number: str, entry: Mapping[str, Any]) -> tuple[encoding.Encoding, int]:
    """Return the encoding, and the wire characters for one unit of ours.

    Text in a place where the standard has bytes is the bytes in hexadecimal digits.
    """
    if entry["data_enc"] == "b":
        packed = entry.get("len_count", "bytes") == "nibbles"
        return encoding.of(_packed(entry) if packed else "binary"), 1
    if number in _BYTE_FIELDS and int(entry["max_len"]) % 2 == 0:
        return encoding.of(_hexadecimal(entry)), 2
    return encoding.of(_charset(str(entry["data_enc"]))), 1


def _packed(entry: Mapping[str, Any]) -> str:
    if entry.get("left_pad"):
        return "bcd" if str(entry["left_pad"])[:1] == "0" else "bcd-left-f"
    return "bcd-right-f" if str(entry.get("right_pad", "0"))[:1] in "Ff" else "bcd-right-0"


def _prefix(entry: Mapping[str, Any]) -> Prefix | None:
    width = int(entry["len_type"])
    if not width:
        return None
    names = {"b": "binary", "bcd": "bcd"}
    kind = names.get(entry["len_enc"])
    if kind is None:
        kind = "ascii" if _charset(str(entry["len_enc"])) == "ascii" else "ebcdic"
    return Prefix(kind, width)


def to_spec(spec: Spec) -> dict[str, dict[str, Any]]:
    """Return the pyiso8583 form of a spec; raises `Refused` for what pyiso8583 cannot say."""
    out: dict[str, dict[str, Any]] = {
        "h": {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 0, "desc": "Header"},
        "t": _entry(_charset_of(spec.mti), 4, "Message type"),
        "p": _entry(*_bitmap_form(spec), "Bitmap, primary"),
        "1": _entry(*_bitmap_form(spec), "Bitmap, secondary"),
    }
    out["h"]["max_len"] = spec.header.fixed_size or 0
    if spec.header.fixed_size is None or spec.bitmap.secondary == "always":
        raise Refused.of("iso8583-spec", "header", Rule.UNSUPPORTED, "pyiso8583 has no such header")
    for number, field in spec.fields.items():
        out[number] = _field_entry(number, field)
    return out


def _entry(data_enc: str, max_len: int, desc: str) -> dict[str, Any]:
    return {
        "data_enc": data_enc,
        "len_enc": "ascii",
        "len_type": 0,
        "max_len": max_len,
        "desc": desc,
    }


def _bitmap_form(spec: Spec) -> tuple[str, int]:
    if spec.bitmap.encoding.name == "binary":
        return "b", SIZE
    return ("ascii" if spec.bitmap.encoding.name == "hex" else "cp037"), SIZE * 2


def _charset_of(form: encoding.Encoding) -> str:
    if form.packs_two or form.name == "binary":
        return "b"
    name = {"hex": "ascii", "hex-ebcdic": "cp037"}.get(form.name, form.name)
    return _CODECS.get(name, name)


def _field_entry(number: str, field: FieldSpec) -> dict[str, Any]:
    charset = _charset_of(field.encoding)
    if not charset or (field.kind == "x+n" and field.encoding.packs_two):
        detail = "pyiso8583 has neither cp1047 nor signed packed amounts"
        raise Refused.of("iso8583-spec", f"fields.{number}", Rule.UNSUPPORTED, detail)
    hexadecimal = field.encoding.size(1) == 2 and not field.encoding.packs_two
    entry = _entry(charset, field.length_max * (2 if hexadecimal else 1), field.name)
    if field.prefix is not None:
        names = {"binary": "b", "bcd": "bcd", "ascii": "ascii", "ebcdic": "cp037"}
        entry["len_enc"] = names[field.prefix.kind]
        entry["len_type"] = field.prefix.width
    if field.encoding.packs_two:
        entry.update(_pads(field))
    return entry


def _pads(field: FieldSpec) -> dict[str, str]:
    if field.counts != "units":
        detail = "pyiso8583 counts digits in packed fields"
        raise Refused.of("iso8583-spec", f"fields.{field.number}", Rule.UNSUPPORTED, detail)
    side = "right_pad" if "right" in field.encoding.name else "left_pad"
    pad = "F" if field.encoding.name.endswith("-f") else "0"
    return {"len_count": "nibbles", side: pad}
