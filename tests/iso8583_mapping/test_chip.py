"""Chip data inside a dataset and outside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583_mapping.strategies import DIALECT, NOW

from msggw.iso8583 import Codec, Message
from msggw.iso8583.mapping import from_canonical, to_canonical
from msggw.iso8583.mapping.chip import has_datasets, in_dataset, only_dataset
from msggw.values import SecretBytes

VISA = Codec.load("visa-base1")
PLAIN = Codec.load(DIALECT)
CHIP = b"\x82\x02\x19\x80\x9f\x26\x08ABCDEFGH"
FIELDS = {"2": "4111111111111111", "4": "000000000100", "11": "000001", "49": "398"}


@given(st.binary(max_size=250).map(SecretBytes))
def test_a_dataset_holds_what_was_put_into_it(value):
    """Chip data go into the dataset and come out."""
    assert value == only_dataset(in_dataset(value))


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x02\x00\x01x", b"\x01\x00\x02x", b"\x01\x00\x00x"]
)
def test_other_content_is_no_single_dataset(data):
    """Another id, a wrong length or a second dataset is not taken apart."""
    assert only_dataset(SecretBytes(data)) is None


def test_the_dialect_says_whether_there_are_datasets():
    """Visa has them, plain ISO 8583 has not, and a message built by hand does not say."""
    assert has_datasets(VISA.spec)
    assert not has_datasets(PLAIN.spec)
    assert not has_datasets(None)


def test_chip_data_cross_to_a_dialect_with_datasets():
    """An acquirer's DE 55 is readable on the other side, and back."""
    transaction = to_canonical(Message("0100", FIELDS | {"55": CHIP}), now=NOW, dialect=DIALECT)

    wire = VISA.encode(from_canonical(transaction, dialect="visa-base1", spec=VISA.spec))
    there = VISA.decode(wire)
    back = to_canonical(there, now=NOW, dialect="visa-base1")

    assert b"ABCDEFGH" == there["55.01.9F26"]
    assert SecretBytes(CHIP) == back.card.icc
    assert wire == VISA.encode(from_canonical(back, dialect="visa-base1", spec=VISA.spec))


def test_several_datasets_come_back_as_they_were():
    """What is not chip data alone stays in memory and is written again."""
    value = b"\x01\x00\x04\x82\x02\x19\x80\x02\x00\x02\x9a\x00"
    data = VISA.encode(Message("0100", FIELDS | {"55": value}))
    transaction = to_canonical(VISA.decode(data), now=NOW, dialect="visa-base1")

    assert transaction.card.icc is None
    assert "55" not in transaction.residue.fields
    assert data == VISA.encode(from_canonical(transaction, dialect="visa-base1", spec=VISA.spec))
