"""Guessing: the dialect and framing that wrote a message come out on top."""

from __future__ import annotations

import pytest
from tests.iso8583.strategies import CODECS

from msggw.iso8583 import Message, framing
from msggw.iso8583.guess import guess

FIELDS = {"3": "000000", "7": "0101120000", "11": "000042", "41": "T1", "42": "SHOP"}


@pytest.mark.parametrize(
    ("dialect", "name"),
    [
        ("iso87-ascii", "binary-2"),
        ("iso87-binary", "ascii-4"),
        ("mastercard-cis", "binary-2"),
        ("visa-base1", "vap"),
        ("iso87-ebcdic", ""),
    ],
)
def test_best_guess(dialect, name):
    """A sound message is recognised without a fault, by its own dialect among the best."""
    payload = CODECS[dialect].encode(Message("0100", FIELDS))
    data = framing.of(name).frame(payload) if name else payload
    found = guess(data, [codec.spec for codec in CODECS.values()])

    best = {(one.spec, one.framing) for one in found if one.score == found[0].score}
    assert (dialect, name) in best
    assert 1.0 == found[0].score


def test_damage_lowers_the_score():
    """A broken message is still guessed, with its first fault as the reason."""
    payload = CODECS["iso87-ascii"].encode(Message("0100", FIELDS))
    (one, *_) = guess(payload.replace(b"000042", b"0000?2"), [CODECS["iso87-ascii"].spec])

    assert one.score < 1.0
    assert "DE11" in one.reason
    assert () == guess(b"\xff\xff", [CODECS["iso87-ascii"].spec])
