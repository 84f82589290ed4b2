"""Messages of any dialect, made from its spec: what the dialect allows, and nothing else."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from msggw.iso8583 import Codec, Message
from msggw.iso8583.composite import BerTlv, Bitmapped, CompositeSpec, Positional, Tlv
from msggw.iso8583.kinds import alphabet
from msggw.iso8583.mti import all_mtis
from msggw.iso8583.spec import FieldSpec

DIALECTS = (
    "demo-acquirer",
    "iso03-ascii",
    "iso03-binary",
    "iso87-ascii",
    "iso87-ascii-hex",
    "iso87-binary",
    "iso87-ebcdic",
    "iso93-ascii",
    "iso93-binary",
    "mastercard-cis",
    "visa-base1",
)
CODECS = {name: Codec.load(name) for name in DIALECTS}
MTIS = sorted(all_mtis())
_TAGS = ("9F26", "9F02", "82", "95", "5F2A", "9A", "DF8129", "5A", "57", "C1")


def value(spec: FieldSpec, random: Random) -> Any:
    """Return a value that the field allows; parts of composites as a mapping."""
    if spec.composite is not None:
        return parts(spec.composite, random)
    units = random.randint(spec.length_min, min(spec.length_max, spec.length_min + 20))
    if spec.counts == "bytes" and spec.encoding.packs_two:
        units -= units % 2
    if spec.is_bytes:
        return random.randbytes(units)
    chars = alphabet(spec.kind).decode("latin-1")
    if spec.kind == "x+n":
        return random.choice("CD") + "".join(random.choices(chars, k=units - 1))
    return "".join(random.choices(chars, k=units))


def parts(composite: CompositeSpec, random: Random) -> dict[str, Any]:
    """Return parts that the composite allows."""
    if isinstance(composite, BerTlv):
        chosen = random.sample(_TAGS, random.randint(0, 5))
        out: dict[str, Any] = {tag: random.randbytes(random.randint(0, 12)) for tag in chosen}
        if random.random() < 0.2:
            out["72"] = {"86": random.randbytes(random.choice((3, 130)))}
        return out
    names = list(composite.parts)
    if isinstance(composite, Positional):
        names = names if not composite.may_end_early else names[: random.randint(1, len(names))]
    else:
        names = random.sample(names, random.randint(0, min(3, len(names))))
    if isinstance(composite, Tlv) and not names:
        unknown = "F7" if composite.id_encoding.name == "binary" else "9" * composite.id_width
        return {unknown: value(composite.other, random)}
    assert isinstance(composite, (Bitmapped, Positional, Tlv))
    return {name: value(composite.parts[name], random) for name in names}


def message(codec: Codec, random: Random, count: int = 12) -> Message:
    """Return a message of the dialect."""
    numbers = random.sample(sorted(codec.spec.fields, key=int), random.randint(0, count))
    if codec.spec.bitmap.tertiary == "after":
        numbers = [number for number in numbers if number != "65"]
    fields = {number: value(codec.spec.fields[number], random) for number in numbers}
    return Message(random.choice(MTIS), fields)


seeds = st.integers(0, 2**32)
dialects = st.sampled_from(DIALECTS)


@st.composite
def messages(draw: st.DrawFn, name: str) -> Message:
    """Draw a message of a dialect."""
    return message(CODECS[name], Random(draw(seeds)))


def wire(name: str, random: Random) -> bytes:
    """Return the bytes of a message of the dialect."""
    return CODECS[name].encode(message(CODECS[name], random))
