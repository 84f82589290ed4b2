"""The codec: every level of reading gives the same result, and writing undoes reading."""

# ruff: noqa: SLF001 - the levels inside are compared with each other

from __future__ import annotations

import contextlib
import pickle
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583.strategies import CODECS, DIALECTS, dialects, message, seeds, wire

from msggw.errors import ConfigurationError, Refused, Rule
from msggw.iso8583 import Codec, Message
from msggw.values import Pan, PinBlock, SecretBytes, Track1, Track2

PAN = "4111111111111111"
M1 = {
    "2": PAN,
    "3": "000000",
    "4": "000000001050",
    "7": "0101120000",
    "11": "000001",
    "12": "120000",
    "13": "0101",
    "14": "2512",
    "18": "5411",
    "22": "051",
    "25": "00",
    "32": "123456",
    "35": PAN + "=25121010000000000000",
    "37": "123456789012",
    "41": "TERM0001",
    "42": "MERCHANT0000001",
    "43": "ACME STORE               ALMATY       KZ",
    "48": "HELLO WORLD",
    "49": "398",
    "52": bytes(range(8)),
}
ASCII = CODECS["iso87-ascii"]
WIRE = ASCII.encode(Message("0100", M1))


def restarted(name: str, **settings: int) -> Codec:
    """A codec of the same dialect with caches of its own."""
    return Codec(CODECS[name].spec, **settings)


@pytest.mark.parametrize("name", DIALECTS)
@given(seed=seeds)
def test_round_trip(name, seed):
    """What a dialect writes it reads back, and writes again byte by byte."""
    codec = CODECS[name]
    data = wire(name, Random(seed))
    read = codec.decode(data)

    assert data == codec.encode(read)
    assert data == codec.encode(read.evolve())


@pytest.mark.parametrize("name", DIALECTS)
@given(seed=seeds)
def test_levels_agree(name, seed):
    """A shape, the walk and the slow decoder give the same message."""
    data = wire(name, Random(seed))
    shaped = restarted(name, hits_before_shape=1)
    shaped.decode(data)
    walked = restarted(name, hits_before_shape=1000)

    assert walked.decode(data) == shaped.decode(data) == walked._explained(data)
    assert dict(walked.decode(data).plain) == dict(shaped.decode(data).plain)
    for number in walked.decode(data):
        assert shaped.decode(data).get(number) is not None


@pytest.mark.parametrize("name", DIALECTS)
@given(seed=seeds)
def test_templates_agree(name, seed):
    """The template writes what the careful writer writes."""
    codec = CODECS[name]
    read = codec.decode(wire(name, Random(seed))).evolve()
    careful = codec._encoder._carefully(read)
    fresh = restarted(name)
    for _ in range(70):
        assert careful == fresh.encode(read)


@given(name=dialects, seed=seeds, data=st.data())
def test_damage_is_refused_or_read_the_same(name, seed, data):
    """A damaged message is refused by all levels, or read alike by all; nothing else happens."""
    sound = wire(name, Random(seed))
    at = data.draw(st.integers(0, len(sound) - 1))
    damaged = data.draw(
        st.sampled_from(
            (
                sound[:at],
                sound[:at] + data.draw(st.binary(min_size=1, max_size=3)) + sound[at + 1 :],
                sound + b"\x00",
                sound[:at] + sound[at + 1 :],
            )
        )
    )
    codec = restarted(name, hits_before_shape=1)
    codec.decode(sound)
    outcomes, places = [], []
    for read in (codec.decode, restarted(name).decode, codec._explained):
        try:
            outcomes.append(read(damaged))
        except Refused as refusal:
            outcomes.append(refusal.faults)
            places = [one.where for one in refusal.faults]

    assert outcomes[0] == outcomes[1] == outcomes[2]
    assert all(one.standard == "iso8583" and one.offset is not None for one in places)
    codec.salvage(damaged)
    assert len(damaged) == len(codec.redacted(damaged))


@given(name=dialects, data=st.binary(max_size=200))
def test_garbage_is_only_ever_refused(name, data):
    """Random bytes give a message or `Refused`, and never another exception."""
    codec = CODECS[name]
    with contextlib.suppress(Refused):
        assert data == codec.encode(codec.decode(data))
    codec.salvage(data)
    codec.redacted(data)


DAMAGED = {
    "3 bytes after the last field": WIRE + b"xyz",
    "truncated by 5": WIRE[:-5],
    "letters in DE 4": WIRE.replace(b"000000001050", b"0000000A1050"),
    "prefix +6": WIRE.replace(b"06123456", b"+6123456"),
    "prefix space 6": WIRE.replace(b"06123456", b" 6123456"),
    "prefix 3_1": WIRE.replace(b"011HELLO", b"1_1HELLO"),
    "length 20 over 19": WIRE.replace(b"16" + PAN.encode(), b"20" + PAN.encode()),
    "prefix AB": WIRE.replace(b"06123456", b"AB123456"),
    "bitmap ZZ": WIRE[:4] + b"ZZ" + WIRE[6:],
    "E9 in DE 43": WIRE.replace(b"ACME", b"AC\xe9E"),
    "NUL in DE 43": WIRE.replace(b"ACME", b"AC\x00E"),
    "MTI AB00": b"AB00" + WIRE[4:],
    "empty": b"",
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_strictness_probe(damage):
    """All thirteen damaged forms are refused, before and after the shape is known."""
    assert DAMAGED[damage] != WIRE
    codec = restarted("iso87-ascii", hits_before_shape=1)
    for _ in range(2):
        with pytest.raises(Refused):
            codec.decode(DAMAGED[damage])
        codec.decode(WIRE)


def test_faults_name_place_and_rule():
    """All faults of a message come at once, in wire order, with their offsets."""
    data = WIRE.replace(b"000000001050", b"0000000A1050").replace(b"ACME", b"AC\x00E") + b"?"
    with pytest.raises(Refused) as caught:
        ASCII.decode(data)

    where = [(one.where.path, one.rule, one.where.offset) for one in caught.value.faults]
    assert [
        ("DE4", Rule.CLASS, data.index(b"A1050")),
        ("DE43", Rule.CLASS, data.index(b"\x00")),
        ("message", Rule.LENGTH, len(data) - 1),
    ] == where


def test_types():
    """Card data are typed as soon as they are read, and shown by no accident."""
    read = ASCII.decode(WIRE)

    assert Pan(PAN) == read["2"]
    assert isinstance(read["35"], Track2)
    assert isinstance(read["52"], PinBlock)
    assert isinstance(ASCII.decode(ASCII.encode(Message("0100", {"45": "B1^A"})))["45"], Track1)
    assert isinstance(Message("0100", {"55": b"\x82\x00"})["55"], SecretBytes)
    shown = (read, read.fields, read.plain, read.origin, read.origin.layout)
    for text in map(repr, shown):
        assert PAN not in text
    with pytest.raises(TypeError):
        pickle.dumps(read)
    with pytest.raises(TypeError):
        pickle.dumps(read.plain)


@given(name=dialects, seed=seeds)
def test_every_new_bitmap_is_bounded(name, seed):
    """However many shapes come, the caches keep their bounds."""
    codec = restarted(name, shapes_max=4, hits_before_shape=1)
    random = Random(seed)
    for _ in range(10):
        codec.decode(CODECS[name].encode(message(codec, random, 4)))

    assert codec._shapes_count == sum(map(len, codec._shapes.values()))
    assert codec._shapes_count <= 4


def test_several_lengths_of_one_size():
    """Messages of one bitmap and one size, but other lengths inside, are told apart."""
    codec = restarted("iso87-ascii", hits_before_shape=1)
    for first in (1, 2, 3, 4, 5, 6, 5, 4):
        sent = Message("0100", {"32": "1" * first, "33": "2" * (8 - first)})
        assert sent == codec.decode(codec.encode(sent))


def test_caches_start_again(monkeypatch):
    """Full caches are emptied, and reading goes on."""
    monkeypatch.setattr("msggw.iso8583.codec._LAYOUTS_MAX", 1)
    monkeypatch.setattr("msggw.iso8583.codec._HITS_MAX", 1)
    monkeypatch.setattr("msggw.iso8583.encoder._PLANS_MAX", 1)
    codec = restarted("iso87-ascii")
    for number in ("3", "4", "11", "32"):
        for value in ("1", "11"):
            sent = Message("0100", {number: value})
            assert codec.encode(sent) == codec.encode(codec.decode(codec.encode(sent)))


def test_template_caches_are_bounded(monkeypatch):
    """Templates beyond the bound push out the oldest."""
    monkeypatch.setattr("msggw.iso8583.encoder._HITS_BEFORE_TEMPLATE", 1)
    monkeypatch.setattr("msggw.iso8583.encoder._LENGTHS_MAX", 2)
    codec = restarted("iso87-ascii")
    for _ in range(3):
        for size in range(1, 12):
            sent = Message("0100", {"32": "1" * size})
            assert sent == codec.decode(codec.encode(sent))


def test_template_refuses_like_the_careful_writer():
    """A wrong value that meets a known template is explained, not written."""
    codec = restarted("iso87-ascii")
    fields = {"3": "000000", "48": "abc", "52": bytes(8)}
    good = Message("0100", fields)
    for _ in range(70):
        codec.encode(good)
    for wrong in ({"3": "00000A"}, {"48": "a\x00c"}, {"48": "a€c"}, {"52": "x" * 8}):
        with pytest.raises(Refused):
            codec.encode(Message("0100", fields | wrong))


def test_writer_gives_all_faults():
    """A message that cannot be written is refused with every reason."""
    wrong = Message("0109", {"3": "1234567", "4": "x", "5": b"1", "64": "text", "190": "?"})
    with pytest.raises(Refused) as caught:
        ASCII.encode(wrong)

    assert {"MTI", "DE3", "DE4", "DE5", "DE64", "DE190"} <= {
        one.where.path for one in caught.value.faults
    }


def test_fixed_fields_are_filled():
    """Short digits get zeros on the left, short text spaces on the right."""
    read = ASCII.decode(ASCII.encode(Message("0100", {"4": "1050", "41": "T1"})))

    assert ("000000001050", "T1      ") == (read["4"], read["41"])


def test_salvage():
    """What an answer may repeat is read from a broken message; nothing secret is."""
    broken = WIRE.replace(b"ACME", b"AC\x00E")
    found = ASCII.salvage(broken)

    assert found is not None
    assert ("0100", "000001", "TERM0001") == (found.mti, found["11"], found["41"])
    assert {"2", "35", "52", "43"}.isdisjoint(found)
    assert ASCII.salvage(b"AB00") is None
    assert restarted("iso87-ascii", length_max=10).salvage(WIRE) is None


def test_redacted():
    """Secrets are overwritten in place; what cannot be read is searched for card numbers."""
    clean = ASCII.redacted(WIRE)
    assert len(WIRE) == len(clean)
    assert PAN.encode() not in clean
    assert b"411111******1111" in clean
    assert b"HELLO" not in clean
    for broken in (
        b"??" + WIRE,
        WIRE[:90] + b"#" * 3 + WIRE[93:],
        bytes.fromhex("f4") + "?".encode("cp500") + PAN.encode("cp500"),
        b"\xff" + bytes.fromhex(PAN) + b"\xff",
        b"x" * 5 + b"4" * 500,
    ):
        clean = ASCII.redacted(broken)
        assert len(broken) == len(clean)
        assert PAN.encode() not in clean
        assert PAN.encode("cp500") not in clean
        assert PAN not in clean.hex()


def test_tolerances():
    """A named tolerance lets its own fault pass, and the round trip stays exact."""
    cases = {
        "trailing-bytes": WIRE + b"xyz",
        "controls": WIRE.replace(b"ACME", b"AC\x00E"),
        "high-bytes": WIRE.replace(b"ACME", b"AC\xe9E"),
        "letters-in-n": WIRE.replace(b"000000001050", b"0000000A1050"),
        "track2-letters": WIRE.replace(b"=", b"D"),
        "specials-in-an": WIRE.replace(b"123456789012", b"12345678901-"),
        "any-mti": b"0177" + WIRE[4:],
    }
    for name, data in cases.items():
        with pytest.raises(Refused):
            ASCII.decode(data)
        codec = Codec.load("iso87-ascii", tolerances=(name,))
        for _ in range(70):
            read = codec.decode(data)
            assert data == codec.encode(read.evolve())
    with pytest.raises(Refused):
        ASCII.encode(Codec.load("iso87-ascii", tolerances=("trailing-bytes",)).decode(WIRE + b"?"))
    with pytest.raises(ConfigurationError):
        Codec.load("iso87-ascii", tolerances=("everything",))


def test_form_is_kept():
    """Lower-case bitmaps and needless second bitmaps come back as they were."""
    lower = WIRE[:4] + WIRE[4:20].lower() + WIRE[20:]
    needless = b"0800" + b"8220000000000000" + b"0" * 16 + b"0101120000" + b"000001"
    for data in (lower, needless):
        read = ASCII.decode(data)
        assert data == ASCII.encode(read) == ASCII.encode(read.evolve())
        assert ASCII.decode(ASCII.encode(read.evolve(fields={"3": "1"})))["3"] == "000001"
        other = CODECS["iso87-binary"]
        assert dict(read.plain) == dict(other.decode(other.encode(read)).plain)


def test_too_long():
    """A message over the limit is refused before anything is read."""
    codec = restarted("iso87-ascii", length_max=50)
    with pytest.raises(Refused) as caught:
        codec.decode(WIRE)

    assert Rule.LIMIT == caught.value.faults[0].rule


def test_bytes_like_input():
    """Other bytes-like objects are read too."""
    assert ASCII.decode(bytearray(WIRE)) == ASCII.decode(memoryview(WIRE))


def test_holds_only_pan():
    """A message whose only secret is its card number is told from the others."""
    assert ASCII.holds_only_pan(Message("0100", {"2": PAN, "4": "1"}))
    assert not ASCII.holds_only_pan(Message("0100", M1))


def test_a_truncated_second_bitmap():
    """A message that ends in its second bitmap is refused, with the place."""
    with pytest.raises(Refused) as caught:
        ASCII.decode(b"0800" + b"8" + b"0" * 20)

    assert "bitmap 2" == caught.value.faults[0].where.path
