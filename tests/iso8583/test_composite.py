"""Composites of positions and of numbered parts: broken parts are named, unknown ones kept."""

from __future__ import annotations

import pytest
from tests.iso8583.strategies import CODECS

from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message, speclang

PART = {"name": "x", "format": "n 3"}


def dialect(composite, **entry):
    """A codec whose DE 44 has these parts."""
    field = {"name": "x", "format": "ans..99", **entry, "composite": composite}
    return Codec(speclang.parse({"name": "x", "title": "x", "fields": {"44": field}}))


def faults(codec, content):
    """Path, rule and offset of what is wrong with a DE 44 of this content."""
    head = b"0100" + b"0000000000100000" + b"%02d" % len(content)
    with pytest.raises(Refused) as caught:
        codec.decode(head + content)
    return [(one.where.path, one.rule, one.where.offset) for one in caught.value.faults]


def test_a_part_that_is_cut_short_is_named():
    """Where the content ends inside a part, that part is at fault, and none after it."""
    codec = dialect({"kind": "positional", "parts": {"1": PART, "2": PART, "3": PART}})

    assert [("DE44.2", Rule.LENGTH, 25)] == faults(codec, b"12345")


def test_a_length_of_half_units_is_refused():
    """Hexadecimal digits come in pairs; a part of an odd number of them is none."""
    part = {"name": "x", "format": "b...99", "encoding": "hex", "prefix": "none"}
    composite = {"kind": "tlv", "id": "ascii:2", "length": "ascii:2", "parts": {"01": part}}

    assert [("DE44.01", Rule.LENGTH, 22)] == faults(dialect(composite), b"0103ABC")


def test_an_unknown_part_of_a_dataset_may_be_given_as_text():
    """Text for a part of bytes that the dialect does not name is written as its bytes."""
    codec = CODECS["visa-base1"]
    read = codec.decode(codec.encode(Message("0100", {"104": {"57": {"77": "ab"}}})))

    assert b"ab" == read["104.57.77"]


def test_text_that_bytes_cannot_hold_is_refused() -> None:
    """An unknown part of bytes takes ASCII text; no other text is lost in silence."""
    codec = Codec.load("visa-base1")
    fields = {"3": "000000", "4": "000000000100", "11": "000001"}

    with pytest.raises(Refused):
        codec.encode(Message("0100", {**fields, "104": {"57": {"01": "a\u0436"}}}))
