"""The slow decoder by example: bitmaps of three kinds, and composites that are broken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.iso8583.strategies import CODECS

from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message, header
from msggw.iso8583.spec import BitmapSpec

VISA, CIS, BINARY = CODECS["visa-base1"], CODECS["mastercard-cis"], CODECS["iso87-binary"]


def faults(codec, data):
    """Paths and rules of what is wrong with a message."""
    with pytest.raises(Refused) as caught:
        codec.decode(data)
    return [(one.where.path, one.rule) for one in caught.value.faults]


def test_third_bitmap_in_place():
    """Where the third bitmap stands in DE 65, the elements it announces follow the others."""
    spec = BINARY.spec
    fields = {**spec.fields, "130": VISA.spec.fields["130"]}
    bitmap = BitmapSpec(encoding=spec.bitmap.encoding, tertiary="in-place")
    codec = Codec(replace(spec, fields=fields, bitmap=bitmap))
    head = bytes.fromhex("0100 8020000000000000 8000000000000000 000007")
    read = codec.decode(head + bytes.fromhex("4000000000000000 AABBCC"))

    assert b"\xaa\xbb\xcc" == read["130"]
    assert [("DE131", Rule.UNKNOWN)] == faults(codec, head + bytes.fromhex("2000000000000000"))
    assert ("DE65", Rule.LENGTH) in faults(codec, head)
    with pytest.raises(Refused):
        codec.encode(read)


def test_third_bitmap_after():
    """Where it follows the second, bit 65 only announces it."""
    data = VISA.encode(Message("0100", {"11": "7", "136": bytes(8)}))
    assert bytes(8) == VISA.decode(data)["136"]
    assert ("bitmap 3", Rule.LENGTH) in faults(
        BINARY_AFTER, bytes.fromhex("0100 80" + "00" * 7 + "80" + "00" * 7 + "00")
    )
    with pytest.raises(Refused):
        VISA.encode(Message("0100", {"65": bytes(8)}))


BINARY_AFTER = Codec(
    replace(BINARY.spec, bitmap=BitmapSpec(encoding=BINARY.spec.bitmap.encoding, tertiary="after"))
)


def test_second_bitmap_always():
    """Some interfaces send sixteen bytes whatever bit 1 says."""
    bitmap = BitmapSpec(encoding=BINARY.spec.bitmap.encoding, secondary="always")
    codec = Codec(replace(BINARY.spec, bitmap=bitmap))
    data = codec.encode(Message("0800", {"11": "000007"}))

    assert bytes.fromhex("0800 0020000000000000 0000000000000000 000007") == data
    assert "000007" == codec.decode(data)["11"]


def test_fixed_headers():
    """A header of fixed size is kept, and missing bytes of it are named."""
    for name, default in (("fixed:3", "000000"), ("tpdu", "6000000000")):
        codec = Codec(replace(BINARY.spec, header=header.of(name)))
        data = codec.encode(Message("0800", {"11": "7"}))
        assert bytes.fromhex(default) == codec.decode(data).header
        assert [("header", Rule.LENGTH)] == faults(codec, data[:2])
        with pytest.raises(Refused):
            codec.encode(Message("0800", {}, header=b"1"))
    assert "6000000003" == header.of("tpdu").answer(bytes.fromhex("6000030000")).hex()
    assert b"123" == header.of("fixed:3").answer(b"123")
    for wrong in ("smoke", "fixed:99"):
        with pytest.raises(KeyError):
            header.of(wrong)


def own(codec, number, content):
    """A message with one composite element of these bytes."""
    sample = {"48": {"77": "C07"}, "61": {"1": "0"}, "62": {"1": "A"}, "55": {"01": {"95": b""}}}
    data = codec.encode(Message("0100", {number: sample[number]}))
    spec = codec.spec.fields[number]
    size = len(data) - len(codec.decode(data).tree(number).plain) - spec.prefix.width
    wire = data[:size] + spec.prefix.write(len(content)) + content
    return (
        codec.spec.header.written(wire[:22], len(wire) - 22) + wire[22:] if codec is VISA else wire
    )


@pytest.mark.parametrize(
    ("codec", "number", "content", "expected"),
    [
        (VISA, "62", b"\x80" + bytes(3), ("DE62", Rule.LENGTH)),
        (VISA, "62", bytes(7) + b"\x01", ("DE62.64", Rule.UNKNOWN)),
        (VISA, "62", b"\x80" + bytes(7), ("DE62.1", Rule.LENGTH)),
        (VISA, "62", bytes(9), ("DE62", Rule.LENGTH)),
        (VISA, "62", b"\x80" + bytes(7) + b"\x00", ("DE62.1", Rule.CLASS)),
        (VISA, "55", b"\x01\x00", ("DE55.01", Rule.LENGTH)),
        (VISA, "55", b"\x01\x00\x09A", ("DE55.01", Rule.LENGTH)),
        (CIS, "48", "R7".encode("cp500"), ("DE48", Rule.SYNTAX)),
        (CIS, "48", "R7?".encode("cp500"), ("DE48", Rule.SYNTAX)),
        (CIS, "48", "77?3C07".encode("cp500"), ("DE48.77", Rule.LENGTH)),
        (CIS, "48", "7704C07 ".encode("cp500"), ("DE48.77", Rule.LENGTH)),
        (CIS, "61", "0025x".encode("cp500"), ("DE61.5", Rule.CLASS)),
        (CIS, "61", b"\xf0" * 26, None),
    ],
)
def test_broken_parts(codec, number, content, expected):
    """Faults of parts are named by path; sound parts pass."""
    data = own(codec, number, content)
    if expected is None:
        assert codec.decode(data)["61.14"]
    else:
        assert expected in faults(codec, data)
        assert len(codec.redacted(data)) == len(data)


def test_too_many_parts(monkeypatch):
    """A flood of parts is cut off."""
    monkeypatch.setattr("msggw.iso8583.composite.tlv.PARTS_MAX", 2)
    assert ("DE48", Rule.LIMIT) in faults(CIS, own(CIS, "48", "770077007700".encode("cp500")))
    monkeypatch.setattr("msggw.iso8583.composite.ber.PARTS_MAX", 2)
    monkeypatch.setattr("msggw.iso8583.composite.ber._FLAT_MAX", 0)
    flood = b"\x01\x00\x09" + bytes.fromhex("950095009500950000")
    assert ("DE55.01", Rule.LIMIT) in faults(VISA, own(VISA, "55", flood))


def test_prefixes_that_lie():
    """Missing, odd and non-numeric prefixes are told apart."""
    ascii_ = CODECS["iso87-ascii"]
    assert [("DE32", Rule.LENGTH)] == faults(ascii_, b"01000000000100000000" + b"0")
    assert [("DE55", Rule.VALUE)] == faults(ascii_, b"01000000000000000200" + b"003ABC")
    assert [("DE55", Rule.LENGTH)] == faults(ascii_, b"01000000000000000200" + b"512")
    assert [("DE2", Rule.LENGTH)] == faults(ascii_, b"01004000000000000000" + b"0512345")


def test_a_broken_third_bitmap_in_place():
    """Where DE 65 is no hexadecimal text it announces nothing, and the rest is still read."""
    spec = CODECS["iso87-ascii"].spec
    bitmap = BitmapSpec(encoding=spec.bitmap.encoding, tertiary="in-place")
    codec = Codec(replace(spec, bitmap=bitmap))
    head = b"0100" + b"8000000000000000" + b"A000000000000000"

    assert [("DE65", Rule.CLASS), ("DE67", Rule.CLASS)] == faults(codec, head + b"Z" * 16 + b"XX")
