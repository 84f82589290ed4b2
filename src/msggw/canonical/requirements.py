"""What a transaction of each kind must have, whichever standard it came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical.transaction import Kind, Transaction
from msggw.errors import Fault, Location, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["missing_parts"]

_CARD = ("amount", "card")
_ORIGINAL = ("original",)
_NEEDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.AUTHORISATION: _CARD,
    Kind.AUTHORISATION_ADVICE: _CARD,
    Kind.FINANCIAL: _CARD,
    Kind.FINANCIAL_ADVICE: _CARD,
    Kind.REFUND: _CARD,
    Kind.REVERSAL: _ORIGINAL,
    Kind.REVERSAL_ADVICE: _ORIGINAL,
    Kind.CREDIT_TRANSFER: ("amount", "debtor", "creditor", "creditor_account"),
    Kind.RETURN: ("amount", "original"),
    Kind.CANCELLATION_REQUEST: _ORIGINAL,
    Kind.STATUS_REQUEST: _ORIGINAL,
    Kind.QR_PAYMENT: ("amount",),
    Kind.CRYPTO_TRANSFER: ("amount", "creditor_account"),
}


def missing_parts(transaction: Transaction) -> list[Fault]:
    """Return a fault for every part that the transaction's kind needs and does not have."""
    kind = transaction.kind
    if kind not in _NEEDS:
        where = Location("json", "/kind")
        return [Fault(where, Rule.UNSUPPORTED, f"{kind} belongs to a link, not to a request")]
    faults = [
        Fault(Location("json", f"/{name}"), Rule.MISSING, f"needed for {kind}")
        for name in _NEEDS[kind]
        if getattr(transaction, name) is None
    ]
    card = transaction.card
    if card is not None and "card" in _NEEDS[kind] and card.pan is None:
        faults.append(Fault(Location("json", "/card/pan"), Rule.MISSING, f"needed for {kind}"))
    amount = transaction.amount
    if amount is not None and amount.minor == 0 and "amount" in _NEEDS[kind]:
        faults.append(Fault(Location("json", "/amount/value"), Rule.VALUE, "more than zero"))
    return faults
