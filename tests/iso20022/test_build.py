"""Messages that we send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import NOW, incoming, values

from msggw.canonical import Account, Kind, Original, Party, References, Transaction
from msggw.errors import Refused
from msggw.iso20022 import (
    build_camt056,
    build_pacs004,
    build_pacs008,
    build_pacs028,
    read,
)
from msggw.iso20022.message import open_message
from msggw.values import Asset, Money

LEG = {"message_id": "M1", "now": NOW, "sender": "MSGGDEFFXXX", "receiver": "DEMODEFFXXX"}
PLAIN = Transaction(
    kind=Kind.CREDIT_TRANSFER,
    amount=Money.parse("10.50", "KZT"),
    creditor=Party(name="X"),
    creditor_account=Account(iban="DE89370400440532013000"),
)


def test_a_transfer_from_elsewhere_gets_what_it_lacks():
    """Defaults are the market's; the message id identifies the transaction."""
    one = read(build_pacs008(PLAIN, **LEG), now=NOW).transactions[0]

    assert (PLAIN.amount, "M1", "NOTPROVIDED", "CLRG", "SHAR", "2026-11-21") == (
        one.amount,
        one.references.transaction_id,
        one.references.end_to_end_id,
        one.settlement.method,
        one.settlement.charge_bearer,
        one.settlement.date,
    )
    assert ("NOTPROVIDED", "X") == (one.debtor.name, one.creditor.name)
    assert ("MSGGDEFFXXX", "DEMODEFFXXX") == (one.instructing_agent.bic, one.instructed_agent.bic)


def test_a_transfer_that_came_goes_on_with_its_residue():
    """Only what belongs to the former leg is left out."""
    first = incoming("pacs.008-three.xml").transactions[0]
    xml = build_pacs008(first, **LEG)
    one = read(xml, now=NOW).transactions[0]

    assert [["1"], ["10.5"], ["debtor@example.com"], ["M1"]] == [
        values(xml, name) for name in ("NbOfTxs", "CtrlSum", "EmailAdr", "MsgId")
    ]
    assert [] == [text for text in values(xml, "Nm") if text == "Gateway"]
    assert first.debtor == one.debtor
    assert first.purpose == one.purpose


def test_many_transfers_go_in_one_message():
    """They share one group header; ids of the transactions are their own."""
    many = incoming("pacs.008-three.xml").transactions
    xml = build_pacs008(many, **LEG)

    assert ["03"] == values(xml, "NbOfTxs")
    assert ["E1", "E2", "E3"] == values(xml, "EndToEndId")


def test_the_header_is_optional():
    """A bare document for channels that have no header."""
    assert open_message(build_pacs008(PLAIN, **LEG, header=False)).header is None


@pytest.mark.parametrize("build", [build_pacs028, build_camt056])
def test_requests_are_about_the_transfer_as_we_sent_it(build):
    """The request names the transfer that we built, by every id it was sent under."""
    sent = read(build_pacs008(PLAIN, **LEG), now=NOW).transactions[0]
    asked = read(build(PLAIN, **{**LEG, "message_id": "M2"}, original_message_id="M1"), now=NOW)

    original = asked.transactions[0].original
    assert ("M1", "M1", "NOTPROVIDED") == (
        original.transaction_id,
        original.message_id,
        original.end_to_end_id,
    )
    assert asked.transactions[0].original.transaction_id == sent.references.transaction_id


@pytest.mark.parametrize(
    ("build", "name"), [(build_pacs028, "pacs.028.xml"), (build_camt056, "camt.056.xml")]
)
def test_a_request_that_came_is_passed_on(build, name):
    """It stays what it was; a reason it gave is kept."""
    first = incoming(name).transactions[0]
    one = read(build(first, **LEG), now=NOW).transactions[0]

    assert first.original == one.original


def test_a_transfer_without_message_id_can_be_asked_about():
    """The group is not provided, the UETR is."""
    one = PLAIN.model_copy(
        update={"references": References(uetr="7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8e")}
    )
    asked = read(build_pacs028(one, **LEG), now=NOW).transactions[0]

    assert ("NOTPROVIDED", one.references.uetr) == (
        asked.original.message_id,
        asked.original.uetr,
    )


def test_a_cancellation_without_reason_is_the_customers():
    """The reason is an argument."""
    assert ["CUST"] == values(build_camt056(PLAIN, **LEG), "Cd")
    assert ["DUPL"] == values(build_camt056(PLAIN, **LEG, reason="DUPL"), "Cd")


def test_a_request_about_nothing_does_not_leave():
    """A cancellation that names no original breaks the schema."""
    with pytest.raises(Refused):
        build_camt056(Transaction(kind=Kind.CANCELLATION_REQUEST), **LEG)


def test_a_return_is_built():
    """A return names its original and its reason."""
    one = Transaction(
        kind=Kind.RETURN,
        amount=Money.parse("1.00", "EUR"),
        references=References(transaction_id="R1"),
        original=Original(
            message_id="O1",
            message_name="pacs.008.001.08",
            transaction_id="T1",
            reason_code="AC04",
        ),
    )
    back = read(build_pacs004(one, **LEG), now=NOW).transactions[0]

    assert (one.amount, one.original, "R1") == (
        back.amount,
        back.original,
        back.references.transaction_id,
    )


@pytest.mark.parametrize(
    "change",
    [{"amount": None}, {"amount": Money(1, Asset("USDT", 6))}, {"amount": Money.parse("0", "EUR")}],
)
def test_what_is_no_transfer_does_not_leave(change):
    """Missing and impossible amounts are refused, by table or by rule."""
    with pytest.raises(Refused):
        build_pacs008(PLAIN.model_copy(update=change), **LEG)


def test_a_wrong_bic_is_refused():
    """Sender and receiver are BICs."""
    with pytest.raises(Refused):
        build_pacs008(PLAIN, **{**LEG, "sender": "us"})


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=140)
)
def test_any_name_arrives_or_is_refused(name):
    """Law: what is built is read back the same."""
    one = PLAIN.model_copy(update={"creditor": Party(name=name)})
    arrived = name
    try:
        arrived = read(build_pacs008(one, **LEG), now=NOW).transactions[0].creditor.name
    except Refused:
        assert not name.strip() or not name.isprintable()

    assert name == arrived
