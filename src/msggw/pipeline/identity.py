"""What makes a message the same message, and how an original is found again.

Keys follow delivery facts 4.1. They hold references only, never a PAN: what must be compared but
not kept (card, amount) goes through `fingerprint_material`, which the shell runs through an HMAC.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from msggw.canonical import CARD_KINDS, Kind, Standard
from msggw.canonical.document import dump

if TYPE_CHECKING:
    from datetime import datetime

    from msggw.canonical import Source, Transaction

__all__ = [
    "ABOUT_AN_ORIGINAL",
    "card_message_key",
    "fingerprint_material",
    "match_keys",
    "original_keys",
    "velocity_subject",
]

ABOUT_AN_ORIGINAL = frozenset(
    {Kind.REVERSAL, Kind.REVERSAL_ADVICE, Kind.STATUS_REQUEST, Kind.CANCELLATION_REQUEST}
)
"""Kinds that ask for nothing of their own: they are about an earlier transaction."""


_FUNCTION = {
    Kind.AUTHORISATION: "01",
    Kind.AUTHORISATION_ADVICE: "01a",
    Kind.FINANCIAL: "02",
    Kind.REFUND: "02",
    Kind.FINANCIAL_ADVICE: "02a",
    Kind.REVERSAL: "04",
    Kind.REVERSAL_ADVICE: "04a",
}


def card_message_key(transaction: Transaction) -> str:
    """Return the inbox key of a card message: MTI class, DE 7, 11, 32, 37 and 41.

    A repeat (0101, 0421) has the key of what it repeats.
    """
    refs, acquirer, terminal = transaction.references, transaction.acquirer, transaction.terminal
    parts = (
        _FUNCTION.get(transaction.kind, transaction.kind.value),
        _stamp(refs.transmission_at),
        refs.stan or "",
        (acquirer.id if acquirer else None) or "",
        refs.rrn or "",
        (terminal.id if terminal else None) or "",
    )
    return "|".join(parts)


def match_keys(source: Source, transaction: Transaction, transaction_id: str) -> tuple[str, ...]:
    """Return the keys under which a later message may look for this transaction.

    A partner's keys are its own: knowing a UETR that travels through the whole chain must not be
    enough to cancel somebody else's transaction. A message about an original often carries the
    original's references; it is found by its own id alone, or it would hide the original.
    """
    refs = transaction.references
    keys = [f"id|{source.partner}|{transaction_id}"]
    if transaction.kind in ABOUT_AN_ORIGINAL:
        return tuple(keys)
    if transaction.kind in CARD_KINDS:
        scope = f"{source.partner}|{source.link}"
        if refs.stan and refs.transmission_at:
            keys.append(f"stan|{scope}|{refs.stan}|{_stamp(refs.transmission_at)}")
        if refs.rrn:
            keys.append(f"rrn|{scope}|{refs.rrn}|{_terminal(transaction)}")
    if refs.uetr:
        keys.append(f"uetr|{source.partner}|{refs.uetr}")
    for name in ("transaction_id", "end_to_end_id", "instruction_id"):
        value = getattr(refs, name)
        if value and value != "NOTPROVIDED":
            keys.append(f"{name}|{source.partner}|{value}")
    return tuple(keys)


def original_keys(source: Source, transaction: Transaction) -> tuple[str, ...]:
    """Return the keys of the original that this message is about, the most exact one first."""
    if transaction.kind not in ABOUT_AN_ORIGINAL:
        return ()
    about, refs = transaction.original, transaction.references
    scope = f"{source.partner}|{source.link}"
    keys = []
    if about is not None:
        if about.gateway_id:
            keys.append(f"id|{source.partner}|{about.gateway_id}")
        if about.stan and about.transmission:
            keys.append(f"stan|{scope}|{about.stan}|{about.transmission}")
        if about.uetr:
            keys.append(f"uetr|{source.partner}|{about.uetr}")
        for name in ("transaction_id", "end_to_end_id", "instruction_id"):
            value = getattr(about, name)
            if value and value != "NOTPROVIDED":
                keys.append(f"{name}|{source.partner}|{value}")
    if transaction.kind in CARD_KINDS and refs.rrn:
        keys.append(f"rrn|{scope}|{refs.rrn}|{_terminal(transaction)}")
    return tuple(keys)


def fingerprint_material(source: Source, transaction: Transaction) -> bytes:
    """Return what must be equal in two messages with one key.

    For card messages the fields that a repeat may not change; otherwise the whole transaction.
    """
    if source.standard is not Standard.ISO8583:
        return dump(transaction)
    amount = transaction.amount
    money = "" if amount is None else f"{amount.minor} {amount.unit.code}"
    code = transaction.processing_code or ""
    return f"{_FUNCTION.get(transaction.kind)}|{code}|{money}|{_terminal(transaction)}".encode()


def velocity_subject(transaction: Transaction) -> str:
    """Return whose usage is counted: the debtor account, else the customer; cards use the token.

    An IBAN means the same in either case, so its letters count as upper case.
    """
    account = transaction.debtor_account
    identification = None if account is None else account.iban or account.other
    if identification is not None:
        return f"account|{identification.upper()}"
    customer = transaction.customer
    return f"customer|{customer.id}" if customer is not None and customer.id else ""


def _stamp(moment: datetime | None) -> str:
    # DE 7 counts in UTC, whatever zone a JSON sender wrote.
    if moment is not None and moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return "" if moment is None else moment.strftime("%m%d%H%M%S")


def _terminal(transaction: Transaction) -> str:
    return (transaction.terminal.id if transaction.terminal else None) or ""
