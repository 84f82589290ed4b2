# ruff: noqa: D102 - the docstring of each class says which clause its method breaks
"""The contract finds what it is for: each adapter here breaks one clause."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.adapter.submissions import card, submission

from msggw.adapter import Capabilities, Health, HealthStatus, contract
from msggw.adapter.answers import not_sent, rejected
from msggw.adapter.bogus import Bogus, Settings
from msggw.adapter.contract import Subject, broken
from msggw.canonical import Kind, OutcomeKind, Reason


class Undeclared(Bogus):
    """Reverses and does not say so."""

    capabilities = replace(Bogus.capabilities, reversal=False)


class Eager(Bogus):
    """Claims network management."""

    capabilities = replace(Bogus.capabilities, kinds=frozenset(Kind))


class Slow(Bogus):
    """Overruns its time limit."""

    async def submit(self, work):
        await asyncio.sleep(work.timeout_s + 60)


class Raising(Bogus):
    """Raises instead of answering."""

    async def submit(self, work):
        raise KeyError(work.transaction_id)


class Forgetful(Bogus):
    """Executes a repeated key again."""

    async def submit(self, work):
        await super().submit(work)
        return rejected(Reason.DUPLICATE) if work.attempt > 1 else await super().submit(work)


class Lying(Bogus):
    """Finds what was never sent."""

    async def inquire(self, work):
        return await super().submit(work)


class OnceOnly(Bogus):
    """Refuses the second reversal."""

    async def reverse(self, work):
        if work.attempt > 1:
            return rejected(Reason.ORIGINAL_NOT_FOUND)
        return await super().reverse(work)


class Reading(Bogus):
    """Opens a file to know its health."""

    def health(self) -> Health:
        with open("/dev/null") as file:  # noqa: PTH123 - the builtin is what is watched for
            file.read()
        return Health(HealthStatus.HEALTHY)


class Wordy(Bogus):
    """Tells its health in words."""

    def health(self) -> Any:
        return "fine"


class Vague(Bogus):
    """Answers yes."""

    async def submit(self, work):
        return True


class Costly(Bogus):
    """Quotes a bare number."""

    async def quote_fees(self, transaction):
        return (1,)


class Stuck(Bogus):
    """Does not stop."""

    async def stop(self) -> None:
        await asyncio.sleep(60)


CASES = [
    (Undeclared, "capabilities_match_protocols"),
    (Eager, "capabilities_match_protocols"),
    (Slow, "submit_answers_in_time"),
    (Raising, "submit_answers_in_time"),
    (Forgetful, "repeated_key_executes_once"),
    (Lying, "inquiry_tells_the_truth"),
    (OnceOnly, "reversal_may_be_repeated"),
    (Reading, "health_does_no_io"),
    (Wordy, "health_does_no_io"),
    (Vague, "submit_answers_in_time"),
    (Costly, "fees_are_quoted"),
    (Stuck, "stop_stops"),
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "_GRACE_S", 0.02)
    monkeypatch.setattr(contract, "STOP_S_MAX", 0.02)


def _subject(made: type[Bogus], **more: Any) -> Subject:
    return Subject(
        make=lambda: made(Settings()),
        submission=lambda: submission(card(), timeout_s=0.02),
        **more,
    )


@pytest.mark.parametrize(("made", "clause"), CASES)
async def test_a_broken_clause_is_named(made: type[Bogus], clause: str) -> None:
    """Each defect is found by the check that is about it."""
    assert clause in await broken(_subject(made))


async def test_double_execution_is_found_in_the_systems_ledger() -> None:
    """An adapter may say the right thing and still do it twice; the ledger tells."""

    async def twice(_work) -> int:
        return 2

    found = await broken(_subject(Bogus, executed=twice))
    assert {"repeated_key_executes_once", "reversal_may_be_repeated"} == set(found)


async def test_an_absent_system_must_not_be_accepted() -> None:
    """Saying ACCEPTED with nobody at the other end is the worst lie."""
    found = await broken(_subject(Bogus, make_down=lambda: Bogus(Settings())))
    assert {"absent_system_means_not_sent"} == set(found)


async def test_less_is_allowed() -> None:
    """An adapter with submit alone keeps the contract: the other clauses do not apply."""

    class Least:
        name = "least"
        capabilities = Capabilities(kinds=frozenset({Kind.AUTHORISATION}))
        started = False

        def __init__(self) -> None:
            self._inner = Bogus(Settings())

        async def start(self) -> None:
            self.started = True

        async def stop(self) -> None:
            self.started = False

        async def submit(self, work):
            return await self._inner.submit(work) if self.started else not_sent("stopped")

        def health(self) -> Health:
            return Health(HealthStatus.HEALTHY)

    subject = Subject(make=Least, submission=lambda: submission(card()))
    assert await broken(subject) == {}
    assert (await Least().submit(submission(card()))).kind is OutcomeKind.NOT_SENT
