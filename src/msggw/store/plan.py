"""What a group of changes comes to: verdicts, and the rows to write. Pure; both databases use it.

The database tells what it knows of everything the group touches (`Known`). Then the changes are
judged one after another in memory, each seeing the effects of those before it, so two claims of one
key or two moves of one transaction within a group need no second round trip. What they leave is
a few lists of rows, written by a few statements.

A change and its `also` are one *unit*: it is judged as a whole before anything of it is noted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msggw.canonical import State
from msggw.store.port import Result, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msggw.store.port import Change, Claim, JournalEntry, Move

__all__ = ["Known", "Plan", "Standing", "Touched", "decide", "touched_by"]

Row = tuple[Any, ...]
AttemptKey = tuple[str, str, int]


@dataclass(slots=True)
class Standing:
    """The hot row of a transaction. `base` is the version in the database, 0 if it is not there."""

    state: str
    version: int
    answered: bool
    deadline_at_us: int
    updated_at_us: int
    base: int


@dataclass(slots=True)
class Known:
    """What the database holds of the things a group touches."""

    inbox: dict[tuple[str, str], str] = field(default_factory=dict)
    states: dict[str, Standing] = field(default_factory=dict)
    attempts: set[AttemptKey] = field(default_factory=set)


@dataclass(slots=True)
class Touched:
    """What a group touches, to be asked of the database."""

    inbox: list[tuple[str, str]]
    claimed: list[str]
    moved: list[str]
    attempts: list[AttemptKey]


@dataclass(slots=True)
class Plan:
    """The verdicts in order, and the rows they leave, each in the column order of its table.

    `outbox_gone` is deleted before `outbox` is written. `standings` holds every transaction that
    was claimed or moved.
    """

    results: list[Result] = field(default_factory=list)
    transactions: list[Row] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    outcomes: list[Row] = field(default_factory=list)
    match_keys: list[Row] = field(default_factory=list)
    journal: list[tuple[str, JournalEntry]] = field(default_factory=list)
    outbox: dict[str, Row] = field(default_factory=dict)
    outbox_gone: list[str] = field(default_factory=list)
    attempts: dict[AttemptKey, Row] = field(default_factory=dict)
    attempt_ends: dict[AttemptKey, Row] = field(default_factory=dict)

    def states(self) -> tuple[list[Row], list[Row]]:
        """Return the new hot rows, and the changed ones with the version they replace first."""
        new: list[Row] = []
        moved: list[Row] = []
        for key, at in self.standings.items():
            row = (key, at.state, at.version, at.answered, at.deadline_at_us, at.updated_at_us)
            if at.base:
                moved.append((at.base, *row))
            else:
                new.append(row)
        return new, moved


def touched_by(changes: Sequence[Change]) -> Touched:
    """Return what these changes touch."""
    touched = Touched([], [], [], [])
    for change in changes:
        _touch(change, touched)
    return touched


def _touch(change: Change, touched: Touched) -> None:
    claim = change.claim
    if claim is not None:
        touched.inbox.append((claim.source, claim.message_key))
        touched.claimed.append(change.transaction_id)
    if change.move is not None:
        touched.moved.append(change.transaction_id)
    start = change.attempt
    if start is not None:
        touched.attempts.append((change.transaction_id, start.operation, start.number))
    for other in change.also:
        _touch(other, touched)


def decide(changes: Sequence[Change], known: Known) -> Plan:
    """Judge the changes in order. Raises `ValueError` for a unit that contradicts itself."""
    plan = Plan()
    for change in changes:
        if change.also:
            plan.results.append(_decide_unit(_flat(change), known, plan))
        else:
            failed = _objection(change, known)
            if failed is None:
                _note(change, known, plan)
                failed = Result(Verdict.DONE, change.transaction_id)
            plan.results.append(failed)
    return plan


def _decide_unit(unit: list[Change], known: Known, plan: Plan) -> Result:
    for change in unit:
        failed = _objection(change, known)
        if failed is not None:
            return failed
    for change in unit:
        _note(change, known, plan)
    return Result(Verdict.DONE, unit[0].transaction_id)


def _flat(change: Change) -> list[Change]:
    """Return the change and all its `also`, each transaction and claim key once."""
    unit = [change]
    for member in unit:
        unit.extend(member.also)
    ids = {member.transaction_id for member in unit}
    claims = [m.claim for m in unit if m.claim is not None]
    keys = {(claim.source, claim.message_key) for claim in claims}
    if len(ids) < len(unit) or len(keys) < len(claims):
        msg = (
            "a change and its `also` must be about different transactions and claim different keys"
        )
        raise ValueError(msg)
    return unit


def _objection(change: Change, known: Known) -> Result | None:
    """Return why the change cannot be made, or None."""
    claim, move = change.claim, change.move
    if claim is not None:
        if move is not None:
            msg = "a change claims or moves a transaction, not both"
            raise ValueError(msg)
        earlier = known.inbox.get((claim.source, claim.message_key))
        if earlier is not None:
            return Result(Verdict.DUPLICATE, earlier)
        if change.transaction_id in known.states:
            return _conflict(change.transaction_id, known)
    if move is not None and not _fits(move, known.states.get(change.transaction_id)):
        return _conflict(change.transaction_id, known)
    start = change.attempt
    if start and (change.transaction_id, start.operation, start.number) in known.attempts:
        return _conflict(change.transaction_id, known)
    return None


def _fits(move: Move, standing: Standing | None) -> bool:
    if standing is None or standing.state not in move.expected:
        return False
    return move.expected_answered is None or move.expected_answered == standing.answered


def _conflict(transaction_id: str, known: Known) -> Result:
    standing = known.states.get(transaction_id)
    return Result(Verdict.CONFLICT, transaction_id, State(standing.state) if standing else None)


def _note(change: Change, known: Known, plan: Plan) -> None:
    """Note the rows of a change that stands, and what the following changes must know of it."""
    key = change.transaction_id
    if change.claim is not None:
        _note_claim(key, change.claim, known, plan)
    elif change.move is not None:
        _note_move(key, change.move, change.journal, known, plan)
    for entry in change.journal:
        plan.journal.append((key, entry))
    for gone in change.outbox_done:
        plan.outbox.pop(gone, None)
        plan.outbox_gone.append(gone)
    for row in change.outbox:
        plan.outbox[row.id] = (row.id, key, row.route, row.body, row.attempt, row.due_at_us)
    if change.attempt is not None or change.attempt_outcome is not None:
        _note_attempt(change, known, plan)


def _note_claim(key: str, claim: Claim, known: Known, plan: Plan) -> None:
    state, received, subject = str(claim.state), claim.received_at_us, claim.subject
    counted = bool(subject) and claim.state is not State.DECLINED
    known.inbox[claim.source, claim.message_key] = key
    known.states[key] = plan.standings[key] = Standing(
        state,
        1,
        answered=False,
        deadline_at_us=claim.deadline_at_us,
        updated_at_us=received,
        base=0,
    )
    plan.transactions.append(
        (
            key,
            claim.source,
            claim.message_key,
            claim.fingerprint,
            claim.kind,
            claim.partner,
            claim.route,
            claim.body,
            claim.raw,
            received,
            claim.instance,
            subject,
            str(claim.amount_minor),
            claim.currency,
            counted,
        )
    )
    if claim.outcome is not None:
        plan.outcomes.append((key, 1, claim.outcome))
    for match_key in dict.fromkeys(claim.match_keys):
        plan.match_keys.append((match_key, received, key))


def _note_move(
    key: str, move: Move, journal: Sequence[JournalEntry], known: Known, plan: Plan
) -> None:
    standing = known.states[key]
    standing.state = str(move.state)
    standing.version += 1
    if move.answered is not None:
        standing.answered = move.answered
    if move.deadline_at_us is not None:
        standing.deadline_at_us = move.deadline_at_us
    if journal:
        standing.updated_at_us = journal[-1].at_us
    plan.standings[key] = standing
    if move.outcome is not None:
        plan.outcomes.append((key, standing.version, move.outcome))


def _note_attempt(change: Change, known: Known, plan: Plan) -> None:
    key, start = change.transaction_id, change.attempt
    if start is not None:
        begun = (key, start.operation, start.number)
        known.attempts.add(begun)
        plan.attempts[begun] = (
            *begun,
            start.provider,
            start.idempotency_key,
            start.at_us,
            None,
            "",
        )
    if change.attempt_outcome is not None:
        operation, number, outcome, at_us = change.attempt_outcome
        ended = (key, operation, number)
        if ended in plan.attempts:
            plan.attempts[ended] = (*plan.attempts[ended][:-2], at_us, outcome)
        else:
            plan.attempt_ends[ended] = (*ended, at_us, outcome)
