import pytest
from hypothesis import given
from tests.strategies import secret_transactions, transactions

from msggw.canonical import SealedPan, Transaction, dump
from msggw.errors import Refused
from msggw.keys import FileKeys, at_rest, in_transit, open_transaction
from msggw.values import Secret
from msggw.values.reveal import reveal

KEYS = FileKeys({1: b"1" * 32}, 1)
OTHER = FileKeys({1: b"2" * 32}, 1)
SECRETS = ("track1", "track2", "track3", "pin_block", "verification_code", "icc")


def secrets_of(transaction: Transaction) -> list[Secret]:
    """Every secret on the card."""
    values = [getattr(transaction.card, name, None) for name in ("pan", *SECRETS)]
    values += (transaction.residue.secrets if transaction.residue else {}).values()
    return [value for value in values if isinstance(value, Secret)]


@given(secret_transactions)
def test_opening_undoes_sealing_for_the_way(transaction: Transaction) -> None:
    """Nothing is lost on the way from one of our processes to another."""
    sealed = in_transit(transaction, KEYS)
    travelled = Transaction.model_validate_json(sealed.model_dump_json(exclude_defaults=True))

    assert transaction == open_transaction(travelled, KEYS)
    assert sealed == in_transit(sealed, KEYS)


@given(secret_transactions)
def test_at_rest_only_the_pan_is_left(transaction: Transaction) -> None:
    """Sensitive authentication data is gone for good; the PAN can be opened."""
    resting = at_rest(in_transit(transaction, KEYS), KEYS)
    opened = open_transaction(resting, KEYS)
    direct = at_rest(transaction, KEYS)

    assert resting.sensitive is None
    assert [] == secrets_of(resting) == secrets_of(direct)
    if transaction.card is not None:
        assert transaction.card.pan == opened.card.pan
        assert [None] * 6 == [getattr(opened.card, name) for name in SECRETS]
        assert direct.card.pan is None or isinstance(direct.card.pan, SealedPan)


@given(secret_transactions)
def test_neither_form_shows_a_secret(transaction: Transaction) -> None:
    """Not in JSON, which is what is stored and sent."""
    shown = dump(in_transit(transaction, KEYS)) + dump(at_rest(transaction, KEYS))

    for secret in secrets_of(transaction):
        clear = reveal(secret)
        raw = clear.encode() if isinstance(clear, str) else clear.hex().encode()
        assert len(raw) < 8 or raw not in shown


@given(transactions)
def test_what_has_no_card_is_left_alone(transaction: Transaction) -> None:
    """The very object is handed back."""
    bare = transaction.model_copy(update={"card": None})

    assert at_rest(bare, KEYS) is bare
    assert in_transit(bare, KEYS) is bare
    assert open_transaction(bare, KEYS) is bare


@given(secret_transactions)
def test_other_keys_open_nothing(transaction: Transaction) -> None:
    """A broker that is read by a stranger tells nothing."""
    sealed = in_transit(transaction, KEYS)

    if secrets_of(transaction):
        with pytest.raises(Refused):
            open_transaction(sealed, OTHER)


def test_a_forged_seal_is_refused() -> None:
    """Also one that is no base64url at all."""
    for text in ("A" * 17, "A" * 40):
        forged = Transaction(kind="refund", card={}, sensitive=text)
        with pytest.raises(Refused):
            open_transaction(forged, KEYS)
