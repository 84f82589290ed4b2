"""Judging a group in memory. The databases' own tests run through the same rules."""

from __future__ import annotations

from dataclasses import replace

from tests.store.samples import NOON_US, begun, claimed, moved

from msggw.canonical import State
from msggw.store import Change, Outbox, Result, Verdict
from msggw.store.plan import Known, Standing, decide, touched_by


def test_everything_touched_is_asked_for() -> None:
    """What `also` touches is touched too."""
    change = replace(claimed("t1"), also=(moved("t2", State.SENT), begun("t3")))
    touched = touched_by([change, claimed("t4")])

    assert touched.inbox == [("acquirer-1", "key-t1"), ("acquirer-1", "key-t4")]
    assert touched.claimed == ["t1", "t4"]
    assert touched.moved == ["t2"]
    assert touched.attempts == [("t3", "submit", 1)]


def test_moves_of_one_transaction_become_one_row() -> None:
    """The row replaces the version that was found, whatever happened in between."""
    known = Known(states={"t1": Standing("routed", 4, False, 10, 20, 4)})
    again = moved("t1", State.APPROVED, expected=frozenset({State.SENT}), answered=True)
    plan = decide([moved("t1", State.SENT, outcome=b"a"), replace(again, journal=())], known)

    assert plan.states() == ([], [(4, "t1", "approved", 6, True, 10, NOON_US + 1_000_000)])
    assert plan.outcomes == [("t1", 5, b"a")]


def test_claim_and_move_become_one_new_row() -> None:
    """A transaction that was moved in the group of its claim is written once."""
    plan = decide([claimed("t1"), replace(moved("t1", State.SENT), journal=())], Known())

    assert plan.states() == ([("t1", "sent", 2, False, NOON_US + 30_000_000, NOON_US)], [])


def test_failed_unit_leaves_no_rows() -> None:
    """Nothing of a unit is noted before all of it was found good."""
    unit = replace(claimed("t1"), also=(begun("t2"), moved("nobody", State.SENT)))
    plan = decide([unit], Known())

    assert plan.results == [Result(Verdict.CONFLICT, "nobody")]
    assert not any([plan.transactions, plan.standings, plan.journal, plan.outbox, plan.attempts])


def test_outbox_row_that_came_and_went() -> None:
    """It is deleted anyway: the row may have been there before."""
    one = Outbox("o1", "r", b"", 5)
    plan = decide([Change("t1", outbox=(one,)), Change("t1", outbox_done=("o1",))], Known())

    assert plan.outbox == {}
    assert plan.outbox_gone == ["o1"]


def test_conflicting_attempt_of_an_unknown_transaction() -> None:
    """An attempt may belong to a transaction whose state was not asked for."""
    plan = decide([begun("t1")], Known(attempts={("t1", "submit", 1)}))

    assert plan.results == [Result(Verdict.CONFLICT, "t1")]
