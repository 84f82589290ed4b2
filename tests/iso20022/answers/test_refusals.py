"""Answers to refused messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import NOW, bare, changed, sample, values

from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso20022 import parse_pacs002, read, refuse, validate
from msggw.iso20022.message import open_message


def refusal_of(data):
    """Read a message that must be refused."""
    with pytest.raises(Refused) as refused:
        read(data, now=NOW)
    return refused.value


def answered(data, **parties):
    """Refuse a message and check that the answer is valid itself."""
    xml = refuse(data, refusal_of(data), message_id="R1", now=NOW, **parties)
    assert () == validate(xml, now=NOW)
    return xml


def test_a_payment_is_rejected_with_every_fault():
    """pacs.002 RJCT: a code and a text with place and line for each fault."""
    data = changed("<NbOfTxs>1", "<NbOfTxs>2").replace(b"DE89", b"DE88")
    xml = answered(data)
    report = parse_pacs002(xml)[0]

    assert ("RJCT", "DEMO-20261120-0001", "pacs.008.001.08") == (
        report.status,
        report.original_message_id,
        report.original_message_name,
    )
    assert ["AM18", "AC01"] == values(xml, "Cd")
    texts = " ".join(values(xml, "AddtlInf"))
    assert "GrpHdr/NbOfTxs line 29" in texts
    assert "CdtrAcct/Id/IBAN line 88" in texts
    assert "DE88" not in texts


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"<a/>",
        sample().replace(b"pacs.008.001.08", b"pacs.999.001.08").replace(b"<MsgId>", b"<MsgIx>"),
        changed("pacs.008.001.08", "pain.001.001.09"),
        changed("CXL-0001", "x" * 36, "camt.056.xml"),
        changed("<MsgId>DEMO-20261120-0001", "<MsgId>"),
    ],
)
def test_what_is_no_payment_gets_a_message_reject(data):
    """admi.002 says what was wrong with what cannot be answered as a payment."""
    xml = refuse(data, refusal_of(data), message_id="R1", now=NOW)

    assert "admi.002.001.01" == open_message(xml).message_name
    assert () == validate(xml, now=NOW)


def test_an_unreadable_message_is_answered_to_its_sender():
    """Who we are and who they are is known from the link, not from the message."""
    xml = answered(b"hello", sender="MSGGDEFFXXX", receiver="DEMOKZKAXXX")

    assert ["MSGGDEFFXXX", "DEMOKZKAXXX"] == values(xml, "BICFI")
    assert ["NOTPROVIDED"] == values(xml, "Ref")
    assert [] == values(answered(b"hello"), "BICFI")


def test_a_bare_document_is_answered_bare():
    """Even where both parties are known."""
    data = bare(changed("<NbOfTxs>1", "<NbOfTxs>2"))
    xml = answered(data, sender="MSGGDEFFXXX", receiver="DEMOKZKAXXX")

    assert open_message(xml).wrapper is None


def test_a_broken_header_is_not_copied():
    """The answer has a header of our own, or none."""
    data = changed("<CreDt>2026-11-20T09:30:00Z</CreDt>", "")

    assert [] == values(answered(data), "Rltd")
    assert open_message(answered(data)).header is None
    assert ["R1"] == values(
        answered(data, sender="MSGGDEFFXXX", receiver="DEMOKZKAXXX"), "BizMsgIdr"
    )


def test_what_is_not_known_is_not_said():
    """Creation time and count are told only if they were readable."""
    data = changed("<NbOfTxs>1</NbOfTxs>", "").replace(
        b"<CreDtTm>2026-11-20T09:30:00Z", b"<CreDtTm>soon"
    )
    xml = answered(data)

    assert ([], []) == (values(xml, "OrgnlCreDtTm"), values(xml, "OrgnlNbOfTxs"))


@given(st.integers(1, 60), st.integers(0, 600))
def test_the_answer_is_bounded(count, length):
    """However many and long the faults, the answer is valid and small."""
    place = Location("iso20022", "/Document/" + "x" * length, line=7)
    refusal = Refused(*[Fault(place, Rule.VALUE, "R63: too bad " * 9)] * count)
    xml = refuse(sample(), refusal, message_id="R1", now=NOW)
    reject = refuse(b"x", refusal, message_id="R1", now=NOW)

    assert () == validate(xml, now=NOW)
    assert () == validate(reject, now=NOW)
    assert len(xml) < 20_000
    assert (count > 20) == (f"and {count - 20} more faults" in values(xml, "AddtlInf"))


@given(st.integers(0, len(sample())), st.binary(min_size=1, max_size=3))
def test_any_damage_has_a_valid_answer(position, damage):
    """Whatever arrives, what goes out is valid and quotes no account."""
    data = sample()[:position] + damage + sample()[position:]
    try:
        read(data, now=NOW)
    except Refused as refusal:
        xml = refuse(data, refusal, message_id="R1", now=NOW)
    else:
        xml = refuse(
            data, Refused.of("iso20022", "/", Rule.DUPLICATE, "x"), message_id="R1", now=NOW
        )

    assert () == validate(xml, now=NOW)
    assert b"532013000" not in xml
