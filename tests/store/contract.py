"""What every store does. Each implementation runs these tests against its own real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from tests.store.samples import (
    CHAIN_KEY,
    NOON_US,
    begun,
    claimed,
    execute,
    moved,
    unguard_journal,
)

from msggw.canonical import State
from msggw.errors import ConfigurationError, Conflict, Unavailable
from msggw.store import (
    ApiKey,
    Attempt,
    Change,
    JournalEntry,
    LookUp,
    Outbox,
    OutboxRow,
    Parked,
    Partner,
    Result,
    Store,
    Stored,
    UsageOf,
    Verdict,
    schema,
)
from msggw.store.opening import open_store

MINUTE_US = 60_000_000


class Contract:
    """The tests of the port. A subclass has a fixture `url` that gives an empty database."""

    @pytest.fixture
    async def migrated(self, url: str) -> str:
        """The database, with the current schema."""
        await asyncio.to_thread(schema.upgrade, url)
        return url

    @pytest.fixture
    async def store(self, migrated: str) -> AsyncIterator[Store]:
        """A store that is open."""
        store = open_store(migrated, "gateway-1", CHAIN_KEY)
        await store.start()
        yield store
        await store.close()

    # Claims

    async def test_claimed_transaction_is_kept_whole(self, store: Store) -> None:
        """What was claimed is loaded again as it was."""
        results = await store.commit([claimed("t1", outcome=b"sealed outcome")])

        assert results == [Result(Verdict.DONE, "t1")]
        assert await store.load("t1") == Stored(
            transaction_id="t1",
            source="acquirer-1",
            message_key="key-t1",
            fingerprint="5e" * 32,
            kind="authorisation",
            partner="bank-a",
            route="visa",
            state=State.ROUTED,
            version=1,
            answered=False,
            body=b"sealed body",
            outcome=b"sealed outcome",
            received_at_us=NOON_US,
            updated_at_us=NOON_US,
            deadline_at_us=NOON_US + 30_000_000,
            instance="gateway-1",
        )

    async def test_unknown_transaction_is_none(self, store: Store) -> None:
        """There is nothing about a transaction nobody claimed."""
        assert await store.load("t1") is None
        assert await store.timeline("t1") == []
        assert await store.attempts("t1") == []

    async def test_nothing_to_commit_is_nothing(self, store: Store) -> None:
        """No changes, no results."""
        assert await store.commit([]) == []

    async def test_second_claim_of_a_key_is_a_duplicate(self, store: Store) -> None:
        """A duplicate names the earlier transaction and writes nothing."""
        await store.commit([claimed("t1")])
        again = claimed("t2", message_key="key-t1")

        assert await store.commit([again]) == [Result(Verdict.DUPLICATE, "t1")]
        assert await store.load("t2") is None
        assert await store.timeline("t2") == []
        assert [row.id for row in await store.due(NOON_US, 0, 9)] == ["out-t1"]

    async def test_same_key_of_another_source_is_no_duplicate(self, store: Store) -> None:
        """Keys are unique within a source."""
        await store.commit([claimed("t1")])
        other = claimed("t2", message_key="key-t1", source="acquirer-2")

        assert await store.commit([other]) == [Result(Verdict.DONE, "t2")]

    async def test_first_of_two_claims_in_one_call_wins(self, store: Store) -> None:
        """Within a call the first claim of a key is done, the second is its duplicate."""
        results = await store.commit([claimed("t1"), claimed("t2", message_key="key-t1")])

        assert results == [Result(Verdict.DONE, "t1"), Result(Verdict.DUPLICATE, "t1")]

    async def test_one_of_fifty_parallel_claims_is_done(self, store: Store) -> None:
        """However many claim a key at once, one is done and the others learn its id."""
        claims = [claimed(f"t{number}", message_key="the key") for number in range(50)]
        results = [r for (r,) in await asyncio.gather(*(store.commit([c]) for c in claims))]
        done = [r.transaction_id for r in results if r.verdict is Verdict.DONE]
        others = {(r.verdict, r.transaction_id) for r in results if r.verdict is not Verdict.DONE}

        assert len(done) == 1
        assert others == {(Verdict.DUPLICATE, done[0])}

    async def test_claim_of_a_taken_id_is_a_conflict(self, store: Store) -> None:
        """A transaction id cannot be claimed twice, whatever the key."""
        await store.commit([claimed("t1")])
        again = claimed("t1", message_key="another key")

        assert await store.commit([again]) == [Result(Verdict.CONFLICT, "t1", State.ROUTED)]

    # Moves

    async def test_move_changes_what_it_names(self, store: Store) -> None:
        """State, outcome, deadline and answered are new; the version has grown by one."""
        await store.commit([claimed("t1")])
        before = await store.load("t1")
        move = moved(
            "t1", State.SENT, outcome=b"outcome", answered=True, deadline_at_us=NOON_US + 9
        )

        assert await store.commit([move]) == [Result(Verdict.DONE, "t1")]
        assert before is not None
        assert await store.load("t1") == replace(
            before,
            state=State.SENT,
            version=2,
            answered=True,
            outcome=b"outcome",
            updated_at_us=NOON_US + 1_000_000,
            deadline_at_us=NOON_US + 9,
        )

    async def test_move_leaves_what_it_does_not_name(self, store: Store) -> None:
        """Without an outcome, a deadline and a journal line the stored ones stay."""
        await store.commit([claimed("t1", outcome=b"first")])
        await store.commit([replace(moved("t1", State.SENT), journal=())])
        stored = await store.load("t1")

        assert stored is not None
        assert (stored.outcome, stored.answered, stored.version) == (b"first", False, 2)
        assert stored.deadline_at_us == NOON_US + 30_000_000
        assert stored.updated_at_us == NOON_US

    async def test_move_from_another_state_is_a_conflict(self, store: Store) -> None:
        """A conflict tells the present state and writes nothing."""
        await store.commit([claimed("t1", state=State.DECLINED)])
        move = moved("t1", State.SENT, outcome=b"outcome")

        assert await store.commit([move]) == [Result(Verdict.CONFLICT, "t1", State.DECLINED)]
        assert len(await store.timeline("t1")) == 1

    async def test_move_of_nothing_is_a_conflict(self, store: Store) -> None:
        """A transaction that does not exist has no state."""
        move = moved("t1", State.SENT)

        assert await store.commit([move]) == [Result(Verdict.CONFLICT, "t1")]

    @pytest.mark.parametrize("expected", [False, True])
    async def test_move_may_expect_to_be_answered(self, store: Store, expected: bool) -> None:
        """`expected_answered` is compared too."""
        await store.commit([claimed("t1")])
        move = moved("t1", State.EXPIRED, expected_answered=expected, answered=True)
        (result,) = await store.commit([move])

        assert result.verdict is (Verdict.CONFLICT if expected else Verdict.DONE)

    async def test_changes_of_one_call_see_each_other(self, store: Store) -> None:
        """Claim, first move and second move of one transaction may stand in one call."""
        second = moved("t1", State.APPROVED, expected=frozenset({State.SENT}), outcome=b"yes")
        results = await store.commit(
            [claimed("t1"), moved("t1", State.SENT), moved("t1", State.SENT), second]
        )
        stored = await store.load("t1")

        assert [r.verdict for r in results] == ["done", "done", "conflict", "done"]
        assert results[2].state is State.SENT
        assert stored is not None
        assert (stored.state, stored.version, stored.outcome) == (State.APPROVED, 3, b"yes")
        assert [r.event for r in await store.timeline("t1")] == ["accepted", "sent", "approved"]

    async def test_one_of_many_parallel_moves_is_done(self, store: Store) -> None:
        """However many move a transaction out of a state at once, one does."""
        await store.commit([claimed("t1")])
        moves = (store.commit([moved("t1", State.SENT)]) for _ in range(20))
        verdicts = sorted(r.verdict for (r,) in await asyncio.gather(*moves))

        assert verdicts == [Verdict.CONFLICT] * 19 + [Verdict.DONE]

    async def test_two_processes_race_for_moves_and_claims(
        self, store: Store, migrated: str
    ) -> None:
        """Of two processes that change the same transactions at once each is beaten or wins."""
        await store.commit([claimed(f"t{n}") for n in range(40)])
        other = open_store(migrated, "worker-1", CHAIN_KEY)
        await other.start()

        async def run(which: Store, mine: str) -> list[Result]:
            changes = [moved(f"t{n}", State.SENT) for n in range(40)]
            changes += [claimed(f"{mine}{n}", message_key=f"shared {n}") for n in range(40)]
            return [r for (r,) in await asyncio.gather(*(which.commit([c]) for c in changes))]

        first, second = await asyncio.gather(run(store, "a"), run(other, "b"))
        await other.close()
        pairs = [{a.verdict, b.verdict} for a, b in zip(first, second, strict=True)]

        assert pairs[:40] == [{Verdict.DONE, Verdict.CONFLICT}] * 40
        assert pairs[40:] == [{Verdict.DONE, Verdict.DUPLICATE}] * 40
        assert await store.verify_journal() == (120, None)

    # All or nothing

    async def test_also_stands_with_its_parent(self, store: Store) -> None:
        """A reversal's claim and the move of its original are written together."""
        await store.commit([claimed("t1")])
        reversal = replace(claimed("t2"), also=(moved("t1", State.SENT),))

        assert await store.commit([reversal]) == [Result(Verdict.DONE, "t2")]
        assert await self._state(store, "t1") is State.SENT
        assert await self._state(store, "t2") is State.ROUTED

    async def test_also_falls_with_a_duplicate_parent(self, store: Store) -> None:
        """If the claim is a duplicate the original does not move."""
        await store.commit([claimed("t1"), claimed("t2")])
        again = replace(claimed("t3", message_key="key-t2"), also=(moved("t1", State.SENT),))

        assert await store.commit([again]) == [Result(Verdict.DUPLICATE, "t2")]
        assert await self._state(store, "t1") is State.ROUTED

    async def test_parent_falls_with_its_also(self, store: Store) -> None:
        """If the original cannot move nothing is claimed, and the result names the original."""
        await store.commit([claimed("t1", state=State.DECLINED)])
        reversal = replace(claimed("t2"), also=(moved("t1", State.SENT),))
        results = await store.commit([reversal, claimed("t3", message_key="key-t2")])

        assert results == [
            Result(Verdict.CONFLICT, "t1", State.DECLINED),
            Result(Verdict.DONE, "t3"),
        ]
        assert await store.load("t2") is None

    async def test_repeated_reversal_is_a_duplicate(self, store: Store) -> None:
        """That its original has moved already is not what it is told."""
        reversal = replace(claimed("t2"), also=(moved("t1", State.REVERSING),))
        await store.commit([claimed("t1")])
        await store.commit([reversal])
        repeat = replace(reversal, transaction_id="t3")

        assert await store.commit([repeat]) == [Result(Verdict.DUPLICATE, "t2")]

    async def test_nested_also_is_one_unit(self, store: Store) -> None:
        """`also` of `also` stands or falls with the whole."""
        inner = replace(claimed("t2"), also=(moved("nobody", State.SENT),))
        (result,) = await store.commit([replace(claimed("t1"), also=(inner,))])

        assert result == Result(Verdict.CONFLICT, "nobody")
        assert await store.load("t1") is None

    @pytest.mark.parametrize(
        "change",
        [
            replace(claimed("t1"), move=moved("t1", State.SENT).move),
            replace(claimed("t1"), also=(moved("t1", State.SENT),)),
            replace(claimed("t1"), also=(claimed("t2", message_key="key-t1"),)),
        ],
        ids=["claims and moves", "one transaction twice", "one key twice"],
    )
    async def test_change_that_contradicts_itself(self, store: Store, change: Change) -> None:
        """It is a defect of the caller, and the only one to suffer is the caller."""
        bad, good = await asyncio.gather(
            store.commit([change]), store.commit([claimed("t9")]), return_exceptions=True
        )

        assert isinstance(bad, ValueError)
        assert "change" in str(bad)
        assert good == [Result(Verdict.DONE, "t9")]

    async def test_value_that_cannot_be_written(self, store: Store) -> None:
        """A number beyond 64 bits fails its own call, with all of it, and no other."""
        bad = claimed("t2", received_at_us=2**63)
        calls = [[claimed("t1"), bad], [claimed("t3")], [bad], [claimed("t4")]]
        results = await asyncio.gather(*map(store.commit, calls), return_exceptions=True)

        assert [type(r) for r in results] == [ValueError, list, ValueError, list]
        assert await store.load("t1") is None
        assert await store.load("t4") is not None

    # Attempts

    async def test_attempt_is_kept_with_its_outcome(self, store: Store) -> None:
        """An attempt is under way until its outcome is noted."""
        await store.commit([claimed("t1"), begun("t1")])
        await store.commit([begun("t1", 2)])
        ended = Change("t1", attempt_outcome=("submit", 1, "not_sent:timeout", NOON_US + 50))
        await store.commit([ended])

        assert await store.attempts("t1") == [
            Attempt(
                "visa", "submit", 1, "idem-t1-1", NOON_US + 1, NOON_US + 50, "not_sent:timeout"
            ),
            Attempt("visa", "submit", 2, "idem-t1-2", NOON_US + 2, None, ""),
        ]

    async def test_attempt_begun_and_ended_in_one_call(self, store: Store) -> None:
        """The end finds the beginning that stands before it."""
        ended = Change("t1", attempt_outcome=("submit", 1, "accepted:ok", NOON_US + 50))
        await store.commit([claimed("t1"), begun("t1"), ended])
        (attempt,) = await store.attempts("t1")

        assert (attempt.finished_at_us, attempt.outcome) == (NOON_US + 50, "accepted:ok")

    async def test_attempt_number_is_taken_once(self, store: Store) -> None:
        """The same number again is a conflict, in the same call or later."""
        results = await store.commit([claimed("t1"), begun("t1"), begun("t1")])
        again = await store.commit([begun("t1")])

        assert [r.verdict for r in results] == ["done", "done", "conflict"]
        assert again == [Result(Verdict.CONFLICT, "t1", State.ROUTED)]

    # Outbox

    async def test_due_rows_are_leased(self, store: Store) -> None:
        """Rows come in the order they are due, once until the lease ends."""
        late = replace(claimed("t1"), outbox=(Outbox("b", "r2", b"2", NOON_US + 1, 3),))
        early = replace(claimed("t2"), outbox=(Outbox("a", "r1", b"1", NOON_US),))
        future = replace(claimed("t3"), outbox=(Outbox("c", "r3", b"3", NOON_US + 2),))
        await store.commit([late, early, future])

        first = await store.due(NOON_US + 1, MINUTE_US, 10)
        during = await store.due(NOON_US + MINUTE_US, MINUTE_US, 10)
        after = await store.due(NOON_US + MINUTE_US + 1, MINUTE_US, 10)

        assert first == [OutboxRow("a", "t2", "r1", b"1", 1), OutboxRow("b", "t1", "r2", b"2", 3)]
        assert [row.id for row in during] == ["c"]
        assert [row.id for row in after] == ["a", "b"]

    async def test_due_has_a_limit(self, store: Store) -> None:
        """No more rows are claimed than were asked for."""
        await store.commit([claimed(f"t{n}") for n in range(5)])

        assert len(await store.due(NOON_US, MINUTE_US, 3)) == 3
        assert len(await store.due(NOON_US, MINUTE_US, 3)) == 2

    async def test_no_row_is_leased_twice(self, store: Store) -> None:
        """Those who ask at the same time get different rows."""
        await store.commit([claimed(f"t{n}") for n in range(40)])
        parts = await asyncio.gather(*(store.due(NOON_US, MINUTE_US, 10) for _ in range(8)))
        parts.append(await store.due(NOON_US, MINUTE_US, 40))
        ids = [row.id for part in parts for row in part]

        assert sorted(ids) == sorted(f"out-t{n}" for n in range(40))

    async def test_done_rows_are_gone(self, store: Store) -> None:
        """A row that is done is never due, also if it came and went within one call."""
        await store.commit([claimed("t1")])
        done = [Change(t, outbox_done=(f"out-{t}",)) for t in ("t1", "t2")]
        await store.commit([claimed("t2"), *done])

        assert await store.due(NOON_US + MINUTE_US, 0, 10) == []

    async def test_same_outbox_id_replaces(self, store: Store) -> None:
        """A row may be put off by writing it again, also together with its own removal."""
        await store.commit([claimed("t1")])
        later = Outbox("out-t1", "pay.visa.authorisation", b"again", NOON_US + 7, attempt=2)
        await store.commit([Change("t1", outbox=(later,), outbox_done=("out-t1",))])
        await store.commit([Change("t1", outbox=(replace(later, attempt=3),))])

        assert await store.due(NOON_US, 0, 10) == []
        assert [row.attempt for row in await store.due(NOON_US + 7, 0, 10)] == [3]

    # Questions

    async def test_look_up_finds_what_there_is(self, store: Store) -> None:
        """Keys that were never seen are absent; usage is zero where there is none."""
        await store.commit([claimed("t1")])
        usage = UsageOf("nobody", 0)
        found = await store.look_up(
            LookUp(
                inbox=(("acquirer-1", "key-t1"), ("acquirer-2", "key-t1")),
                originals=("match-t1", "match-t2"),
                usage=(usage,),
            )
        )
        stored = await store.load("t1")

        assert found.inbox == {("acquirer-1", "key-t1"): stored}
        assert found.originals == {"match-t1": stored}
        assert found.usage == {usage: (0, 0)}

    async def test_empty_question_has_an_empty_answer(self, store: Store) -> None:
        """Nothing is asked, nothing found."""
        found = await store.look_up(LookUp())

        assert (found.inbox, found.originals, found.usage) == ({}, {}, {})

    async def test_newest_original_wins(self, store: Store) -> None:
        """A key of several transactions finds the one received last; each has several keys."""
        await store.commit(
            [
                claimed("t1", match_keys=("m1", "m2", "m1"), received_at_us=NOON_US + 2),
                claimed("t2", match_keys=("m1", "m3"), received_at_us=NOON_US + 1),
            ]
        )
        found = await store.look_up(LookUp(originals=("m1", "m2", "m3")))

        assert {key: s.transaction_id for key, s in found.originals.items()} == {
            "m1": "t1",
            "m2": "t1",
            "m3": "t2",
        }

    async def test_usage_counts_what_was_accepted(self, store: Store) -> None:
        """Counted is who has a subject and was not declined at once, from that instant on."""
        huge = 10**35
        await store.commit(
            [
                claimed("t1", subject="s", amount_minor=5, received_at_us=NOON_US - 1),
                claimed("t2", subject="s", amount_minor=7),
                claimed("t3", subject="s", amount_minor=huge, received_at_us=NOON_US + 1),
                claimed("t4", subject="s", amount_minor=1, state=State.DECLINED),
                claimed("t5", subject="other", amount_minor=1),
                claimed("t6", amount_minor=1),
            ]
        )
        asked = (UsageOf("s", NOON_US), UsageOf("s", 0), UsageOf("other", 0))
        found = await store.look_up(LookUp(usage=asked))

        assert [found.usage[usage] for usage in asked] == [
            (2, huge + 7),
            (3, huge + 12),
            (1, 1),
        ]

    async def test_overdue_is_by_state_and_deadline(self, store: Store) -> None:
        """Only these states, only before that instant, oldest first, no more than the limit."""
        await store.commit(
            [
                claimed("t1", deadline_at_us=30),
                claimed("t2", deadline_at_us=20),
                claimed("t3", deadline_at_us=10, state=State.SENT),
                claimed("t4", deadline_at_us=10, state=State.DECLINED),
                claimed("t5", deadline_at_us=40),
            ]
        )
        both = frozenset({State.ROUTED, State.SENT})

        async def ids(before_us: int, limit: int) -> list[str]:
            return [s.transaction_id for s in await store.overdue(both, before_us, limit)]

        assert await ids(40, 10) == ["t3", "t2", "t1"]
        assert await ids(40, 2) == ["t3", "t2"]
        assert await ids(10, 10) == []
        assert await store.overdue(frozenset(), 40, 10) == []

    async def test_overdue_may_ask_for_the_unanswered(self, store: Store) -> None:
        """With `unanswered` only those count whose sender has no answer yet."""
        await store.commit([claimed("t1"), claimed("t2")])
        await store.commit([moved("t1", State.ROUTED, answered=True)])
        late = NOON_US + MINUTE_US
        routed = frozenset({State.ROUTED})
        everybody = await store.overdue(routed, late, 9)
        unanswered = await store.overdue(routed, late, 9, unanswered=True)

        assert [s.transaction_id for s in everybody] == ["t1", "t2"]
        assert [s.transaction_id for s in unanswered] == ["t2"]

    # Parked work

    async def test_parked_work_waits_and_is_released(self, store: Store) -> None:
        """Parked work is shown oldest first; released it is an outbox row, and gone."""
        old = Parked("p1", "t1", "pay.visa.authorisation", b"work", "exhausted", 5, NOON_US)
        new = replace(old, id="p0", at_us=NOON_US + 1)
        await store.park(new)
        await store.park(replace(old, attempts=4))
        await store.park(old)

        assert await store.parked(10) == [old, new]
        assert await store.parked(1) == [old]

        outbox = Outbox("o1", old.route, old.body, NOON_US, attempt=1)

        assert await store.release("p1", outbox) is True
        assert await store.release("p1", outbox) is False
        assert await store.parked(10) == [new]
        assert await store.due(NOON_US, 0, 10) == [OutboxRow("o1", "t1", old.route, b"work", 1)]

    # Partners

    async def test_partner_has_keys(self, store: Store) -> None:
        """A partner is added with its first key; a further key leaves the partner as it is."""
        bank = Partner("bank-a", "Bank A", NOON_US)
        first = ApiKey("k1", "bank-a", "ab" * 32, "x9fz", NOON_US)
        revoked = ApiKey("k2", "bank-a", "cd" * 32, "y8gh", NOON_US, NOON_US + 5)
        await store.add_partner(bank, first)
        await store.add_partner(replace(bank, name="renamed"), revoked)

        assert await store.partners() == [bank]
        assert await store.api_key("k1") == first
        assert await store.api_key("k2") == revoked
        assert await store.api_key("k3") is None

    async def test_key_id_is_taken_once(self, store: Store) -> None:
        """A key is never replaced, and a partner is not added without its key."""
        key = ApiKey("k1", "bank-a", "ab" * 32, "x9fz", NOON_US)
        await store.add_partner(Partner("bank-a", "Bank A", NOON_US), key)
        with pytest.raises(Conflict):
            await store.add_partner(
                Partner("bank-b", "Bank B", NOON_US), replace(key, partner="bank-b")
            )

        assert [partner.id for partner in await store.partners()] == ["bank-a"]
        assert await store.api_key("k1") == key

    # Journal

    async def test_timeline_is_a_chain(self, store: Store) -> None:
        """Each line carries the hash of the line before it in its chain."""
        await store.commit([claimed("t1")])
        await store.commit([moved("t1", State.SENT)])
        first, second = await store.timeline("t1")

        assert (first.chain, first.seq, first.prev) == ("gateway-1", 1, "00" * 32)
        assert (first.event, first.data) == ("accepted", '{"by":"test"}')
        assert (second.seq, second.prev, second.at_us) == (2, first.hash, NOON_US + 1_000_000)

    async def test_journal_goes_on_after_a_restart(self, store: Store, migrated: str) -> None:
        """A process that starts again continues its chain; another has a chain of its own."""
        await store.commit([claimed("t1")])
        await store.close()
        for chain in ("gateway-1", "gateway-2"):
            again = open_store(migrated, chain, CHAIN_KEY)
            await again.start()
            await again.commit([Change("t1", journal=(JournalEntry("seen", NOON_US + 1, "{}"),))])
            rows = await again.timeline("t1")
            verified = await again.verify_journal()
            await again.close()

        assert [(r.chain, r.seq) for r in rows] == [
            ("gateway-1", 1),
            ("gateway-1", 2),
            ("gateway-2", 1),
        ]
        assert verified == (3, None)

    @pytest.mark.parametrize(
        ("damage", "held", "broken"),
        [
            (["UPDATE journal SET data = '{}' WHERE seq = 2"], 1, 2),
            (["UPDATE journal SET at_us = at_us + 1 WHERE seq = 3"], 2, 3),
            (["DELETE FROM journal WHERE seq = 3"], 2, 4),
            (["DELETE FROM journal WHERE seq = 1"], 0, 2),
            (
                ["DELETE FROM journal WHERE seq = 2", "UPDATE journal SET seq = 2 WHERE seq = 3"],
                1,
                2,
            ),
            (
                [
                    "UPDATE journal SET seq = 9 WHERE seq = 2",
                    "UPDATE journal SET seq = 2 WHERE seq = 3",
                    "UPDATE journal SET seq = 3 WHERE seq = 9",
                ],
                1,
                2,
            ),
        ],
        ids=["edited", "other time", "deleted", "first deleted", "deleted, renumbered", "swapped"],
    )
    async def test_damaged_journal_is_found(
        self, store: Store, migrated: str, damage: list[str], held: int, broken: int
    ) -> None:
        """An edited, removed or reordered line, or the one after it, does not hold."""
        await store.commit([claimed(f"t{n}") for n in range(4)])

        assert await store.verify_journal() == (4, None)

        await unguard_journal(migrated)
        await execute(migrated, *damage)
        holds, row = await store.verify_journal()

        assert row is not None
        assert (holds, row.seq) == (held, broken)

    @pytest.mark.parametrize(
        "statement", ["UPDATE journal SET data = '{}'", "DELETE FROM journal WHERE seq = 1"]
    )
    async def test_journal_is_append_only(
        self, store: Store, migrated: str, statement: str
    ) -> None:
        """The database itself refuses to change a line."""
        await store.commit([claimed("t1")])
        with pytest.raises(Exception, match="append-only"):
            await execute(migrated, statement)

        assert await store.verify_journal() == (1, None)

    # Life

    async def test_ping_answers(self, store: Store) -> None:
        """An open store answers; a closed one is unavailable, for everything."""
        await store.ping()
        await store.close()
        for call in (store.ping(), store.commit([claimed("t1")]), store.park(_PARKED)):
            with pytest.raises(Unavailable, match="not open"):
                await call

    async def test_closing_finishes_what_was_handed_in(self, store: Store, migrated: str) -> None:
        """What was handed in before the store was closed is committed."""
        handed_in = [asyncio.create_task(store.commit([claimed(f"t{n}")])) for n in range(20)]
        await asyncio.sleep(0)
        await store.close()
        results = await asyncio.gather(*handed_in)

        assert [r.verdict for (r,) in results] == [Verdict.DONE] * 20
        assert await execute(migrated, "SELECT count(*) FROM transactions") == [(20,)]

    async def test_empty_database_is_refused(self, url: str) -> None:
        """Without a schema the store does not start, and says what to do."""
        store = open_store(url, "gateway-1", CHAIN_KEY)
        with pytest.raises(ConfigurationError, match="msggw db upgrade"):
            await store.start()

    async def test_other_schema_is_refused(self, migrated: str) -> None:
        """Neither an older nor a newer schema will do."""
        await execute(migrated, "UPDATE alembic_version SET version_num = '9999'")
        store = open_store(migrated, "gateway-1", CHAIN_KEY)
        with pytest.raises(ConfigurationError, match="9999"):
            await store.start()

    async def test_short_chain_key_is_refused(self, migrated: str) -> None:
        """A chain key is as long as its hash."""
        with pytest.raises(ConfigurationError, match="32"):
            open_store(migrated, "gateway-1", CHAIN_KEY[:31])

    async def test_schema_goes_down_and_up_with_data_in_place(
        self, store: Store, migrated: str
    ) -> None:
        """The way down leaves nothing behind; a second upgrade changes nothing."""
        await store.commit([claimed("t1"), begun("t1")])
        await store.park(_PARKED)
        await store.close()
        await asyncio.to_thread(schema.upgrade, migrated)

        assert await execute(migrated, "SELECT count(*) FROM journal") == [(1,)]

        await asyncio.to_thread(schema.downgrade, migrated, "base")

        assert await asyncio.to_thread(schema.current, migrated) is None

        await asyncio.to_thread(schema.upgrade, migrated)
        await asyncio.to_thread(schema.check, migrated)

        assert await execute(migrated, "SELECT count(*) FROM journal") == [(0,)]

    @staticmethod
    async def _state(store: Store, transaction_id: str) -> State | None:
        stored = await store.load(transaction_id)
        return stored.state if stored else None


_PARKED = Parked("p1", "t1", "pay.visa.authorisation", b"work", "exhausted", 5, NOON_US)
