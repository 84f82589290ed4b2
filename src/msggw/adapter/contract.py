"""The contract every adapter keeps, as checks that need no test framework.

A third party describes its adapter once and runs all checks::

    subject = Subject(make=..., submission=..., make_down=..., executed=...)
    faults = await broken(subject)
    assert faults == {}

A check that does not apply to the adapter (it declares no reversal, it has no system that could
be down) passes. Each check makes its own adapter and stops it.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from msggw.adapter.port import (
    Adapter,
    Cancels,
    Health,
    Inquires,
    QuotesFees,
    Reverses,
    Submission,
)
from msggw.canonical import Fee, Kind, Outcome, OutcomeKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

__all__ = ["CHECKS", "Broken", "Subject", "broken"]

_T = TypeVar("_T")

START_S_MAX = 10.0
STOP_S_MAX = 10.0
_GRACE_S = 1.0
"""How much longer than its time limit an answer may take to come out of the event loop."""


class Broken(AssertionError):
    """The adapter does not keep the contract; the text says which clause."""


@dataclass(frozen=True)
class Subject:
    """An adapter under test and what its author knows about it."""

    make: Callable[[], Adapter]
    """A new adapter whose system is up and approves what `submission` gives."""
    submission: Callable[[], Submission]
    """A new submission: its own transaction id and idempotency key each time."""
    make_down: Callable[[], Adapter] | None = None
    """A new adapter whose system cannot be reached; None if there is no system."""
    executed: Callable[[Submission], Awaitable[int]] | None = None
    """How often the system has executed the submission; None if nobody can tell."""


async def broken(subject: Subject) -> dict[str, str]:
    """Run all checks; return the names of the broken ones with what was found."""
    found = {}
    for check in CHECKS:
        try:
            await check(subject)
        except Broken as fault:
            found[check.__name__] = str(fault)
    return found


async def capabilities_match_protocols(subject: Subject) -> None:
    """What is declared is implemented, and what is implemented is declared."""
    adapter = subject.make()
    declared = adapter.capabilities
    _require(bool(adapter.name), "it has no name")
    _require(bool(declared.kinds), "it takes no kind of transaction")
    _require(Kind.NETWORK_MANAGEMENT not in declared.kinds, "links look after themselves")
    for name, value, protocol in (
        ("status_inquiry", declared.status_inquiry, Inquires),
        ("reversal", declared.reversal, Reverses),
        ("cancellation", declared.cancellation, Cancels),
        ("fee_quotes", declared.fee_quotes, QuotesFees),
    ):
        implemented = isinstance(adapter, protocol)
        _require(value == implemented, f"{name} is {value}, {protocol.__name__} {implemented}")


async def submit_answers_in_time(subject: Subject) -> None:
    """`submit` gives an `Outcome` within the time limit, and ACCEPTED from a system that is up."""
    async with _started(subject.make()) as adapter:
        outcome = await _in_time(adapter.submit, subject.submission())
        _require(outcome.kind is OutcomeKind.ACCEPTED, f"it is {_words(outcome)}, not accepted")


async def no_time_left_is_answered(subject: Subject) -> None:
    """With (almost) no time left an outcome still comes, and nothing is raised."""
    async with _started(subject.make()) as adapter:
        await _in_time(adapter.submit, replace(subject.submission(), timeout_s=0.0))


async def repeated_key_executes_once(subject: Subject) -> None:
    """With `idempotent_submit`, the same idempotency key has one effect and one answer."""
    async with _started(subject.make()) as adapter:
        if not adapter.capabilities.idempotent_submit:
            return
        work = subject.submission()
        first = await _in_time(adapter.submit, work)
        again = await _in_time(adapter.submit, replace(work, attempt=2))
        _require(first.kind is again.kind, f"first {_words(first)}, then {_words(again)}")
        if subject.executed is not None:
            times = await subject.executed(work)
            _require(times == 1, f"executed {times} times")


async def inquiry_tells_the_truth(subject: Subject) -> None:
    """What was accepted is found accepted; what was never sent is never found accepted."""
    async with _started(subject.make()) as adapter:
        if not isinstance(adapter, Inquires):
            return
        work = subject.submission()
        await _in_time(adapter.submit, work)
        found = await _in_time(adapter.inquire, work)
        _require(found.kind is OutcomeKind.ACCEPTED, f"accepted, then found {_words(found)}")
        other = await _in_time(adapter.inquire, subject.submission())
        _require(other.kind is not OutcomeKind.ACCEPTED, "found what was never sent")


async def reversal_may_be_repeated(subject: Subject) -> None:
    """A reversal is accepted again when repeated, and when there was nothing to undo."""
    async with _started(subject.make()) as adapter:
        if not isinstance(adapter, Reverses):
            return
        work = subject.submission()
        outcome = await _in_time(adapter.submit, work)
        undo = replace(
            work,
            approval_code=outcome.approval_code,
            provider_reference=outcome.provider_reference,
            reason="contract",
        )
        for attempt in (1, 2):
            answer = await _in_time(adapter.reverse, replace(undo, attempt=attempt))
            _require(answer.kind is OutcomeKind.ACCEPTED, f"time {attempt}: {_words(answer)}")
        nothing = await _in_time(adapter.reverse, subject.submission())
        _require(nothing.kind is OutcomeKind.ACCEPTED, f"of nothing: {_words(nothing)}")
        if subject.executed is not None:
            times = await subject.executed(work)
            _require(times == 0, f"{times} executions are left after the reversal")


async def cancellation_is_answered(subject: Subject) -> None:
    """A request to cancel gives an outcome, whatever the state of what it is about."""
    async with _started(subject.make()) as adapter:
        if isinstance(adapter, Cancels):
            await _in_time(adapter.cancel, subject.submission())


async def fees_are_quoted(subject: Subject) -> None:
    """Quoted fees are fees."""
    async with _started(subject.make()) as adapter:
        if isinstance(adapter, QuotesFees):
            fees = await adapter.quote_fees(subject.submission().transaction)
            _require(all(isinstance(fee, Fee) for fee in fees), "something else than fees")


async def health_does_no_io(subject: Subject) -> None:
    """`health` works before, during and after the adapter's life, without touching the world."""
    adapter = subject.make()
    _health(adapter)
    async with _started(adapter):
        _health(adapter)
    _health(adapter)


async def absent_system_means_not_sent(subject: Subject) -> None:
    """With the system down `start` returns, and `submit` says NOT_SENT."""
    if subject.make_down is None:
        return
    async with _started(subject.make_down()) as adapter:
        outcome = await _in_time(adapter.submit, subject.submission())
        _require(outcome.kind is OutcomeKind.NOT_SENT, f"it is {_words(outcome)}, not NOT_SENT")


async def stop_stops(subject: Subject) -> None:
    """`stop` ends within a limit, may be called twice, and `submit` then says NOT_SENT or works."""
    adapter = subject.make()
    async with _started(adapter):
        await _in_time(adapter.submit, subject.submission())
    await _within(STOP_S_MAX, adapter.stop(), "the second stop")
    outcome = await _in_time(adapter.submit, subject.submission())
    allowed = {OutcomeKind.NOT_SENT, OutcomeKind.ACCEPTED}
    _require(outcome.kind in allowed, f"after stop it is {_words(outcome)}")


CHECKS: tuple[Callable[[Subject], Awaitable[None]], ...] = (
    capabilities_match_protocols,
    submit_answers_in_time,
    no_time_left_is_answered,
    repeated_key_executes_once,
    inquiry_tells_the_truth,
    reversal_may_be_repeated,
    cancellation_is_answered,
    fees_are_quoted,
    health_does_no_io,
    absent_system_means_not_sent,
    stop_stops,
)


@asynccontextmanager
async def _started(adapter: Adapter) -> AsyncIterator[Adapter]:
    await _within(START_S_MAX, adapter.start(), "start")
    try:
        yield adapter
    finally:
        await _within(STOP_S_MAX, adapter.stop(), "stop")


async def _in_time(
    operation: Callable[[Submission], Awaitable[Outcome]], work: Submission
) -> Outcome:
    name = getattr(operation, "__name__", "operation")
    outcome = await _within(work.timeout_s + _GRACE_S, operation(work), name)
    _require(isinstance(outcome, Outcome), f"{name} gave {type(outcome).__name__}")
    return outcome


async def _within(seconds: float, work: Awaitable[_T], name: str) -> _T:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise Broken(f"{name} took longer than {seconds:g} s") from None
    except Exception as error:
        raise Broken(f"{name} raised {type(error).__name__}") from error


def _health(adapter: Adapter) -> None:
    touched: list[str] = []

    def watch(_frame: object, event: str, called: object) -> None:  # pragma: no cover - untraced
        name = getattr(called, "__name__", "")
        if event == "c_call" and name in _WORLD:
            touched.append(name)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        health = adapter.health()
    finally:
        sys.setprofile(before)
    _require(isinstance(health, Health), f"health gave {type(health).__name__}")
    _require(not touched, f"health called {', '.join(touched)}")


_WORLD = frozenset(
    {"open", "connect", "send", "sendall", "sendto", "recv", "recv_into", "read", "write"}
    | {"getaddrinfo", "sleep", "poll", "select"}
)
"""C functions by which Python reaches the world or waits for it."""


def _words(outcome: Outcome) -> str:
    return f"{outcome.kind} ({outcome.reason}, {outcome.detail or outcome.response_code or '-'})"


def _require(holds: bool, found: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not holds:
        raise Broken(found)
