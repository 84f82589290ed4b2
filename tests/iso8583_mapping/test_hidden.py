"""Elements whose parts are secrets, as a dialect declares them."""

from __future__ import annotations

import pytest
from tests.iso8583_mapping.strategies import NOW

from msggw.canonical import dump
from msggw.iso8583 import Codec, Message
from msggw.iso8583.mapping import from_canonical, to_canonical
from msggw.iso8583.mapping.hidden import hidden_elements, verification_code
from msggw.values import CardVerificationCode

SPEC = """
name: hiding
title: A dialect with secrets inside its private elements
extends: iso87-ascii
fields:
  47: {name: Code, format: ans..4, sensitivity: cvv}
  48:
    name: Private
    format: ans...999
    composite:
      kind: tlv
      id: ascii:2
      length: ascii:2
      parts:
        "26": {name: Wallet, format: ans..10, prefix: none}
        "92": {name: CVV2, format: n..4, prefix: none, sensitivity: cvv}
  61:
    name: Other
    format: ans...999
    composite:
      kind: positional
      parts:
        "1": {name: First, format: ans 4}
  62: {name: Chip, format: b...255, composite: {kind: ber-tlv}}
"""
FIELDS = {"2": "4111111111111111", "3": "000000", "4": "000000000100", "11": "000001", "49": "398"}


@pytest.fixture(scope="module")
def codec(tmp_path_factory) -> Codec:
    """A codec of the dialect above."""
    path = tmp_path_factory.mktemp("specs") / "hiding.yaml"
    path.write_text(SPEC)
    return Codec.load(path)


@pytest.mark.parametrize(
    ("more", "hidden", "code"),
    [
        ({}, set(), None),
        ({"48": "2601x"}, {"48"}, None),
        ({"48": "2601x9203123"}, {"48"}, "123"),
        ({"34": "591234", "47": "987", "48": "9203123"}, {"34", "47", "48"}, "987"),
        ({"61": "1001"}, set(), None),
        ({"62": b"\x82\x02\x19\x80"}, {"62"}, None),
        ({"62": b"\x70\x04\x82\x02\x19\x80", "55": b"\x82\x02\x19\x80"}, {"62"}, None),
    ],
)
def test_secrets_in_parts_are_found_and_stay_in_memory(codec, more, hidden, code):
    """What holds a secret is hidden from dumps and comes back; a verification code is read."""
    data = codec.encode(Message("0100", FIELDS | more))
    message = codec.decode(data)

    transaction = to_canonical(message, now=NOW, dialect="hiding")

    assert hidden == hidden_elements(message)
    expected = None if code is None else CardVerificationCode(code)
    assert expected == verification_code(message, frozenset(hidden))
    assert expected == transaction.card.verification_code
    assert data == codec.encode(from_canonical(transaction, dialect="hiding", spec=codec.spec))
    assert not hidden & transaction.residue.fields.keys()
    for number in hidden:
        assert f'"{number}":' not in dump(transaction).decode()


def test_a_message_without_a_dialect_hides_what_the_standard_does():
    """Built by hand, DE 34 alone is known to be a secret."""
    assert {"34"} == hidden_elements(Message("0100", FIELDS | {"34": "59", "48": "9203123"}))
