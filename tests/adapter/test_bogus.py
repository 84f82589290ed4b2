from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapter.submissions import card, context, submission, transfer

from msggw.adapter.bogus import DECLINES, Bogus, Settings, create
from msggw.adapter.contract import Subject, broken
from msggw.canonical import Kind, Outcome, OutcomeKind, Reason, reason_of
from msggw.values import Money

SPECIAL = {10, 68, 81, 82, 83, 84, 85}


@pytest.fixture
def bogus() -> Bogus:
    """An adapter that is late by nothing worth waiting for."""
    return Bogus(Settings(late_s=0.001))


@pytest.mark.parametrize("make", [card, transfer])
async def test_the_contract_is_kept(make) -> None:
    """Cards and transfers alike."""
    adapters: list[Bogus] = []

    def new() -> Bogus:
        adapters.append(create({}, context()))
        return adapters[-1]

    async def executed(work) -> int:
        return int((await adapters[-1].inquire(work)).kind is OutcomeKind.ACCEPTED)

    subject = Subject(make=new, submission=lambda: submission(make()), executed=executed)
    assert await broken(subject) == {}


@given(st.integers(0, 10**11).filter(lambda n: n % 100 not in SPECIAL | set(DECLINES)))
def test_every_other_amount_is_approved(minor: int) -> None:
    """Approval is the rule, and each has an approval code."""
    outcome = asyncio.run(Bogus(Settings()).submit(submission(card(minor))))
    assert (OutcomeKind.ACCEPTED, "00") == (outcome.kind, outcome.response_code)
    assert outcome.approval_code is not None


@given(st.integers(0, 10**9), st.sampled_from(DECLINES))
def test_declines_carry_their_code(hundreds: int, code: int) -> None:
    """The last two digits are the DE 39 code and mean what the reason table says."""
    outcome = asyncio.run(Bogus(Settings()).submit(submission(card(hundreds * 100 + code))))
    expected = reason_of("de39", f"{code:02d}", Reason.APPROVED)
    assert (OutcomeKind.REJECTED, expected) == (outcome.kind, outcome.reason)
    assert outcome.may_retry == (code in {91, 96})


async def test_an_outcome_made_without_validation_is_valid(bogus: Bogus) -> None:
    """The fast path gives what the model itself would have accepted."""
    for made in (card(), transfer()):
        outcome = await bogus.submit(submission(made))
        assert Outcome.model_validate(outcome.model_dump()) == outcome


async def test_a_partial_approval_approves_half(bogus: Bogus) -> None:
    """A card gets half; a transfer is whole or not at all."""
    outcome = await bogus.submit(submission(card(10_10)))
    assert outcome.amount is not None
    assert (Reason.APPROVED_PARTIAL, 505) == (outcome.reason, outcome.amount.minor)
    assert (await bogus.submit(submission(transfer(10_10)))).reason is Reason.APPROVED


async def test_a_lost_answer_is_unknown_and_found_by_inquiry(bogus: Bogus) -> None:
    """68: executed, and we cannot know before we ask."""
    work = submission(card(10_68), timeout_s=0.001)
    assert (await bogus.submit(work)).kind is OutcomeKind.UNKNOWN
    assert (await bogus.inquire(work)).kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize(
    ("timeout_s", "kind"), [(5.0, OutcomeKind.ACCEPTED), (0.0005, OutcomeKind.UNKNOWN)]
)
async def test_a_late_answer_comes_in_time_or_not(
    bogus: Bogus, timeout_s: float, kind: OutcomeKind
) -> None:
    """81: it is executed either way."""
    work = submission(card(10_81), timeout_s=timeout_s)
    assert (await bogus.submit(work)).kind is kind
    assert (await bogus.inquire(work)).kind is OutcomeKind.ACCEPTED


async def test_pending_becomes_accepted_when_asked(bogus: Bogus) -> None:
    """82: the first inquiry settles it."""
    work = submission(transfer(10_82))
    assert (await bogus.submit(work)).kind is OutcomeKind.PENDING
    assert (await bogus.submit(work)).kind is OutcomeKind.PENDING
    assert (await bogus.inquire(work)).kind is OutcomeKind.ACCEPTED


async def test_not_sent_happens_once(bogus: Bogus) -> None:
    """83: the repetition with the same key is not taken for a repeat of something done."""
    work = submission(card(10_83))
    kinds = [(await bogus.submit(replace(work, attempt=n))).kind for n in (1, 2, 3)]
    assert [OutcomeKind.NOT_SENT, OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED] == kinds


async def test_garbage_is_unknown(bogus: Bogus) -> None:
    """84: executed, but nobody can read the answer."""
    work = submission(card(10_84))
    assert (await bogus.submit(work)).kind is OutcomeKind.UNKNOWN
    assert (await bogus.inquire(work)).kind is OutcomeKind.ACCEPTED


async def test_a_defect_raises(bogus: Bogus) -> None:
    """85: the worker must survive an adapter that breaks the contract."""
    with pytest.raises(RuntimeError, match="85"):
        await bogus.submit(submission(card(10_85)))


async def test_what_was_reversed_is_found_rejected(bogus: Bogus) -> None:
    """A reversal holds even if the submission comes after it."""
    work = submission(card())
    assert (await bogus.reverse(work)).kind is OutcomeKind.ACCEPTED
    assert (await bogus.submit(work)).kind is OutcomeKind.REJECTED
    assert (await bogus.inquire(work)).reason is Reason.REVERSED


async def test_only_pending_can_be_cancelled(bogus: Bogus) -> None:
    """A cancellation may be repeated; what is executed stays; the unknown is not found."""
    pending, done = submission(transfer(10_82)), submission(transfer())
    await bogus.submit(pending)
    await bogus.submit(done)
    reasons = [(await bogus.cancel(work)).reason for work in (pending, pending, done)]
    assert [Reason.CANCELLED, Reason.CANCELLED, Reason.NO_ACTION_TAKEN] == reasons
    absent = submission(transfer())
    assert (await bogus.cancel(absent)).reason is Reason.ORIGINAL_NOT_FOUND
    assert (await bogus.inquire(pending)).reason is Reason.CANCELLED


async def test_fees_are_one_minor_unit(bogus: Bogus) -> None:
    """No amount, or an amount of zero, costs nothing."""
    assert [fee.amount.minor for fee in await bogus.quote_fees(card())] == [1]
    assert await bogus.quote_fees(card(0)) == ()
    assert await bogus.quote_fees(card().model_copy(update={"amount": None})) == ()


async def test_a_request_without_amount_is_approved(bogus: Bogus) -> None:
    """A status request has none."""
    bare = card(kind=Kind.STATUS_REQUEST).model_copy(update={"amount": None})
    assert (await bogus.submit(submission(bare))).kind is OutcomeKind.ACCEPTED


async def test_the_ledger_is_bounded() -> None:
    """The oldest transaction is forgotten first."""
    bogus = Bogus(Settings(ledger_max=2))
    works = [submission(card()) for _ in range(3)]
    for work in works:
        await bogus.submit(work)
    kinds = [(await bogus.inquire(work)).kind for work in works]
    assert [OutcomeKind.REJECTED, OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED] == kinds


def test_money_of_a_partial_approval_is_money() -> None:
    """Half of an odd amount is rounded down to whole minor units."""
    outcome = asyncio.run(Bogus(Settings()).submit(submission(card(1_10))))
    assert outcome.amount == Money(55, card(1_10).amount.unit)
