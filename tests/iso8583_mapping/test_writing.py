"""Canonical transactions written as messages, and what they lose."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583_mapping.strategies import CARD_KINDS, DIALECT, NOW, PATHS

from msggw.canonical import (
    Agent,
    Amounts,
    Fee,
    Kind,
    Original,
    Residue,
    SealedPan,
    Transaction,
    build,
)
from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message
from msggw.iso8583.mapping import TABLES, from_canonical, losses, to_canonical
from msggw.translate import LossKind, Severity
from msggw.translate.reader import set_path
from msggw.values import Money

CODEC = Codec.load(DIALECT)
CLASS = {
    Kind.AUTHORISATION: "1",
    Kind.AUTHORISATION_ADVICE: "1",
    Kind.FINANCIAL: "2",
    Kind.FINANCIAL_ADVICE: "2",
    Kind.REFUND: "2",
    Kind.REVERSAL: "4",
    Kind.REVERSAL_ADVICE: "4",
    Kind.NETWORK_MANAGEMENT: "8",
}
KZT = Money.parse("10.50", "KZT")


@st.composite
def transactions(draw) -> Transaction:
    """Card transactions as a JSON sender could have made them: no residue."""
    kind = draw(st.sampled_from(CARD_KINDS))
    # A fee needs the currency of the amount; the laws of the tables try fees on their own.
    paths = {row.path for row in TABLES[CLASS[kind]].rows} - {"amounts.fees"}
    chosen = draw(st.sets(st.sampled_from(sorted(paths))))
    chosen |= {"references.stan", "card.pan", "amount"} & paths
    values: dict = {}
    for path in sorted(chosen):
        set_path(values, path, draw(PATHS[path]))
    values |= {"kind": kind, "repeat": draw(st.booleans())}
    if "amount" in values:
        unit = values["amount"].unit
        if "amounts.replacement" in chosen:
            minor = draw(st.integers(1, 10**12 - 1))
            values["amounts"]["replacement"] = Money(minor, unit)
    if kind is Kind.REFUND:
        values["processing_code"] = "201000"
    elif kind is Kind.FINANCIAL:
        values["processing_code"] = "001000"
    elif kind is not Kind.NETWORK_MANAGEMENT:
        values.setdefault("processing_code", "000000")
    return build(Transaction, values)


@given(transactions())
def test_what_is_written_means_the_same(transaction):
    """Canonical → bytes → canonical gives the same transaction, and no loss is declared."""
    data = CODEC.encode(from_canonical(transaction, dialect=DIALECT))

    again = to_canonical(CODEC.decode(data), now=NOW, dialect=DIALECT)

    assert transaction.model_copy(update={"residue": again.residue}) == again
    assert {} == again.residue.fields
    assert [] == losses(transaction, DIALECT)


def purchase(**more) -> Transaction:
    """The smallest purchase."""
    values = {
        "kind": "authorisation",
        "amount": {"value": "10.50", "currency": "KZT"},
        "card": {"pan": "4111111111111111"},
        "references": {"stan": "000001"},
    }
    return build(Transaction, values | more)


@pytest.mark.parametrize(
    ("kind", "code"), [("authorisation", "000000"), ("refund", "200000"), ("financial", "000000")]
)
def test_a_processing_code_is_supplied_and_declared(kind, code):
    """DE 3 of a transaction from another standard is a purchase or refund; the loss says so."""
    transaction = purchase(kind=kind)

    assert code == from_canonical(transaction, dialect=DIALECT)["3"]
    assert [LossKind.DEFAULTED] == [loss.kind for loss in losses(transaction, DIALECT)]


def test_a_message_that_came_without_de_3_stays_without():
    """What the sender left out is not invented on the way back."""
    fields = {"2": "4111111111111111", "4": "000000000100", "11": "000001", "49": "398"}
    transaction = to_canonical(Message("0100", fields), now=NOW, dialect=DIALECT)

    assert "3" not in from_canonical(transaction, dialect=DIALECT)
    assert [] == losses(transaction, DIALECT)


def test_every_missing_part_is_named():
    """A message that cannot be built names the canonical paths it lacks."""
    with pytest.raises(Refused) as caught:
        from_canonical(Transaction(kind=Kind.AUTHORISATION), dialect=DIALECT)

    assert ["card.pan", "amount", "references.stan"] == [fault.where.path for fault in caught.value]


@pytest.mark.parametrize(("kind", "code"), [("financial", "200000"), ("refund", "000000")])
def test_a_kind_that_its_code_contradicts_is_refused(kind, code):
    """A financial of type 20 would be read as a refund by everybody."""
    with pytest.raises(Refused) as caught:
        from_canonical(purchase(kind=kind, processing_code=code), dialect=DIALECT)

    assert [("processing_code", Rule.CONFLICT)] == [(f.where.path, f.rule) for f in caught.value]


def test_values_that_do_not_fit_are_refused_together():
    """An amount of 13 digits, a sealed PAN and a contradiction are named at once."""
    sealed = SealedPan(token="0" * 32, first6="411111", last4="1111", sealed="A" * 16)
    transaction = purchase(
        kind="refund",
        processing_code="000000",
        amount={"value": "10000000000.00", "currency": "KZT"},
        card={"pan": sealed},
    )
    with pytest.raises(Refused) as caught:
        from_canonical(transaction, dialect=DIALECT)

    assert {"processing_code", "amount", "card.pan"} == {f.where.path for f in caught.value}


def test_a_fee_in_another_currency_is_refused():
    """A transaction fee is in the currency of the transaction."""
    fee = Fee(amount=Money.parse("1", "USD"), type="transaction_fee")
    transaction = purchase().model_copy(update={"amounts": Amounts(fees=(fee,))})

    with pytest.raises(Refused, match="currency of DE 28"):
        from_canonical(transaction, dialect=DIALECT)


def test_elements_that_the_dialect_lacks_are_left_out_and_declared():
    """A dialect without DE 43 gets none, and the loss report says so."""
    transaction = purchase(merchant={"name_location": "Shop"}, processing_code="000000")
    has = {"2", "3", "4", "11", "49"}.__contains__

    assert "43" not in from_canonical(transaction, dialect=DIALECT, codec_has=has)
    assert ["DE43"] == [loss.source for loss in losses(transaction, DIALECT, codec_has=has)]


def test_what_has_no_element_is_declared():
    """Canonical values without a data element are named one by one."""
    fees = (
        Fee(amount=KZT, type="interchange"),
        Fee(amount=KZT, type="transaction_fee", agent=Agent(name="x")),
        Fee(amount=KZT, type="transaction_processing_fee"),
    )
    transaction = purchase(
        processing_code="000000",
        references={
            "stan": "000001",
            "uetr": "8a562c67-ca16-48ba-b074-65581be6f001",
            "transmission_at": datetime(2026, 7, 3, 12, 0, 0, 5, tzinfo=UTC),
        },
        debtor={"name": "Jane"},
    ).model_copy(
        update={"amounts": Amounts(fees=fees, instructed=KZT), "original": Original(case_id="c")}
    )

    assert {
        ("amounts.fees[0]", LossKind.DROPPED),
        ("amounts.fees[1].agent", LossKind.DROPPED),
        ("amounts.instructed", LossKind.DROPPED),
        ("debtor.name", LossKind.DROPPED),
        ("original.case_id", LossKind.DROPPED),
        ("references.transmission_at", LossKind.PRECISION),
        ("references.uetr", LossKind.DROPPED),
    } == {(loss.source, loss.kind) for loss in losses(transaction, DIALECT)}


def test_private_elements_do_not_cross_to_another_dialect():
    """What was private to the acquirer is dropped and declared; zeros matter less."""
    fields = {"2": "4111111111111111", "4": "000000000100", "11": "000001", "49": "KZT"}
    fields |= {"48": "private", "13": "0000", "54": "0040398D000000001000"}
    transaction = to_canonical(Message("0100", fields), now=NOW, dialect=DIALECT)

    message = from_canonical(transaction, dialect="visa-base1")

    assert {"2", "4", "11", "49", "54"} == set(message)
    assert "398" == message["49"]
    assert {
        ("residue.fields.48", Severity.WARNING),
        ("residue.fields.13", Severity.INFO),
    } == {(loss.source, loss.severity) for loss in losses(transaction, "visa-base1")}


def test_a_residue_of_another_standard_does_not_get_in():
    """A transaction that came as ISO 20022 brings no data elements."""
    foreign = Residue(standard="iso20022:cain.001", fields={"48": "x"})
    transaction = purchase().model_copy(update={"residue": foreign})

    assert {"2", "3", "4", "11", "49"} == set(from_canonical(transaction, dialect=DIALECT))
    assert ["residue.fields.48"] == [
        loss.source for loss in losses(transaction, DIALECT) if loss.kind is LossKind.DROPPED
    ]


def test_a_credit_transfer_is_no_card_message():
    """Other kinds are refused by both functions."""
    transaction = Transaction(kind=Kind.CREDIT_TRANSFER)
    for call in (from_canonical, losses):
        with pytest.raises(Refused, match="no ISO 8583 card message"):
            call(transaction, dialect=DIALECT)


def test_the_spec_makes_a_message_of_the_dialect():
    """With the spec, parts can be read from what was written."""
    card = {"pan": "4111111111111111", "icc": b"\x82\x02\x19\x80"}
    transaction = purchase(card=card)

    message = from_canonical(transaction, dialect=DIALECT, spec=CODEC.spec)

    assert b"\x19\x80" == message["55.82"]
