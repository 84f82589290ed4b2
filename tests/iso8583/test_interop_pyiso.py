"""pyiso8583 is the oracle: for every dialect it can express, both libraries agree byte by byte."""

from __future__ import annotations

from random import Random

import iso8583
import pytest
from hypothesis import given
from iso8583.specs import default, default_ascii
from tests.iso8583.strategies import CODECS, DIALECTS, message, seeds

from msggw.errors import Refused
from msggw.iso8583 import Codec, Message
from msggw.iso8583.interop import pyiso

INEXPRESSIBLE = {"visa-base1", "iso87-binary"}  # a header with rules; signed packed amounts


def without_signed(codec):
    """The same dialect without what pyiso8583 cannot say: signed packed amounts."""
    spec = codec.spec
    fields = {
        number: one
        for number, one in spec.fields.items()
        if not (one.kind == "x+n" and one.encoding.packs_two) and number != "65"
    }
    return Codec(type(spec)(**{**vars(spec), "fields": fields}))


COMPARED = {name: without_signed(CODECS[name]) for name in DIALECTS if name != "visa-base1"}


@pytest.mark.parametrize("name", COMPARED)
@given(seed=seeds)
def test_same_bytes_same_fields(name, seed):
    """What we write pyiso8583 reads as the same fields, and writes as the same bytes."""
    codec = COMPARED[name]
    theirs = pyiso.to_spec(codec.spec)
    sent = message(codec, Random(seed))
    data = codec.encode(sent)
    ours = codec.decode(data)
    document, _ = iso8583.decode(data, theirs)

    assert document == ours.to_pyiso8583()
    assert data == bytes(iso8583.encode(dict(document), theirs)[0])
    assert data == codec.encode(Message.from_pyiso8583(document, codec.spec))


@pytest.mark.parametrize("theirs", [default, default_ascii], ids=["default", "default_ascii"])
@given(seed=seeds)
def test_imported_spec(theirs, seed):
    """A pyiso8583 spec becomes a codec that reads and writes the same bytes."""
    random = Random(seed)
    codec = Codec.from_pyiso8583(theirs)
    sent = message(codec, random)
    data = codec.encode(sent)
    document, _ = iso8583.decode(data, theirs)

    assert {**document} == codec.decode(data).to_pyiso8583() | {
        key: value for key, value in document.items() if key == "h"
    }
    assert data == bytes(iso8583.encode(dict(document), theirs)[0])


def test_our_ascii_is_their_ascii():
    """`iso87-ascii` reads what pyiso8583's `default_ascii` writes."""
    document = {"t": "0100", "2": "4111111111111111", "4": "000000001050", "52": "0011223344556677"}
    data = bytes(iso8583.encode(dict(document), default_ascii)[0])

    assert document == {
        key: value
        for key, value in CODECS["iso87-ascii"].decode(data).to_pyiso8583().items()
        if key != "p"
    }


def test_what_pyiso_cannot_say():
    """Headers with rules, signed packed amounts, cp1047 and composites by parts are refused."""
    for name in INEXPRESSIBLE:
        with pytest.raises(Refused):
            pyiso.to_spec(CODECS[name].spec)
    with pytest.raises(Refused):
        Message("0100", {"48": {"26": "x"}}).to_pyiso8583()
    with pytest.raises(Refused):
        Codec.from_pyiso8583({**default, "t": {**default["t"], "data_enc": "utf-16"}})
    with pytest.raises(Refused):
        Message.from_pyiso8583({"t": "0100", "64": "xyz"})


def test_packed_pads_and_prefixes():
    """Nibble counts, pads on either side and EBCDIC or binary prefixes survive both conversions."""
    cases = [
        {"data_enc": "b", "len_count": "nibbles", "left_pad": "0"},
        {"data_enc": "b", "len_count": "nibbles", "left_pad": "F"},
        {"data_enc": "b", "len_count": "nibbles", "right_pad": "0"},
        {"data_enc": "b", "len_count": "nibbles", "right_pad": "F"},
        {"data_enc": "b"},
        {"data_enc": "cp500", "len_enc": "cp500"},
        {"data_enc": "ascii", "len_enc": "bcd", "len_type": 1},
        {"data_enc": "ascii", "len_enc": "b", "len_type": 1},
    ]
    for case in cases:
        entry = {"len_enc": "ascii", "len_type": 2, "max_len": 9, "desc": "x", **case}
        theirs = {**default, "44": entry}
        codec = Codec.from_pyiso8583(theirs)
        digits = "123" if "len_count" in case else "1234"
        document = {"t": "0100", "44": digits}
        data = bytes(iso8583.encode(dict(document), theirs)[0])
        back = codec.decode(data).to_pyiso8583()
        assert digits == back["44"]
        assert data == codec.encode(codec.decode(data).evolve())
        again = pyiso.to_spec(codec.spec)
        assert data == bytes(iso8583.encode(dict(document), again)[0])


def test_header_round_trip():
    """A fixed header goes through as hexadecimal text."""
    theirs = {**default, "h": {**default["h"], "data_enc": "b", "max_len": 3}}
    codec = Codec.from_pyiso8583(theirs)
    data = b"\x60\x00\x03" + CODECS["iso87-ascii"].encode(Message("0800", {}))[:4] + bytes(8)
    read = codec.decode(data)
    assert "600003" == read.to_pyiso8583()["h"]
    assert data == codec.encode(Message.from_pyiso8583(read.to_pyiso8583(), codec.spec))


@pytest.mark.parametrize(("number", "digits"), [("44", "1" * 9), ("55", "AB" * 4)])
def test_a_maximum_that_the_prefix_cannot_say(number, digits):
    """pyiso8583 takes one; such a spec reads and writes what its prefix can say, and no more."""
    entry = {"data_enc": "ascii", "len_enc": "ascii", "len_type": 1, "max_len": 98, "desc": "x"}
    theirs = {**default, number: entry}
    codec = Codec.from_pyiso8583(theirs)
    data = bytes(iso8583.encode({"t": "0100", number: digits}, theirs)[0])

    assert digits == codec.decode(data).to_pyiso8583()[number]
    assert data == codec.encode(codec.decode(data).evolve())
    with pytest.raises(Refused):
        codec.encode(Message.from_pyiso8583({"t": "0100", number: digits + "11"}, codec.spec))
