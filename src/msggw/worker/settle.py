"""From an outcome to what must be committed, told and tried again. Pure.

| operation | outcome            | then                                                             |
|-----------|--------------------|------------------------------------------------------------------|
| submit    | ACCEPTED           | APPROVED, tell                                                   |
|           | REJECTED           | DECLINED, tell                                                   |
|           | PENDING            | PENDING, inquire later                                           |
|           | NOT_SENT           | ROUTED and try again while there is time, else DECLINED, tell    |
|           | UNKNOWN, card      | REVERSING with its reversal in the same commit, tell             |
|           | UNKNOWN, other     | UNKNOWN, inquire later                                           |
| inquire   | as submit          | but NOT_SENT and UNKNOWN only inquire again                      |
| reverse   | ACCEPTED           | reversal APPROVED, original REVERSED                             |
|           | anything else      | try again (a reversal is safe to repeat), at last park           |
| cancel    | as submit          | about the cancellation request; never repeated                   |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from msggw.adapter import Operation
from msggw.broker import Done, Park, Retry
from msggw.canonical import Outcome, OutcomeKind, Reason, State
from msggw.desk import entry, seal_work, work_id
from msggw.store import Change, Move, Outbox

if TYPE_CHECKING:
    from msggw.broker import Item
    from msggw.broker.port import Verdict
    from msggw.desk import Records, Work

__all__ = ["Settlement", "inquiry", "settle"]

SUBMIT_RETRY_MS = (1_000, 5_000, 5_000, 15_000, 60_000)
INQUIRE_AFTER_S = (2, 10, 60, 300, 900, 3600, 3600, 3600)
REVERSE_RETRY_MS = (1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
REVERSE_ATTEMPTS_MAX = 40
_US = 1_000_000
_FORWARDED = frozenset({"authorisation_advice", "financial_advice"})
_OPEN = {
    Operation.SUBMIT: frozenset({State.SENT}),
    Operation.INQUIRE: frozenset({State.PENDING, State.UNKNOWN}),
    Operation.REVERSE: frozenset({State.SENT}),
    Operation.CANCEL: frozenset({State.SENT}),
}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What follows from an outcome."""

    change: Change
    verdict: Verdict
    tell: State | None = None
    """The state to wake the waiting gateway with."""
    reverse: bool = False
    """The worker must add the reversal by rule to the change (it needs a fresh id)."""


def settle(
    work: Work, item: Item, outcome: Outcome, *, kind: str, reversible: bool, now_us: int, records: Records
) -> Settlement:
    """Return what follows."""
    if work.operation == Operation.REVERSE:
        return _settle_reversal(work, item, outcome, now_us, records)
    if outcome.kind is OutcomeKind.ACCEPTED:
        return _final(work, item, outcome, State.APPROVED, now_us, records)
    if outcome.kind is OutcomeKind.REJECTED:
        return _final(work, item, outcome, State.DECLINED, now_us, records)
    if outcome.kind is OutcomeKind.PENDING:
        return _later(work, item, outcome, State.PENDING, now_us, records)
    if work.operation == Operation.INQUIRE:
        return _later(work, item, outcome, State.UNKNOWN, now_us, records)
    if outcome.kind is OutcomeKind.NOT_SENT:
        return _again(work, item, outcome, kind, now_us, records)
    if reversible and kind not in _FORWARDED:
        return _doubtful_card(work, item, outcome, now_us)
    return _later(work, item, outcome, State.UNKNOWN, now_us, records)


def _change(  # noqa: PLR0913 - a change is made of exactly these
    work: Work,
    item: Item,
    outcome: Outcome,
    state: State,
    now_us: int,
    *,
    sealed: bytes | None = None,
    answered: bool | None = None,
    outbox: tuple[Outbox, ...] = (),
    also: tuple[Change, ...] = (),
) -> Change:
    noted = entry(
        f"transaction.{state}",
        now_us,
        adapter=work.adapter,
        operation=work.operation,
        number=work.number,
        outcome=outcome.kind.value,
        reason=outcome.reason.value,
        **({"detail": outcome.detail} if outcome.detail else {}),
    )
    return Change(
        work.transaction_id,
        move=Move(_OPEN[Operation(work.operation)], state, outcome=sealed, answered=answered),
        journal=(noted,),
        outbox=outbox,
        outbox_done=(item.id,),
        attempt_outcome=(
            work.operation,
            work.number,
            f"{outcome.kind}:{outcome.reason}",
            now_us,
        ),
        also=also,
    )


def _final(
    work: Work, item: Item, outcome: Outcome, state: State, now_us: int, records: Records
) -> Settlement:
    sealed = records.seal_outcome(work.transaction_id, outcome)
    # Only ISO 8583 senders are told on a line that can break; the others ask again.
    answered = None if work.standard == "iso8583" else True
    change = _change(work, item, outcome, state, now_us, sealed=sealed, answered=answered)
    return Settlement(change, Done(), tell=state)


def _later(
    work: Work, item: Item, outcome: Outcome, state: State, now_us: int, records: Records
) -> Settlement:
    number = work.number + 1 if work.operation == Operation.INQUIRE else 1
    outbox = inquiry(work, number, now_us, records)
    change = _change(work, item, outcome, state, now_us, outbox=(outbox,))
    return Settlement(change, Done(), tell=state)


def inquiry(work: Work, number: int, now_us: int, records: Records) -> Outbox:
    """Return the outbox row of the next status inquiry."""
    after_s = INQUIRE_AFTER_S[min(number, len(INQUIRE_AFTER_S)) - 1]
    asked = _with(work, operation=Operation.INQUIRE.value, number=number)
    return Outbox(
        work_id(work.transaction_id, Operation.INQUIRE, number),
        f"pay.{work.adapter}.inquire",
        seal_work(asked, records.keys),
        now_us + after_s * _US,
    )


def _again(
    work: Work, item: Item, outcome: Outcome, kind: str, now_us: int, records: Records
) -> Settlement:
    index = min(work.number, len(SUBMIT_RETRY_MS)) - 1
    delay_ms = SUBMIT_RETRY_MS[index]
    forwarded = kind in _FORWARDED
    in_time = now_us + delay_ms * 1000 < work.deadline_us
    if not forwarded and (not in_time or work.number > len(SUBMIT_RETRY_MS)):
        declined = Outcome(
            kind=OutcomeKind.REJECTED,
            reason=Reason.ISSUER_UNAVAILABLE,
            provider=work.adapter,
            at=outcome.at,
            detail=outcome.detail,
        )
        return _final(work, item, declined, State.DECLINED, now_us, records)
    return _repeat(work, item, outcome, delay_ms, now_us)


def _repeat(work: Work, item: Item, outcome: Outcome, delay_ms: int, now_us: int) -> Settlement:
    # The item itself goes round by the broker's ladder; the outbox row stays until it is done.
    change = replace(_change(work, item, outcome, State.ROUTED, now_us), outbox_done=())
    return Settlement(change, Retry(delay_ms, outcome.reason.value))


def _doubtful_card(work: Work, item: Item, outcome: Outcome, now_us: int) -> Settlement:
    change = _change(work, item, outcome, State.UNKNOWN, now_us)
    return Settlement(change, Done(), tell=State.REVERSING, reverse=True)


def _settle_reversal(
    work: Work, item: Item, outcome: Outcome, now_us: int, records: Records
) -> Settlement:
    if outcome.kind is OutcomeKind.ACCEPTED:
        sealed = records.seal_outcome(work.transaction_id, outcome)
        noted = entry("transaction.reversed", now_us, by=work.transaction_id)
        undone = Change(
            work.original_id,
            move=Move(frozenset({State.REVERSING}), State.REVERSED),
            journal=(noted,),
        )
        change = _change(
            work, item, outcome, State.APPROVED, now_us, sealed=sealed, answered=True, also=(undone,)
        )
        return Settlement(change, Done(), tell=State.APPROVED)
    if work.number >= REVERSE_ATTEMPTS_MAX:
        change = _change(work, item, outcome, State.PARKED, now_us)
        return Settlement(change, Park(f"reversal: {outcome.reason}"))
    delay_ms = REVERSE_RETRY_MS[min(work.number, len(REVERSE_RETRY_MS)) - 1]
    # Hours may pass and an operator may step in, so the database keeps the next attempt.
    again = _with(work, number=work.number + 1)
    outbox = Outbox(
        work_id(work.transaction_id, work.operation, again.number),
        f"pay.{work.adapter}.reversal_advice",
        seal_work(again, records.keys),
        now_us + delay_ms * 1000,
    )
    return Settlement(_change(work, item, outcome, State.ROUTED, now_us, outbox=(outbox,)), Done())


def _with(work: Work, **changes: object) -> Work:
    return msgspec.structs.replace(work, **changes)
