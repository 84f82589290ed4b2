"""What can be known of a broken message."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import changed, sample

from msggw.iso20022 import Identity, identify


def test_a_good_message_is_known_completely():
    """Every part is read."""
    known = identify(sample())

    assert (
        True,
        "pacs.008.001.08",
        "BizMsgEnvlp",
        "DEMO-20261120-0001",
        datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        "1",
        "DEMO-20261120-0001",
    ) == (
        known.readable,
        known.message_name,
        known.wrapper,
        known.message_id,
        known.created_at,
        known.transaction_count,
        known.reference,
    )
    assert known.header is not None


def test_what_is_not_a_message_is_nothing():
    """No guess is made."""
    assert Identity() == identify(b"hello")
    assert Identity().reference is None


def test_each_part_must_be_what_it_should_be():
    """A part that breaks its own type is not known; the others still are."""
    known = identify(changed("<MsgId>DEMO-20261120-0001", "<MsgId>" + "x" * 36))
    headless = identify(changed("<BizMsgIdr>DEMO-20261120-0001</BizMsgIdr>", ""))
    unborn = identify(changed("<CreDtTm>2026-11-20T09:30:00Z", "<CreDtTm>soon"))
    unnamed = identify(changed("GrpHdr", "Header"))
    nested = identify(changed("<MsgId>DEMO-20261120-0001", "<MsgId><a/>"))

    assert known.message_id is None
    assert (None, "DEMO-20261120-0001") == (headless.header, headless.reference)
    assert unborn.created_at is None
    assert (None, None) == (unnamed.message_id, unnamed.transaction_count)
    assert nested.message_id is None


def test_an_unknown_header_version_is_no_header():
    """Without its schema a header is not trusted."""
    assert identify(changed("head.001.001.02", "head.001.001.99")).header is None


def test_an_empty_document_has_a_name():
    """The namespace says what it should have been."""
    known = identify(b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"/>')

    assert ("pacs.008.001.08", None) == (known.message_name, known.message_id)


def test_a_cancellation_is_known_by_its_assignment():
    """Camt messages have no group header."""
    assert "DEMO-20261120-0003" == identify(sample("camt.056.xml")).message_id


@given(st.integers(0, len(sample())), st.binary(min_size=1, max_size=3))
def test_it_never_raises(position, damage):
    """Any damage leaves something known or nothing."""
    data = sample()
    known = identify(data[:position] + damage + data[position:])

    assert isinstance(known, Identity)
