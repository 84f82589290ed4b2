"""Describing and building: a reader sees everything but secrets, and can write what was read."""

from __future__ import annotations

import base64
import json

import pytest
from tests.iso8583.strategies import CODECS

from msggw.errors import Refused
from msggw.iso8583 import Message, framing
from msggw.iso8583.build import build, message_of
from msggw.iso8583.describe import describe, read_input

ASCII = CODECS["iso87-ascii"]
PAN = "4111111111111111"
MESSAGE = Message(
    "0100",
    {
        "2": PAN,
        "3": "000000",
        "4": "1050",
        "22": "051",
        "25": "00",
        "26": "12",
        "39": "51",
        "43": "ACME\x7e",
        "48": "x" * 200,
        "55": {"9F26": bytes(8), "5A": b"\x41\x11"},
        "64": bytes(8),
        "70": "301",
        "24": "831",
    },
)


def test_tree_of_a_sound_message():
    """Names, offsets, masks and meanings are there; the card number is not."""
    data = ASCII.encode(MESSAGE)
    found = describe(data, ASCII)

    assert found.sound
    text = found.text()
    for part in ("411111******1111", "purchase, account default", "insufficient funds", "no fault"):
        assert part in text
    document = json.dumps(found.as_dict())
    assert PAN not in text + document
    assert "4111" + "0" not in text
    nodes = {node.path: node for node in found.frames[0].nodes}
    assert data.index(b"000000001050") == nodes["4"].offset
    assert "Application cryptogram" == nodes["55"].parts[0].name
    assert "authorisation request, from acquirer (1987)" == found.frames[0].meaning


def test_first_wrong_byte_is_named():
    """A broken message is laid open as far as it goes."""
    data = ASCII.encode(MESSAGE).replace(b"000000001050", b"00000000105A")
    found = describe(data[:-3], ASCII)

    assert not found.sound
    assert f"DE4@{data.index(b'A')}" in found.text()
    assert 2 == len(found.frames[0].faults)
    assert "? " in describe(b"AB", ASCII).text()
    assert not describe(b"", CODECS["visa-base1"]).sound
    json.dumps(describe(data[:-3], ASCII).as_dict())


def test_many_frames():
    """With a framing, each message is described at its place; broken framing is a fault."""
    payload = ASCII.encode(MESSAGE)
    stream = framing.of("binary-2").frame(payload) * 2
    found = describe(stream + b"\xff\xff", ASCII, framing.of("binary-2"))

    assert [2, len(payload) + 4] == [frame.offset for frame in found.frames]
    assert found.faults
    assert "!! iso8583:framing" in found.text()


def test_visa_header_is_shown():
    """A header comes first, as hexadecimal digits."""
    codec = CODECS["visa-base1"]
    assert "160102" in describe(codec.encode(Message("0800", {"7": "0101120000"})), codec).text()


def test_input_forms():
    """Hexadecimal, base64 and raw input are told apart; `sound` decides what looks like two."""
    data = ASCII.encode(Message("0100", {"43": "ACME-STORE"}))
    sound = lambda raw: describe(raw, ASCII).sound  # noqa: E731 - a one-line predicate

    assert ("hex", data) == read_input(data.hex(" ").encode() + b"\n", sound)
    assert ("base64", b"\xff\xfe\xfd") == read_input(base64.b64encode(b"\xff\xfe\xfd"))
    assert ("raw", data) == read_input(data + b"\n", sound)
    digits = ASCII.encode(Message("0800", {"7": "0101120000", "11": "000001"}))
    assert ("raw", digits) == read_input(digits, sound)
    assert "hex" == read_input(b"00")[0]
    assert ("raw", b"") == read_input(b"")


def test_build():
    """JSON with text, hexadecimal bytes and parts becomes the same bytes."""
    document = {
        "mti": "0100",
        "fields": {
            "2": PAN,
            "4": "1050",
            "55": {"9F26": "0011223344556677", "72": {"86": ["00", "01"]}},
            "64": "0011223344556677",
        },
    }
    read = ASCII.decode(build(document, ASCII))

    assert bytes.fromhex("0011223344556677") == read["64"] == read["55.9F26"]
    assert (b"\x00", b"\x01") == tuple(value for _, value in read["55.72"].pairs())
    nested = {"mti": "0100", "fields": {"62": {"2": "1" * 15, "20": "0011223344"}}}
    assert (
        b"\x00\x11\x22\x33\x44"
        == CODECS["visa-base1"].decode(build(nested, CODECS["visa-base1"]))["62.20"]
    )


@pytest.mark.parametrize(
    "document",
    [
        {"mti": 100},
        {"mti": "0100", "fields": []},
        {"mti": "0100", "surplus": 1},
        {"mti": "0100", "fields": {"4": 1050}},
        {"mti": "0100", "fields": {"64": "xyz"}},
        {"mti": "0100", "header": "0"},
        {"mti": "0100", "fields": {"x": "1"}},
    ],
)
def test_wrong_documents(document):
    """A document of another form is refused with its place."""
    with pytest.raises(Refused):
        message_of(document, ASCII.spec)


def test_the_likeliest_form_of_what_is_no_message():
    """Where no form of an input is a message, the most likely one is described."""
    assert ("hex", b"\x00\x01") == read_input(b"0001", lambda _: False)
    assert ("raw", b"?!\n") == read_input(b"?!\n", lambda _: False)
