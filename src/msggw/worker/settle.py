"""From an outcome to what must be committed, told and tried again. Pure.

| operation | outcome       | then                                                        |
|-----------|---------------|-------------------------------------------------------------|
| submit    | ACCEPTED      | APPROVED, tell                                              |
|           | REJECTED      | DECLINED, tell                                              |
|           | PENDING       | PENDING, inquire later                                      |
|           | NOT_SENT      | ROUTED, again while there is time, else DECLINED and tell   |
|           | UNKNOWN, card | UNKNOWN and at once REVERSING with its reversal, tell       |
|           | UNKNOWN, 0x20 | ROUTED, again: an advice is repeated until it is accepted   |
|           | UNKNOWN else  | UNKNOWN, inquire later                                      |
| inquire   |               | as submit, but NOT_SENT and UNKNOWN only inquire again      |
| reverse   | ACCEPTED      | reversal APPROVED, original REVERSED                        |
|           | anything else | again (a reversal is safe to repeat), at last park          |
| cancel    |               | as submit, about the cancellation request                   |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from msggw.adapter import Operation
from msggw.broker import Done, Park, Retry
from msggw.canonical import Outcome, OutcomeKind, Reason, Standard, State
from msggw.desk import LEASE_US, NEVER_US, entry, seal_work, work_id
from msggw.store import Change, Move, Outbox

if TYPE_CHECKING:
    from msggw.broker import Item
    from msggw.broker.port import Verdict
    from msggw.desk import Records, Work

__all__ = ["Case", "Settlement", "settle"]

SUBMIT_RETRY_MS = (1_000, 5_000, 5_000, 15_000, 60_000)
INQUIRE_AFTER_S = (2, 10, 60, 300, 900, 3600, 3600, 3600)
REVERSE_RETRY_MS = (1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
REVERSE_ATTEMPTS_MAX = 40
_FORWARDED = frozenset({"authorisation_advice", "financial_advice"})
_OPEN = {
    Operation.SUBMIT: frozenset({State.SENT}),
    Operation.INQUIRE: frozenset({State.PENDING, State.UNKNOWN}),
    Operation.REVERSE: frozenset({State.SENT}),
    Operation.CANCEL: frozenset({State.SENT}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """An outcome and everything its consequences depend on.

    `reversible`: a card transaction whose adapter can reverse.
    """

    work: Work
    item: Item
    outcome: Outcome
    kind: str
    reversible: bool
    now_us: int
    records: Records


@dataclass(frozen=True, slots=True)
class Settlement:
    """What follows. `tell` is the state to wake the gateway with.

    `reverse`: the worker must add the reversal by rule (it needs a fresh id).
    """

    change: Change
    verdict: Verdict
    tell: State | None = None
    reverse: bool = False


def settle(case: Case) -> Settlement:
    """Return what follows from the outcome."""
    operation, kind = case.work.operation, case.outcome.kind
    if operation == Operation.REVERSE:
        return _reversal(case)
    if kind is OutcomeKind.NOT_SENT and operation != Operation.INQUIRE:
        return _again(case)
    if kind is OutcomeKind.UNKNOWN and case.kind in _FORWARDED:
        return _again(case)  # an advice is repeated until it is accepted
    if kind is OutcomeKind.UNKNOWN and case.reversible:
        doubtful = _change(case, State.UNKNOWN)
        return Settlement(doubtful, Done(), tell=State.REVERSING, reverse=True)
    states = {
        OutcomeKind.ACCEPTED: State.APPROVED,
        OutcomeKind.REJECTED: State.DECLINED,
        OutcomeKind.PENDING: State.PENDING,
    }
    state = states.get(kind, State.UNKNOWN)
    return _later(case, state) if state in {State.PENDING, State.UNKNOWN} else _final(case, state)


def _change(
    case: Case,
    state: State,
    *,
    sealed: bytes | None = None,
    answered: bool | None = None,
    outbox: tuple[Outbox, ...] = (),
    also: tuple[Change, ...] = (),
) -> Change:
    work, outcome = case.work, case.outcome
    noted = entry(
        f"transaction.{state}",
        case.now_us,
        adapter=work.adapter,
        operation=work.operation,
        number=work.number,
        outcome=outcome.kind.value,
        reason=outcome.reason.value,
        **({"detail": outcome.detail} if outcome.detail else {}),
    )
    move = Move(
        _OPEN[Operation(work.operation)],
        state,
        outcome=sealed,
        answered=answered,
        deadline_at_us=NEVER_US if answered else None,
    )
    result = f"{outcome.kind}:{outcome.reason}"
    return Change(
        work.transaction_id,
        move=move,
        journal=(noted,),
        outbox=outbox,
        outbox_done=_done(case),
        attempt_outcome=(work.operation, work.number, result, case.now_us),
        also=also,
    )


def _done(case: Case) -> tuple[str, ...]:
    # Work that came by the ladder has its safety net under the number of this attempt.
    own = work_id(case.work.transaction_id, case.work.operation, case.work.number)
    return (own,) if case.item.id == own else (case.item.id, own)


def _final(case: Case, state: State, outcome: Outcome | None = None) -> Settlement:
    sealed = case.records.seal_outcome(case.work.transaction_id, outcome or case.outcome)
    # Only ISO 8583 senders are told on a line that can break; the others ask again.
    answered = None if case.work.standard == Standard.ISO8583 else True
    return Settlement(_change(case, state, sealed=sealed, answered=answered), Done(), tell=state)


def _later(case: Case, state: State) -> Settlement:
    work = case.work
    number = work.number + 1 if work.operation == Operation.INQUIRE else 1
    after_s = INQUIRE_AFTER_S[min(number, len(INQUIRE_AFTER_S)) - 1]
    asked = msgspec.structs.replace(
        work,
        operation=Operation.INQUIRE.value,
        number=number,
        provider_reference=case.outcome.provider_reference or work.provider_reference,
    )
    outbox = _outbox(case, asked, "inquire", case.now_us + after_s * 1_000_000)
    return Settlement(_change(case, state, outbox=(outbox,)), Done(), tell=state)


def _outbox(case: Case, work: Work, kind: str, due_at_us: int) -> Outbox:
    return Outbox(
        work_id(work.transaction_id, work.operation, work.number),
        f"pay.{work.adapter}.{kind}",
        seal_work(work, case.records.keys),
        due_at_us,
    )


def _again(case: Case) -> Settlement:
    work = case.work
    delay_ms = SUBMIT_RETRY_MS[min(work.number, len(SUBMIT_RETRY_MS)) - 1]
    in_time = case.now_us + delay_ms * 1000 < work.deadline_us
    if case.kind not in _FORWARDED and (not in_time or work.number > len(SUBMIT_RETRY_MS)):
        changes = {"kind": OutcomeKind.REJECTED, "reason": Reason.ISSUER_UNAVAILABLE}
        return _final(case, State.DECLINED, case.outcome.model_copy(update=changes))
    # The item goes round by the broker's ladder; an outbox row stands behind it as a safety net.
    repeated = msgspec.structs.replace(work, number=work.number + 1)
    net = _outbox(case, repeated, case.kind, case.now_us + delay_ms * 1000 + LEASE_US)
    change = _change(case, State.ROUTED, outbox=(net,))
    return Settlement(change, Retry(delay_ms, case.outcome.reason.value))


def _reversal(case: Case) -> Settlement:
    work = case.work
    if case.outcome.kind is OutcomeKind.ACCEPTED:
        sealed = case.records.seal_outcome(work.transaction_id, case.outcome)
        noted = entry("transaction.reversed", case.now_us, by=work.transaction_id)
        move = Move(frozenset({State.REVERSING}), State.REVERSED, deadline_at_us=NEVER_US)
        undone = Change(work.original_id, move=move, journal=(noted,))
        change = _change(case, State.APPROVED, sealed=sealed, answered=True, also=(undone,))
        return Settlement(change, Done(), tell=State.APPROVED)
    if work.number >= REVERSE_ATTEMPTS_MAX:
        return Settlement(_change(case, State.ROUTED), Park(f"reversal: {case.outcome.reason}"))
    delay_ms = REVERSE_RETRY_MS[min(work.number, len(REVERSE_RETRY_MS)) - 1]
    # Hours may pass and an operator may step in, so the database keeps the next attempt.
    again = msgspec.structs.replace(work, number=work.number + 1)
    outbox = _outbox(case, again, "reversal_advice", case.now_us + delay_ms * 1000)
    return Settlement(_change(case, State.ROUTED, outbox=(outbox,)), Done())
