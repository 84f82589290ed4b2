"""Messages and their parts by path, however they were made."""

from __future__ import annotations

import pytest
from tests.iso8583.strategies import CODECS

from msggw.iso8583 import Codec, Composite, Message

ASCII = CODECS["iso87-ascii"]


def test_parts_of_a_message_built_by_hand():
    """A data element given by its parts answers as a composite, masked all the way down."""
    one = Message("0100", {"48.42.01": "212", "48.26": "x"})

    assert isinstance(one["48"], Composite)
    assert {"42": {"01": "212"}, "26": "x"} == one["48"].masked()


def test_a_path_goes_only_through_parts():
    """A part that is one value has no parts of its own; a repeated one with parts is found."""
    tree = Composite.of_values({"1": ["plain", {"2": "inner"}], "3": "x"})

    assert ("plain", "inner") == (tree["1"], tree["1.2"])
    for path in ("3.1", "1.9", "9"):
        with pytest.raises(KeyError):
            tree[path]


def test_an_element_without_parts_has_no_tree():
    """Asking for parts of a plain data element is a `KeyError` that names it, for any message."""
    built = Message("0100", {"11": "000007"})
    for one in (built, ASCII.decode(ASCII.encode(built))):
        with pytest.raises(KeyError, match="DE 11"):
            one.tree("11")
        assert "11.1" not in one


def test_texts_of_bytes_and_parts():
    """Bytes that are no secret give hexadecimal digits; parts give their numbers only."""
    one = Message("0100", {"130": b"\xaa\x01", "48.26": "secret"})

    assert ("aa01", "<Composite 26>") == one.texts(("130", "48"))


@pytest.mark.parametrize("numbers", [("11", "41"), ("52",), ("11", "52")])
def test_texts_of_a_known_shape(numbers):
    """A shape gives the same texts as the walk, the first time and every other time."""
    codec = Codec(ASCII.spec, hits_before_shape=1)
    data = codec.encode(Message("0100", {"11": "000007", "41": "T1", "52": bytes(8)}))
    walked = codec.decode(data)
    shaped = codec.decode(data)

    assert walked.texts(numbers) == shaped.texts(numbers) == shaped.texts(numbers)
    assert "<Shape 11 41 52>" == repr(shaped.origin.layout)
