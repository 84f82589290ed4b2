"""Reversals made by rule: from an original that may have reached a provider, never from a decline.

The reversal is a transaction of its own, claimed in the same commit that moves its original to
REVERSING, so that it is made exactly once. It is sent until it is accepted (store and forward).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import Kind, Original, State
from msggw.desk.journal import entry
from msggw.desk.work import Work, seal_work, work_id
from msggw.pipeline import match_keys
from msggw.store import Change, Claim, Move, Outbox

if TYPE_CHECKING:
    from msggw.canonical import Envelope, Outcome
    from msggw.desk.records import Records
    from msggw.store import Stored

__all__ = ["MAY_HAVE_REACHED", "reverse_by_rule"]

NEVER_US = 2**62
"""A reversal has no deadline: it is sent until it is accepted or an operator decides."""

MAY_HAVE_REACHED = frozenset({State.SENT, State.PENDING, State.UNKNOWN, State.APPROVED})


def reverse_by_rule(
    stored: Stored,
    envelope: Envelope,
    outcome: Outcome | None,
    records: Records,
    *,
    reversal_id: str,
    why: str,
    now_us: int,
    answered: bool | None = None,
    expected: frozenset[State] = MAY_HAVE_REACHED,
    expected_answered: bool | None = None,
) -> Change:
    """Return the change that moves the original to REVERSING and stores its reversal."""
    made = _made(stored, envelope, outcome, records, reversal_id, why, now_us)
    noted = entry("transaction.reversing", now_us, by=reversal_id, why=why)
    move = Move(expected, State.REVERSING, answered=answered, expected_answered=expected_answered)
    return Change(stored.transaction_id, move=move, journal=(noted,), also=(made,))


def _made(  # noqa: PLR0917 - as `reverse_by_rule`
    stored: Stored,
    envelope: Envelope,
    outcome: Outcome | None,
    records: Records,
    reversal_id: str,
    why: str,
    now_us: int,
) -> Change:
    """Return the change that stores the reversal itself and sends it."""
    reversal = _reversal_envelope(envelope, reversal_id)
    body = reversal.model_dump_json(exclude_defaults=True).encode()
    claim = Claim(
        source="gateway",
        message_key=f"reverse|{stored.transaction_id}",
        fingerprint=envelope.fingerprint,
        kind=Kind.REVERSAL_ADVICE.value,
        partner=stored.partner,
        match_keys=match_keys(envelope.source, reversal.transaction, reversal_id)[:1],
        route=stored.route,
        state=State.ROUTED,
        body=records.seal_body(reversal_id, body),
        raw=b"",
        outcome=None,
        received_at_us=now_us,
        deadline_at_us=NEVER_US,
        instance=stored.instance,
    )
    work = _work(stored, envelope, outcome, reversal_id, why)
    outbox = Outbox(
        work_id(reversal_id, work.operation, 1),
        f"pay.{stored.route}.{Kind.REVERSAL_ADVICE}",
        seal_work(work, records.keys),
        now_us,
    )
    noted = entry("reversal.made", now_us, original=stored.transaction_id, why=why)
    return Change(reversal_id, claim=claim, journal=(noted,), outbox=(outbox,))


def _work(
    stored: Stored, envelope: Envelope, outcome: Outcome | None, reversal_id: str, why: str
) -> Work:
    return Work(
        transaction_id=reversal_id,
        operation="reverse",
        number=1,
        adapter=stored.route,
        deadline_us=NEVER_US,
        instance="",
        standard=envelope.source.standard.value,
        envelope=envelope.model_dump_json(exclude_defaults=True).encode(),
        original_id=stored.transaction_id,
        reason=why,
        approval_code=None if outcome is None else outcome.approval_code,
        provider_reference=None if outcome is None else outcome.provider_reference,
    )


def _reversal_envelope(envelope: Envelope, reversal_id: str) -> Envelope:
    transaction = envelope.transaction
    refs, acquirer = transaction.references, transaction.acquirer
    sent_at = refs.transmission_at
    original = Original(
        stan=refs.stan,
        rrn=refs.rrn,
        transmission=None if sent_at is None else sent_at.strftime("%m%d%H%M%S"),
        acquirer_id=None if acquirer is None else acquirer.id,
        gateway_id=envelope.id,
    )
    undone = transaction.model_copy(
        update={"kind": Kind.REVERSAL_ADVICE, "original": original, "repeat": False}
    )
    return envelope.model_copy(update={"id": reversal_id, "transaction": undone})
