from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline.flows import refund, source
from tests.strategies import secret_transactions

from msggw.canonical import (
    Account,
    Acquirer,
    Customer,
    Kind,
    Original,
    References,
    Standard,
    Terminal,
    Transaction,
)
from msggw.pipeline import (
    card_message_key,
    fingerprint_material,
    match_keys,
    original_keys,
    velocity_subject,
)
from msggw.values import Money
from msggw.values.reveal import reveal

UETR = "0d1e2f3a-0000-4000-8000-000000000001"
ID = "txn_" + "a" * 32
AT = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
FULL = Transaction(
    kind=Kind.AUTHORISATION,
    amount=Money.parse("1", "KZT"),
    terminal=Terminal(id="T1"),
    acquirer=Acquirer(id="12"),
    references=References(
        stan="000001",
        rrn="R00000000001",
        transmission_at=AT,
        uetr=UETR,
        end_to_end_id="E",
        instruction_id="NOTPROVIDED",
    ),
)


def test_a_card_message_is_known_by_its_key_fields() -> None:
    """MTI class, DE 7, 11, 32, 37 and 41; whatever is not there is empty."""
    assert "01|0714093000|000001|12|R00000000001|T1" == card_message_key(FULL)
    assert "network_management|||||" == card_message_key(Transaction(kind="network_management"))


def test_de_7_is_utc_whatever_zone_was_written() -> None:
    """One instant, one key; a time without a zone is taken as it is."""
    for at in (AT.astimezone(timezone(timedelta(hours=5))), AT.replace(tzinfo=None)):
        refs = FULL.references.model_copy(update={"transmission_at": at})
        assert card_message_key(FULL) == card_message_key(
            FULL.model_copy(update={"references": refs})
        )


@given(secret_transactions)
def test_a_key_holds_no_card_number(transaction: Transaction) -> None:
    """What must be compared but not kept goes through an HMAC."""
    pan = transaction.card and transaction.card.pan
    if pan:
        clear = reveal(pan)
        keys = match_keys(source(), transaction, ID) + original_keys(source(), transaction)
        assert clear not in " ".join(keys) + card_message_key(transaction)
        assert clear.encode() not in fingerprint_material(source(), transaction)


def test_an_original_is_found_by_every_reference() -> None:
    """The most exact one first, and each is a key under which the original was stored."""
    about = Original(
        gateway_id=ID, stan="000001", transmission="0714093000", uetr=UETR, end_to_end_id="E"
    )
    later = Transaction(
        kind=Kind.REVERSAL,
        original=about,
        references=References(rrn="R00000000001"),
        terminal=Terminal(id="T1"),
    )
    asked = original_keys(source(), later)

    assert ["id", "stan", "uetr", "end_to_end_id", "rrn"] == [key.split("|")[0] for key in asked]
    assert set(asked) == set(match_keys(source(), FULL, ID))


def test_nobody_finds_anothers_transaction() -> None:
    """A UETR travels through the whole chain, so knowing it must not be enough."""
    later = Transaction(
        kind="cancellation_request", original=Original(uetr=UETR, gateway_id=ID, end_to_end_id="E")
    )
    stored = set(match_keys(source(partner="acme"), FULL, ID))

    assert stored.isdisjoint(original_keys(source(partner="other"), later))
    assert stored.issuperset(original_keys(source(partner="acme"), later))


def test_a_message_about_an_original_does_not_hide_it() -> None:
    """It carries the original's references but is found by its own id alone."""
    for kind in ("reversal", "reversal_advice", "status_request", "cancellation_request"):
        later = FULL.model_copy(update={"kind": Kind(kind)})
        assert (f"id|acme|{ID}",) == match_keys(source(), later, ID)


def test_without_references_there_is_only_the_id() -> None:
    """And nothing to look an original up by."""
    bare = Transaction(kind=Kind.CREDIT_TRANSFER, references=References(rrn="R00000000001"))

    assert (f"id|acme|{ID}",) == match_keys(source(), bare, ID)
    assert () == original_keys(source(), bare)
    assert () == original_keys(source(), Transaction(kind=Kind.REVERSAL))
    assert () == original_keys(source(), Transaction(kind="status_request", original=Original()))
    assert 1 == len(match_keys(source(), Transaction(kind=Kind.REFUND), ID))


def test_a_repeat_has_the_same_fingerprint_and_another_amount_has_not() -> None:
    """For card messages only what a repeat may not change counts."""
    card = source(Standard.ISO8583)
    repeat = FULL.model_copy(update={"repeat": True})
    dearer = FULL.model_copy(update={"amount": Money.parse("2", "KZT")})

    assert fingerprint_material(card, FULL) == fingerprint_material(card, repeat)
    assert fingerprint_material(card, FULL) != fingerprint_material(card, dearer)
    assert fingerprint_material(source(), FULL) != fingerprint_material(source(), dearer)
    assert b"01|||" == fingerprint_material(card, Transaction(kind=Kind.AUTHORISATION))


@given(st.sampled_from(["GB82WEST12345698765432", "GB82west12345698765432"]))
def test_usage_is_counted_per_account_else_per_customer(iban: str) -> None:
    """An IBAN in small letters is the same account; nobody's usage is counted for nobody."""
    named = refund(debtor_account=Account(iban=iban), customer=Customer(id="c"))
    nameless = refund(debtor_account=Account(name="x"), customer=Customer(id="c"))

    assert "account|GB82WEST12345698765432" == velocity_subject(named)
    assert "account|1A" == velocity_subject(refund(debtor_account=Account(other="1a")))
    assert "customer|c" == velocity_subject(nameless)
    assert ["", ""] == [velocity_subject(refund()), velocity_subject(refund(customer=Customer()))]
