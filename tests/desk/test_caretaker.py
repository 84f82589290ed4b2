"""What a crash left behind is finished: published, expired, asked about or reversed."""

from __future__ import annotations

import asyncio
import json

import pytest
from tests.desk.conftest import Still
from tests.flow.acquirer import Acquirer, request
from tests.flow.house import until
from tests.flow.test_json import post, transfer

from msggw.broker import Done
from msggw.canonical import State
from msggw.errors import Unavailable, Unroutable
from msggw.iso8583 import Message

LEASE_S, OVERDUE_S, DAY_S = 16.0, 24.0, 86_500.0


async def test_lost_work_is_published_again(still: Still, sent: Message) -> None:
    """Work whose publication was lost is published once per lease, and done once."""
    caretaker = still.house.core.caretaker
    assert 0 == await caretaker.relay()
    still.later(LEASE_S)
    assert (1, 0) == (await caretaker.relay(), await caretaker.relay())
    assert 2 == len(still.published)
    assert [Done()] == await still.work(1)
    assert [Done()] == await still.work(0)
    assert 1 == still.house.provider.count("submit")
    assert State.APPROVED is await still.state(sent)


async def test_one_row_does_not_starve_the_others(still: Still, sent: Message) -> None:
    """What cannot be published stays; the rows after it are published all the same."""
    async with still.house.http() as client:
        tasks = [asyncio.ensure_future(post(client, transfer())) for _ in range(2)]
        await until(lambda: len(still.published), 3)
        publish = still.house.core.broker.publish

        async def fails_first(route: str, items: object) -> None:
            if "authorisation" in route:
                raise Unroutable("nobody takes it")
            await publish(route, items)

        still.house.core.broker.publish = fails_first  # type: ignore[method-assign]
        still.later(LEASE_S)
        await still.house.core.caretaker.relay()
        again = [item.id for route, item in still.published[3:]]
        assert 2 == len(again)
        for task in tasks:
            task.cancel()


async def test_unsent_is_expired(still: Still, sent: Message) -> None:
    """A card request nobody sent in time is expired; its work finds that and does nothing."""
    still.later(OVERDUE_S)
    assert 1 == await still.house.core.caretaker.settle_overdue()
    assert State.EXPIRED is await still.state(sent)
    assert 0 == await still.house.core.caretaker.settle_overdue()
    assert [Done()] == await still.work(0)
    assert [] == still.house.provider.calls


async def test_sent_is_reversed_once(still: Still, sent: Message) -> None:
    """A card request whose worker died is reversed after its deadline, exactly once."""
    await die_in_the_middle(still)
    assert State.SENT is await still.state(sent)
    still.later(OVERDUE_S)
    caretaker = still.house.core.caretaker
    assert 1 == await caretaker.settle_overdue()
    assert State.REVERSING is await still.state(sent)
    assert 0 == await caretaker.settle_overdue()
    await caretaker.relay()
    reversals = [n for n, (route, _) in enumerate(still.published) if "reversal" in route]
    assert 1 == len(reversals)
    assert [Done()] == await still.work(reversals[0])
    assert State.REVERSED is await still.state(sent)
    assert [Done()] == await still.work(reversals[0])
    assert 1 == still.house.provider.count("reverse")


async def test_untold_approval_is_reversed(
    still: Still, sent: Message, line: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An approval whose gateway died before it told the sender is reversed."""

    async def never(_: object) -> object:
        raise Unavailable("the gateway is dead")

    monkeypatch.setattr(still.house.core.desk, "claim_answer", never)
    await still.work(0)
    await until(lambda: len(still.house.logged("answer.withheld")) >= 0)
    still.later(OVERDUE_S)
    caretaker = still.house.core.caretaker
    assert 1 == await caretaker.reverse_undelivered()
    assert 0 == await caretaker.reverse_undelivered()
    assert State.REVERSING is await still.state(sent)


async def test_told_approval_stays(still: Still, sent: Message, line: Acquirer) -> None:
    """An approval that was told is left alone for ever."""
    await still.work(0)
    assert "00" == (await line.receive())["39"]
    still.later(DAY_S)
    caretaker = still.house.core.caretaker
    assert (0, 0) == (await caretaker.settle_overdue(), await caretaker.reverse_undelivered())
    assert State.APPROVED is await still.state(sent)


async def test_forgotten_transfer_is_asked_about(still: Still) -> None:
    """A transfer that is open after a day is asked about, never sent again; then it is settled."""
    async with still.house.http() as client:
        asking = asyncio.ensure_future(post(client, transfer()))
        await until(lambda: len(still.published), 1)
        transaction_id = still.published[0][1].id.partition(":")[0]
        await die_in_the_middle(still)
        still.later(DAY_S)
        caretaker = still.house.core.caretaker
        assert 1 == await caretaker.settle_overdue()
        assert State.UNKNOWN is await still.house.state(transaction_id)
        await caretaker.relay()
        asked = [n for n, (route, _) in enumerate(still.published) if "inquire" in route]
        await still.work(asked[-1])
        assert State.DECLINED is await still.house.state(transaction_id)
        assert 1 == still.house.provider.count("inquire")
        done = await asking
        assert done.status_code in {200, 202}
        assert json.loads(done.content)["id"] == transaction_id


async def test_a_failing_step_is_logged_and_goes_on(still: Still) -> None:
    """The loop survives a store that is down and a defect, and says so."""
    core = still.house.core
    due = core.store.due
    for error, event in ((Unavailable("down"), "step_failed"), (ValueError("x"), "defect")):

        async def broken(*_: object, error: Exception = error) -> object:
            raise error

        core.store.due = broken  # type: ignore[method-assign]
        core.caretaker.start()
        await until(lambda event=event: bool(still.house.logged(f"caretaker.{event}")))
        await core.caretaker.stop()
    core.store.due = due  # type: ignore[method-assign]


async def die_in_the_middle(still: Still) -> None:
    """Begin the last published work and die while the provider has it."""
    began = asyncio.Event()

    async def hang(_: object) -> None:
        began.set()
        await asyncio.Event().wait()

    still.house.provider.before = hang
    task = asyncio.ensure_future(still.work(-1))
    await began.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    still.house.provider.before = None
    still.house.provider.calls.clear()


def test_request_is_new() -> None:
    """Each request of the tests has a key of its own."""
    assert request()["11"] != request()["11"]
