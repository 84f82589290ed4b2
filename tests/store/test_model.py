"""Both stores behave as a few dictionaries would, whatever is done to them."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from tests.store.samples import CHAIN_KEY, empty

from msggw.canonical import State
from msggw.store import (
    AttemptStart,
    Change,
    Claim,
    JournalEntry,
    LookUp,
    Move,
    Outbox,
    Result,
    UsageOf,
    Verdict,
    schema,
)
from msggw.store.opening import open_store

IDS = ["a", "b", "c", "d"]
STATES = [State.ROUTED, State.SENT, State.APPROVED, State.DECLINED]
numbers = st.integers(0, 5)
states = st.sampled_from(STATES)
outcomes = st.none() | st.binary(max_size=3)

claims = st.builds(
    Claim,
    source=st.sampled_from(["s1", "s2"]),
    message_key=st.sampled_from(["k1", "k2", "k3"]),
    fingerprint=st.just("5e"),
    kind=st.just("authorisation"),
    partner=st.just("bank-a"),
    match_keys=st.lists(st.sampled_from(["m1", "m2"]), max_size=2).map(tuple),
    route=st.just("visa"),
    state=states,
    body=st.binary(max_size=3),
    raw=st.binary(max_size=3),
    outcome=outcomes,
    received_at_us=numbers,
    deadline_at_us=numbers,
    instance=st.just("gateway-1"),
    subject=st.sampled_from(["", "u1"]),
    amount_minor=st.sampled_from([0, 7, 10**30]),
)
moves = st.builds(
    Move,
    expected=st.frozensets(states, min_size=1),
    state=states,
    outcome=outcomes,
    expected_answered=st.none() | st.booleans(),
    answered=st.none() | st.booleans(),
    deadline_at_us=st.none() | numbers,
)


@st.composite
def changes(draw: st.DrawFn, name: str | None = None) -> Change:
    """A change to one transaction of a few."""
    name = name or draw(st.sampled_from(IDS))
    what = draw(st.sampled_from(["claim", "move", "move", "neither"]))
    start = st.builds(
        AttemptStart, st.just("visa"), st.just("submit"), st.integers(1, 2), st.just("i"), numbers
    )
    outbox = st.builds(Outbox, st.sampled_from(["o1", "o2"]), st.just("r"), st.binary(), numbers)
    return Change(
        name,
        claim=draw(claims) if what == "claim" else None,
        move=draw(moves) if what == "move" else None,
        journal=tuple(
            JournalEntry(draw(st.sampled_from(["e", "f"])), draw(numbers), "{}")
            for _ in range(draw(st.integers(0, 2)))
        ),
        outbox=tuple(draw(st.lists(outbox, max_size=2, unique_by=lambda row: row.id))),
        outbox_done=tuple(draw(st.lists(st.sampled_from(["o1", "o2"]), max_size=1))),
        attempt=draw(st.none() | start),
        attempt_outcome=draw(
            st.none() | st.tuples(st.just("submit"), st.integers(1, 2), st.just("ok:x"), numbers)
        ),
    )


@st.composite
def units(draw: st.DrawFn) -> Change:
    """A change, perhaps with others that stand or fall with it."""
    first, *others = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
    also = [draw(changes(name)) for name in others]
    change = replace(draw(changes(first)), also=tuple(also))
    keys = [(c.claim.source, c.claim.message_key) for c in (change, *also) if c.claim]
    return change if len(set(keys)) == len(keys) else replace(change, also=())


@dataclass
class Model:
    """What should be in the database, in the plainest form."""

    inbox: dict[tuple[str, str], str] = field(default_factory=dict)
    transactions: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    journal: list[tuple[str, str, int]] = field(default_factory=list)
    outbox: dict[str, tuple[str, Outbox]] = field(default_factory=dict)
    attempts: dict[tuple[str, int], list[Any]] = field(default_factory=dict)

    def apply(self, change: Change) -> Result:
        """Do all of a change or nothing."""
        trial = copy.deepcopy(self)
        for part in (change, *change.also):
            failed = self._objection(part)
            if failed:
                return failed
        for part in (change, *change.also):
            trial.do(part)
        self.__dict__.update(trial.__dict__)
        return Result(Verdict.DONE, change.transaction_id)

    def _objection(self, change: Change) -> Result | None:
        name, claim, move = change.transaction_id, change.claim, change.move
        now = self.transactions.get(name)
        conflict = Result(Verdict.CONFLICT, name, now["state"] if now else None)
        if claim and (claim.source, claim.message_key) in self.inbox:
            earlier = self.inbox[claim.source, claim.message_key]
            return Result(Verdict.DUPLICATE, earlier)
        if claim and now:
            return conflict
        if move and (not now or now["state"] not in move.expected):
            return conflict
        if move and now and move.expected_answered not in (None, now["answered"]):
            return conflict
        if change.attempt and (name, change.attempt.number) in self.attempts:
            return conflict
        return None

    def do(self, change: Change) -> None:
        """Do a change to which nobody objects."""
        name = change.transaction_id
        if change.claim:
            self._claim(name, change.claim)
        if change.move:
            self._move(name, change.move, change.journal)
        self.journal += [(name, entry.event, entry.at_us) for entry in change.journal]
        for gone in change.outbox_done:
            self.outbox.pop(gone, None)
        self.outbox |= {row.id: (name, row) for row in change.outbox}
        if change.attempt:
            self.attempts[name, change.attempt.number] = [change.attempt.at_us, None, ""]
        if change.attempt_outcome:
            _, number, outcome, at_us = change.attempt_outcome
            if (name, number) in self.attempts:
                self.attempts[name, number][1:] = [at_us, outcome]

    def _claim(self, name: str, claim: Claim) -> None:
        self.inbox[claim.source, claim.message_key] = name
        self.claims[name] = claim
        self.transactions[name] = {
            "state": claim.state,
            "version": 1,
            "answered": False,
            "outcome": claim.outcome,
            "deadline_at_us": claim.deadline_at_us,
            "updated_at_us": claim.received_at_us,
        }

    def _move(self, name: str, move: Move, journal: tuple[JournalEntry, ...]) -> None:
        now = self.transactions[name]
        now["state"] = move.state
        now["version"] += 1
        for key in ("outcome", "answered", "deadline_at_us"):
            if getattr(move, key) is not None:
                now[key] = getattr(move, key)
        if journal:
            now["updated_at_us"] = journal[-1].at_us


class StoreMachine(RuleBasedStateMachine):
    """Drives a store beside the model; each run starts with an empty database at `url`."""

    url: str

    @initialize()
    def open(self) -> None:
        """Empty the database."""
        self.runner = asyncio.Runner()
        self.run(empty(self.url))
        self.model = Model()
        self.store = open_store(self.url, "gateway-1", CHAIN_KEY)
        self.run(self.store.start())

    def run(self, work: Any) -> Any:
        """Wait for a call."""
        return self.runner.run(work)

    @rule(group=st.lists(units(), min_size=1, max_size=4))
    def commit_in_one_call(self, group: list[Change]) -> None:
        """Hand several changes in together."""
        expected = [self.model.apply(change) for change in group]

        assert self.run(self.store.commit(group)) == expected

    @rule(group=st.lists(units(), min_size=1, max_size=4))
    def commit_in_one_group(self, group: list[Change]) -> None:
        """Hand several changes in at once, each by its own call."""

        async def work() -> list[list[Result]]:
            return await asyncio.gather(*(self.store.commit([change]) for change in group))

        expected = [[self.model.apply(change)] for change in group]

        assert self.run(work()) == expected

    @rule()
    def open_again(self) -> None:
        """Restart the process."""
        self.run(self.store.close())
        self.store = open_store(self.url, "gateway-1", CHAIN_KEY)
        self.run(self.store.start())

    @rule()
    def load_all(self) -> None:
        """Read the hot rows."""
        for name in IDS:
            stored = self.run(self.store.load(name))
            now = self.model.transactions.get(name)

            assert (stored is None) == (now is None)
            if now:
                assert {key: getattr(stored, key) for key in now} == now
                assert stored.body == self.model.claims[name].body

    @rule()
    def read_the_rest(self) -> None:
        """Read journals and attempts."""
        for name in IDS:
            timeline = self.run(self.store.timeline(name))
            lines = [(r.transaction_id, r.event, r.at_us) for r in timeline]
            mine = [line for line in self.model.journal if line[0] == name]
            attempts = self.run(self.store.attempts(name))

            assert lines == sorted(mine, key=lambda line: line[2])
            assert {
                (name, a.number): [a.started_at_us, a.finished_at_us, a.outcome] for a in attempts
            } == {key: value for key, value in self.model.attempts.items() if key[0] == name}
        assert self.run(self.store.verify_journal()) == (len(self.model.journal), None)

    @rule(now=numbers, limit=st.integers(1, 3))
    def take_due(self, now: int, limit: int) -> None:
        """Claim some work."""
        rows = self.run(self.store.due(now, 3, limit))
        due = [row for _, row in self.model.outbox.values() if row.due_at_us <= now]
        expected = sorted(due, key=lambda row: (row.due_at_us, row.id))[:limit]
        for row in expected:
            name, _ = self.model.outbox[row.id]
            self.model.outbox[row.id] = (name, replace(row, due_at_us=now + 3))

        assert [(row.id, row.body) for row in rows] == [(row.id, row.body) for row in expected]

    @rule(wanted=st.frozensets(states), before=numbers, unanswered=st.booleans())
    def ask_overdue(self, wanted: frozenset[State], before: int, unanswered: bool) -> None:
        """Ask who is late."""
        rows = self.run(self.store.overdue(wanted, before, 9, unanswered=unanswered))
        expected = sorted(
            (now["deadline_at_us"], name)
            for name, now in self.model.transactions.items()
            if now["state"] in wanted
            and now["deadline_at_us"] < before
            and not (unanswered and now["answered"])
        )

        assert [(row.deadline_at_us, row.transaction_id) for row in rows] == expected

    @rule(since=numbers)
    def look_up(self, since: int) -> None:
        """Ask everything there is to ask."""
        keys = tuple((source, key) for source in ("s1", "s2") for key in ("k1", "k2", "k3"))
        usage = UsageOf("u1", since)
        found = self.run(self.store.look_up(LookUp(keys, ("m1", "m2"), (usage,))))
        counted = [
            claim.amount_minor
            for claim in self.model.claims.values()
            if claim.subject == "u1"
            and claim.received_at_us >= since
            and claim.state is not State.DECLINED
        ]
        newest = {
            key: name
            for name, claim in sorted(
                self.model.claims.items(), key=lambda item: (item[1].received_at_us, item[0])
            )
            for key in claim.match_keys
        }

        assert {k: s.transaction_id for k, s in found.inbox.items()} == self.model.inbox
        assert {k: s.transaction_id for k, s in found.originals.items()} == newest
        assert found.usage == {usage: (len(counted), sum(counted))}

    def teardown(self) -> None:
        """Close the store."""
        if hasattr(self, "runner"):
            self.run(self.store.close())
            self.runner.close()


def machine(url: str) -> type[StoreMachine]:
    """The machine for this database."""
    return type("Machine", (StoreMachine,), {"url": url})


def test_sqlite_behaves_as_the_model(tmp_path: Path) -> None:
    """Any sequence of calls has the results and leaves the rows that the model says."""
    url = f"sqlite:///{tmp_path}/gateway.db"
    schema.upgrade(url)
    run_state_machine_as_test(
        machine(url),
        settings=settings(max_examples=25, stateful_step_count=15, deadline=None),
    )


def test_postgres_behaves_as_the_model(shared_postgres: str) -> None:
    """Any sequence of calls has the results and leaves the rows that the model says."""
    run_state_machine_as_test(
        machine(shared_postgres),
        settings=settings(max_examples=8, stateful_step_count=15, deadline=None),
    )
