"""The worker never pays twice, never forgets, and takes a doubt for a doubt."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from tests.desk.conftest import Still
from tests.desk.test_caretaker import die_in_the_middle
from tests.flow.acquirer import Acquirer, request
from tests.flow.house import until
from tests.flow.test_json import post, transfer

from msggw.broker import Done, Item, Park, Retry
from msggw.canonical import Outcome, OutcomeKind, Reason, State
from msggw.errors import Unavailable
from msggw.iso8583 import Message


async def test_foreign_work_is_parked(still: Still, sent: Message) -> None:
    """What we did not seal is parked; the good item beside it is done."""
    route, good = still.published[0]
    bad = Item("bad", b"not sealed by us")
    verdicts = await still.house.worker.consumer.handle(route, [bad, good])
    assert [Park("not our work"), Done()] == list(verdicts)
    assert State.APPROVED is await still.state(sent)


async def test_delivered_twice_at_once(still: Still, sent: Message, line: Acquirer) -> None:
    """Two deliveries at the same moment are one call."""
    await asyncio.gather(still.work(), still.work())
    assert 1 == still.house.provider.count("submit")
    assert "00" == (await line.receive())["39"]


async def test_delivered_again_after_a_crash(still: Still, sent: Message) -> None:
    """Young: somebody may still have it, so later. In doubt: reversed, never sent again."""
    await die_in_the_middle(still)
    (verdict,) = await still.work(0)
    assert isinstance(verdict, Retry)
    still.later(60)
    assert [Done()] == await still.work(0, attempt=2)
    assert State.REVERSING is await still.state(sent)
    assert 0 == still.house.provider.count("submit")


async def test_reversal_delivered_again_after_a_crash(still: Still, sent: Message) -> None:
    """A reversal whose worker died is sent again: that is safe, and it must arrive."""
    await die_in_the_middle(still)
    still.later(24)
    core = still.house.core
    await core.caretaker.settle_overdue()
    await core.caretaker.relay()
    await die_in_the_middle(still)
    (verdict,) = await still.work(-1)
    assert isinstance(verdict, Retry)
    still.later(60)
    assert [Done()] == await still.work(-1)
    still.later(3600)
    await core.caretaker.relay()
    await still.work(-1)
    assert State.REVERSED is await still.state(sent)
    assert 1 == still.house.provider.count("reverse")


async def test_refused_reversal_is_tried_again(still: Still, sent: Message) -> None:
    """Whatever a provider says to a reversal but yes, it is asked again later."""
    await die_in_the_middle(still)
    still.later(24)
    core, provider = still.house.core, still.house.provider
    await core.caretaker.settle_overdue()
    await core.caretaker.relay()

    async def no(_: object) -> Outcome:
        return Outcome(kind=OutcomeKind.REJECTED, reason=Reason.SYSTEM_MALFUNCTION)

    yes, provider.reverse = provider.reverse, no  # type: ignore[method-assign]
    for _ in range(3):
        assert [Done()] == await still.work(-1)
        still.later(3700)
        before = len(still.published)
        await core.caretaker.relay()
        assert before < len(still.published)
    assert State.REVERSING is await still.state(sent)
    provider.reverse = yes  # type: ignore[method-assign]
    await still.work(-1)
    assert State.REVERSED is await still.state(sent)


async def test_hopeless_reversal_is_parked(still: Still, sent: Message) -> None:
    """After forty attempts an operator is asked; nothing is forgotten."""
    await die_in_the_middle(still)
    still.later(24)
    core, provider = still.house.core, still.house.provider
    await core.caretaker.settle_overdue()
    await core.caretaker.relay()

    async def no(_: object) -> Outcome:
        return Outcome(kind=OutcomeKind.REJECTED, reason=Reason.SYSTEM_MALFUNCTION)

    provider.reverse = no  # type: ignore[method-assign]
    (verdict,) = await still.work(-1, attempt=40)
    assert isinstance(verdict, Park)


async def test_expired_work_is_not_done(still: Still, sent: Message, line: Acquirer) -> None:
    """Work that comes after the sender's time is expired without a call, and the sender is told."""
    still.later(21)
    assert [Done()] == await still.work()
    assert State.EXPIRED is await still.state(sent)
    assert "91" == (await line.receive())["39"]
    assert [] == still.house.provider.calls


async def test_adapter_that_is_not_here(still: Still, sent: Message) -> None:
    """A process without the adapter has sent nothing: the work comes again."""
    adapters = still.house.worker.adapters
    gone = adapters.pop("bogus")  # type: ignore[attr-defined]
    (verdict,) = await still.work()
    assert isinstance(verdict, Retry)
    assert State.ROUTED is await still.state(sent)
    adapters["bogus"] = gone  # type: ignore[index]
    assert [Done()] == await still.work(attempt=2)
    assert State.APPROVED is await still.state(sent)


async def test_adapter_that_hangs(still: Still, sent: Message, line: Acquirer) -> None:
    """An adapter that ignores its time is cut off; the outcome is a doubt and is reversed."""

    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    still.house.provider.before = hang
    still.later(19)
    assert [Done()] == await still.work()
    assert State.REVERSING is await still.state(sent)
    assert "91" == (await line.receive())["39"]


async def test_late_outcome(still: Still, sent: Message) -> None:
    """An approval after the desk gave up is noted and changes nothing."""
    began, go = asyncio.Event(), asyncio.Event()

    async def hold(_: object) -> None:
        began.set()
        await go.wait()

    still.house.provider.before = hold
    task = asyncio.ensure_future(still.work())
    await began.wait()
    found = await still.accepted(sent)
    await still.house.core.desk.give_up(found.transaction_id)
    go.set()
    assert [Done()] == await task
    assert State.REVERSING is await still.state(sent)
    assert 1 == (await still.house.events(found.transaction_id))["outcome.late"]


async def test_store_down_after_the_call(still: Still, sent: Message) -> None:
    """Paid, and the outcome cannot be written: it is in doubt and undone, not lost."""
    core = still.house.core
    commit = core.store.commit

    async def fails(changes: list[object]) -> object:
        if any(change.attempt_outcome for change in changes):
            raise Unavailable("down")
        return await commit(changes)

    core.store.commit = fails  # type: ignore[method-assign]
    with suppress(Unavailable):
        await still.work()
    core.store.commit = commit  # type: ignore[method-assign]
    assert State.SENT is await still.state(sent)
    still.later(60)
    await still.work(attempt=2)
    assert State.REVERSING is await still.state(sent)
    assert 1 == still.house.provider.count("submit")


async def test_inquiry_after_a_crash(still: Still) -> None:
    """An inquiry whose worker died is asked again; nothing waits for a day."""
    async with still.house.http() as client:
        asking = asyncio.ensure_future(post(client, transfer(2582)))
        await until(lambda: len(still.published), 1)
        await still.work()
        done = await asking
        transaction_id = done.json()["id"]
        still.later(5)
        core = still.house.core
        await core.caretaker.relay()
        await die_in_the_middle(still)
        (verdict,) = await still.work()
        assert isinstance(verdict, Retry)
        still.later(60)
        assert [Done()] == await still.work(attempt=1)
        still.later(60)
        await core.caretaker.relay()
        await still.work()
        assert State.APPROVED is await still.house.state(transaction_id)
        assert [Done()] == await still.work()


async def test_inquiry_of_an_adapter_that_cannot(still: Still) -> None:
    """An adapter without inquiry leaves a doubt a doubt: it never becomes a refusal."""
    async with still.house.http() as client:
        asking = asyncio.ensure_future(post(client, transfer(2584)))
        await until(lambda: len(still.published), 1)
        await still.work()
        transaction_id = (await asking).json()["id"]
        provider = still.house.provider

        class Mute:
            name, capabilities = "bogus", provider.capabilities
            submit = provider.submit

        still.house.worker.adapters["bogus"] = Mute()  # type: ignore[index]
        still.later(5)
        await still.house.core.caretaker.relay()
        await still.work()
        assert State.UNKNOWN is await still.house.state(transaction_id)


async def test_advice_is_sent_until_it_is_taken(still: Still, line: Acquirer) -> None:
    """An advice that could not be sent, or is in doubt, is sent again; it has no deadline."""
    advice = request("0120", 2083)
    assert "00" == (await line.ask(advice))["39"]
    await until(lambda: len(still.published), 1)
    (verdict,) = await still.work()
    assert isinstance(verdict, Retry)
    still.later(100_000)
    assert [Done()] == await still.work(attempt=2)
    assert State.APPROVED is await still.state(advice)


async def test_ids_of_attempts_are_kept(still: Still, sent: Message) -> None:
    """An item that the ladder brings back is the next attempt of the same work and key."""
    await still.work()
    submission = still.house.provider.works[0]
    assert submission.idempotency_key == still.published[0][1].id
    assert replace(still.published[0][1], attempt=2).id == still.published[0][1].id
