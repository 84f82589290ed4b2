"""Chip data: every way of checking their structure gives the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583.strategies import CODECS

from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message
from msggw.iso8583.composite import BerTlv
from msggw.iso8583.composite.base import without_faults
from msggw.iso8583.composite.ber import Predictions

FLAT = bytes.fromhex("9F3602ABCD 8200 00FF 9505FF00FF00FF")
pieces = st.sampled_from(
    (b"\x00", b"\xff", b"\x82\x02", b"\x9f\x36", b"\x01", b"\x95\x81", b"\x72")
)
chip = st.lists(pieces, max_size=8).map(b"".join) | st.binary(max_size=12)


@given(seen=st.lists(chip, max_size=12), data=chip)
def test_a_prediction_changes_no_answer(seen, data):
    """Whatever was seen before, data are sound exactly if reading them finds no fault."""
    composite = BerTlv(_seen=Predictions(sizes_max=2, misses_before=1))
    for one in (*seen, data, data):
        assert without_faults(composite, one, frozenset()) == composite.sound(one, frozenset())


@pytest.mark.parametrize("filler", ["", "00", "FF00"])
def test_a_structure_that_keeps_coming_is_predicted(filler):
    """After some misses a structure is known: any content passes, no other structure does."""
    data = FLAT + bytes.fromhex(filler)
    seen = Predictions(misses_before=3)
    asked = [seen.holds(data) for _ in range(5)]

    assert [False, False, False, True, True] == asked
    assert seen.holds(data.replace(b"\xab\xcd", b"\r\n"))
    assert not seen.holds(data.replace(b"\x9f\x36", b"\x9f\x37"))


def test_a_broken_structure_is_never_predicted():
    """However often broken data come, they are not learnt."""
    seen = Predictions(misses_before=1)

    assert {False} == {seen.holds(b"\x95\x05\xaa") for _ in range(9)}


def test_predictions_are_bounded():
    """A new size pushes out the one that was learnt first."""
    one, two, three = (b"\x82" + bytes([size]) + bytes(size) for size in (1, 2, 3))
    seen = Predictions(sizes_max=2, misses_before=1)
    for data in (one, two, three):
        assert not seen.holds(data)

    assert [True, True, False] == [seen.holds(data) for data in (three, two, one)]


def test_a_known_message_with_broken_chip_data_is_explained():
    """Chip data of the right size but of no structure are refused although the shape is known."""
    codec = Codec(CODECS["iso87-ascii"].spec, hits_before_shape=1)
    good = codec.encode(Message("0100", {"55": bytes.fromhex("9505AABBCCDDEE")}))
    for _ in range(3):
        codec.decode(good)
    with pytest.raises(Refused) as caught:
        codec.decode(good.replace(b"9505AA", b"9506AA"))

    assert [("DE55.95", Rule.LENGTH)] == [(one.where.path, one.rule) for one in caught.value.faults]


@pytest.mark.parametrize("tag", ["XY", "9", "", "0095", "9F", "8200", "9F818181818101"])
def test_what_is_no_tag_is_not_written(tag):
    """A tag is one whole tag of one to four bytes in hexadecimal digits, and no filler."""
    with pytest.raises(Refused) as caught:
        BerTlv().write({tag: b""}, "55")

    assert Rule.SYNTAX == caught.value.faults[0].rule
