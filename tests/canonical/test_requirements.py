import pytest
from hypothesis import given
from tests.strategies import secret_transactions

from msggw.canonical import Card, Kind, Transaction
from msggw.canonical.requirements import missing_parts
from msggw.errors import Rule
from msggw.values import Money


@given(secret_transactions)
def test_each_fault_names_a_part_that_is_not_there(transaction: Transaction) -> None:
    """Or an amount of nothing."""
    for fault in missing_parts(transaction):
        name = fault.where.path.split("/")[1]
        if fault.rule is Rule.MISSING and fault.where.path != "/card/pan":
            assert getattr(transaction, name) is None


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_needs_something(kind: Kind) -> None:
    """Network management belongs to a link; everything else has parts it cannot do without."""
    rules = {fault.rule for fault in missing_parts(Transaction(kind=kind))}

    expected = Rule.UNSUPPORTED if kind is Kind.NETWORK_MANAGEMENT else Rule.MISSING
    assert {expected} == rules


def test_a_card_payment_needs_a_pan_and_an_amount() -> None:
    """Of more than zero."""
    transaction = Transaction(kind=Kind.REFUND, card=Card(), amount=Money.parse("0", "KZT"))
    paths = [fault.where.path for fault in missing_parts(transaction)]
    whole = transaction.model_copy(
        update={"card": Card(pan="4761739001010119"), "amount": Money.parse("1", "KZT")}
    )

    assert ["/card/pan", "/amount/value"] == paths
    assert [] == missing_parts(whole)
