"""Canonical transaction ↔ the messages exchanged with the bank.

Names that must be the same each time they are made are computed, not drawn: the message id from
the idempotency key, so that the bank recognises a repeat of one attempt, and the UETR, where the
sender gave none, from the transaction id, so that an inquiry after a crash still finds it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msggw.adapter.answers import SOFT, rejected, unknown
from msggw.canonical import Kind, Outcome, OutcomeKind, Reason, Transaction
from msggw.errors import Refused, Rule
from msggw.iso20022 import (
    Report,
    build_camt056,
    build_pacs004,
    build_pacs008,
    build_pacs028,
    identify,
    parse_camt029,
    parse_pacs002,
)
from msggw.values import Uetr

if TYPE_CHECKING:
    from datetime import datetime

    from msggw.adapter import Submission
    from msggw_adapters.bank.config import Settings

__all__ = [
    "KINDS",
    "build_cancellation",
    "build_inquiry",
    "build_submission",
    "identified",
    "message_id_of",
    "outcome_of",
    "sent_as",
]

KINDS = frozenset(
    {Kind.CREDIT_TRANSFER, Kind.RETURN, Kind.STATUS_REQUEST, Kind.CANCELLATION_REQUEST}
)

_BUILDERS = {
    Kind.CREDIT_TRANSFER: build_pacs008,
    Kind.RETURN: build_pacs004,
    Kind.STATUS_REQUEST: build_pacs028,
    Kind.CANCELLATION_REQUEST: build_camt056,
}


def message_id_of(idempotency_key: str) -> str:
    """Return MsgId: `MG` and 30 hexadecimal digits of the key's digest (Max35Text)."""
    return "MG" + hashlib.blake2b(idempotency_key.encode(), digest_size=15).hexdigest()


def identified(transaction: Transaction, transaction_id: str) -> Transaction:
    """Return the transaction with a UETR, made from the gateway's id if the sender gave none."""
    references = transaction.references
    if transaction.kind is not Kind.CREDIT_TRANSFER or references.uetr is not None:
        return transaction
    digest = hashlib.blake2b(transaction_id.encode(), digest_size=16).digest()
    uetr = Uetr(str(UUID(bytes=digest, version=4)))
    return transaction.model_copy(
        update={"references": references.model_copy(update={"uetr": uetr})}
    )


def build_submission(work: Submission, settings: Settings, now: datetime) -> bytes:
    """Return the message of the transaction's kind; raise `Refused` if it cannot be one."""
    transaction = identified(work.transaction, work.transaction_id)
    build = _BUILDERS.get(transaction.kind)
    if build is None:
        raise Refused.of("canonical", "kind", Rule.UNSUPPORTED, "no message to a bank has it")
    return build(transaction, **_leg(work, settings, now))


def build_inquiry(work: Submission, settings: Settings, now: datetime) -> bytes:
    """Return pacs.028 about the transaction; an inquiry carries the key of the submission."""
    return build_pacs028(
        identified(work.transaction, work.transaction_id),
        original_message_id=sent_as(work),
        **_leg(work, settings, now, question="pacs.028"),
    )


def build_cancellation(work: Submission, settings: Settings, now: datetime) -> bytes:
    """Return camt.056 about the transaction."""
    return build_camt056(
        identified(work.transaction, work.transaction_id),
        original_message_id=work.provider_reference,
        **_leg(work, settings, now, question="camt.056"),
    )


def sent_as(work: Submission) -> str:
    """Return the message id under which a transaction that is inquired about was sent."""
    return work.provider_reference or message_id_of(work.idempotency_key)


def outcome_of(work: Submission, data: bytes, now: datetime, *, about: str | None) -> Outcome:
    """Read the bank's answer; what is unreadable or about something else is UNKNOWN.

    `about` is the message id under which the transaction was sent, None if nobody remembers.
    """
    name = identify(data).message_name or ""
    if name.startswith("admi.002"):
        return rejected(Reason.FORMAT_ERROR, detail="the bank cannot read the message", at=now)
    try:
        parse = parse_camt029 if name.startswith("camt.029") else parse_pacs002
        reports = parse(data)
    except Refused as refusal:
        return unknown(Reason.FORMAT_ERROR, str(refusal)[:140], at=now)
    ours = _references(identified(work.transaction, work.transaction_id))
    for report in reports:
        if _is_about(report, ours, about):
            return _outcome(report, now)
    return unknown(Reason.FORMAT_ERROR, "the answer is about another transaction", at=now)


def _leg(work: Submission, settings: Settings, now: datetime, question: str = "") -> dict[str, Any]:
    # Each question is a message of its own, also when it is asked again.
    key = f"{work.idempotency_key}|{question}|{work.attempt}" if question else work.idempotency_key
    return {
        "message_id": message_id_of(key),
        "now": now,
        "sender": str(settings.sender),
        "receiver": str(settings.receiver),
    }


def _references(transaction: Transaction) -> dict[str, str | None]:
    named = transaction.references
    if transaction.kind is not Kind.CREDIT_TRANSFER and transaction.original is not None:
        about = transaction.original
        return {"uetr": about.uetr, "tx": about.transaction_id, "e2e": about.end_to_end_id}
    return {"uetr": named.uetr, "tx": named.transaction_id, "e2e": named.end_to_end_id}


def _is_about(report: Report, ours: dict[str, str | None], about: str | None) -> bool:
    theirs = {"uetr": report.uetr, "tx": report.transaction_id, "e2e": report.end_to_end_id}
    both = [name for name in ours if ours[name] and theirs[name]]
    if both:
        return all(ours[name] == theirs[name] for name in both)
    # A report about the whole message names no transaction.
    return not any(theirs.values()) and report.original_message_id == about


def _outcome(report: Report, now: datetime) -> Outcome:
    found = report.outcome("bank", now)
    soft = found.kind is OutcomeKind.REJECTED and found.reason in SOFT
    return found.model_copy(update={"soft": soft, "fields": {"report_id": report.report_id}})
