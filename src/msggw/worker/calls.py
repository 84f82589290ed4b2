"""What is committed before an adapter is called, and the call itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.adapter import Cancels, Inquires, Operation, Reverses
from msggw.canonical import Outcome, OutcomeKind, Reason, State
from msggw.desk import NEVER_US, entry, work_id
from msggw.store import AttemptStart, Change, Move

if TYPE_CHECKING:
    from msggw.adapter import Adapter, Submission
    from msggw.desk import Work

__all__ = ["begin", "doubt", "idempotency_key", "is_expired", "operate"]

_EXPECTED = {
    Operation.SUBMIT: frozenset({State.ROUTED}),
    Operation.CANCEL: frozenset({State.ROUTED}),
    Operation.REVERSE: frozenset({State.ROUTED}),
    Operation.INQUIRE: frozenset({State.PENDING, State.UNKNOWN}),
}


def is_expired(work: Work, now_us: int) -> bool:
    """Return whether the sender's time was over before the provider was reached."""
    return work.operation == Operation.SUBMIT and now_us > work.deadline_us


def begin(work: Work, now_us: int) -> Change:
    """Return the change that must be committed before the provider is called."""
    expected = _EXPECTED[Operation(work.operation)]
    if is_expired(work, now_us):
        noted = entry("transaction.expired", now_us, why="the sender's time was over")
        return Change(
            work.transaction_id,
            move=Move(expected, State.EXPIRED, deadline_at_us=NEVER_US),
            journal=(noted,),
            outbox_done=(work_id(work.transaction_id, work.operation, work.number),),
        )
    attempt = AttemptStart(
        provider=work.adapter,
        operation=work.operation,
        number=work.number,
        idempotency_key=idempotency_key(work),
        at_us=now_us,
    )
    if work.operation == Operation.INQUIRE:
        # The state stays; the attempt row alone says that somebody asks.
        return Change(work.transaction_id, attempt=attempt)
    # The attempt row says all there is to say about it: no journal line of its own.
    return Change(work.transaction_id, move=Move(expected, State.SENT), attempt=attempt)


def idempotency_key(work: Work) -> str:
    """Return the provider's idempotency key: the same for every attempt of one operation."""
    # An inquiry asks about the submission, so it carries the submission's key.
    if work.operation == Operation.INQUIRE:
        return work_id(work.transaction_id, Operation.SUBMIT, 1)
    return work_id(work.original_id or work.transaction_id, work.operation, 1)


def doubt(detail: str) -> Outcome:
    """Return the outcome of a call of which nobody knows what became."""
    return Outcome(kind=OutcomeKind.UNKNOWN, reason=Reason.TIMED_OUT, detail=detail)


async def operate(adapter: Adapter, operation: str, submission: Submission) -> Outcome:
    """Call the adapter's operation; one that it does not have is refused, or leaves doubt."""
    if operation == Operation.SUBMIT:
        return await adapter.submit(submission)
    if operation == Operation.REVERSE and isinstance(adapter, Reverses):
        return await adapter.reverse(submission)
    if operation == Operation.INQUIRE and isinstance(adapter, Inquires):
        return await adapter.inquire(submission)
    if operation == Operation.CANCEL and isinstance(adapter, Cancels):
        return await adapter.cancel(submission)
    if operation == Operation.INQUIRE:
        return doubt("the adapter cannot inquire")
    return Outcome(
        kind=OutcomeKind.REJECTED,
        reason=Reason.NOT_SUPPORTED,
        detail=f"the adapter cannot {operation}",
    )
