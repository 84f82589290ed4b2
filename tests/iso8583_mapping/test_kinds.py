"""Message types and kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583_mapping.strategies import CARD_KINDS as KINDS

from msggw.canonical import CARD_KINDS, Kind
from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.kinds import kind_of, mti_of
from msggw.iso8583.mti import all_mtis


@pytest.mark.parametrize(
    ("mti", "expected"),
    [
        ("0100", (Kind.AUTHORISATION, False)),
        ("0101", (Kind.AUTHORISATION, True)),
        ("0120", (Kind.AUTHORISATION_ADVICE, False)),
        ("0200", (Kind.FINANCIAL, False)),
        ("0221", (Kind.FINANCIAL_ADVICE, True)),
        ("0400", (Kind.REVERSAL, False)),
        ("0421", (Kind.REVERSAL_ADVICE, True)),
        ("0800", (Kind.NETWORK_MANAGEMENT, False)),
        ("0823", (Kind.NETWORK_MANAGEMENT, True)),
    ],
)
def test_the_digits_say_the_kind(mti, expected):
    """Class and function give the kind, an odd originator a repeat."""
    assert expected == kind_of(mti)


@pytest.mark.parametrize(
    "mti",
    ["0110", "0202", "0203", "0402", "0422", "0300", "0500", "0620", "1100", "2100", "0140", ""],
)
def test_what_is_no_new_transaction_is_refused(mti):
    """Answers, completions, chargebacks, other classes and editions are not read as payments."""
    with pytest.raises(Refused) as caught:
        kind_of(mti)

    assert [("MTI", Rule.UNSUPPORTED)] == [(f.where.path, f.rule) for f in caught.value]


@given(st.sampled_from(sorted(all_mtis())))
def test_every_type_that_is_read_is_written(mti):
    """A message type that has a kind is written again exactly."""
    try:
        kind, repeat = kind_of(mti)
    except Refused:
        return

    assert mti == mti_of(kind, repeat=repeat, was=mti)


@given(st.sampled_from(KINDS), st.booleans(), st.sampled_from(sorted(all_mtis())))
def test_a_kept_type_never_changes_the_meaning(kind, repeat, was):
    """A kept message type is used only while it says what the transaction says."""
    code = "200000" if kind is Kind.REFUND else None

    assert (kind, repeat) == kind_of(mti_of(kind, repeat=repeat, was=was), code)


def test_other_kinds_have_no_message():
    """A credit transfer is not a card message."""
    for kind in set(Kind) - CARD_KINDS - {Kind.NETWORK_MANAGEMENT}:
        with pytest.raises(Refused, match="no ISO 8583 card message"):
            mti_of(kind, repeat=False)
