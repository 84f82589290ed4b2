"""The desk answers in time, whatever the worker, the broker and the store do."""

from __future__ import annotations

import asyncio

import pytest
from tests.desk.conftest import Still
from tests.flow.acquirer import Acquirer, repeat, request
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, until

from msggw.broker import Item
from msggw.canonical import State
from msggw.config import Link
from msggw.desk import desk as desk_module
from msggw.errors import Unavailable
from msggw.iso8583 import Message


async def test_nobody_takes_the_work(new_house: NewHouse) -> None:
    """Without a worker the answer is 91 at the deadline, and the request is expired."""
    quick = (Link(name="acquirer", partner=PARTNER, port=0, timeout_s=0.4),)
    house = await new_house(idle=True, links=quick)
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request()
        assert "91" == (await line.ask(sent))["39"]
        found = await house.original(str(sent["11"]))
        assert found is not None
        assert State.EXPIRED is found.state
        assert "91" == (await line.ask(repeat(sent, "0101")))["39"]


async def test_give_up_while_the_provider_has_it(still: Still, sent: Message) -> None:
    """What may have reached the provider is reversed when the desk gives up."""
    found = await still.accepted(sent)
    began = asyncio.Event()

    async def hang(_: object) -> None:
        began.set()
        await asyncio.Event().wait()

    still.house.provider.before = hang
    task = asyncio.ensure_future(still.work())
    await began.wait()
    answer = await still.house.core.desk.give_up(found.transaction_id)
    assert State.REVERSING is answer.state
    again = await still.house.core.desk.give_up(found.transaction_id)
    assert State.REVERSING is again.state
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_give_up_on_what_is_not_there(still: Still) -> None:
    """A transaction the store does not have cannot be given up."""
    with pytest.raises(Unavailable, match="not in the store"):
        await still.house.core.desk.give_up("txn_" + "0" * 32)


async def test_lost_wake_up(
    still: Still, sent: Message, line: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the wake-up is lost, the store is asked before the deadline."""
    monkeypatch.setattr(desk_module, "POLL_S", 0.05)

    async def lost(_instance: str, _items: object) -> None:
        raise Unavailable("the reply queue is gone")

    still.house.core.broker.reply = lost  # type: ignore[method-assign]
    await still.work()
    assert "00" == (await line.receive())["39"]


async def test_foreign_wake_ups_are_ignored(still: Still, sent: Message, line: Acquirer) -> None:
    """A wake-up we did not seal, or that nobody waits for, changes nothing."""
    await still.house.core.desk._wake([Item("x", b"not sealed by us")])  # noqa: SLF001 - as the broker calls it
    assert State.ROUTED is await still.state(sent)
    await still.work()
    assert "00" == (await line.receive())["39"]
    await still.work()


async def test_store_down_at_the_deadline(new_house: NewHouse) -> None:
    """If nothing can be known at the deadline, the acquirer is told 91, not kept waiting."""
    quick = (Link(name="acquirer", partner=PARTNER, port=0, timeout_s=0.6),)
    house = await new_house(idle=True, links=quick)
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request()
        line.send(sent)
        await until(lambda: house.core.desk.waiting, 1)

        async def down(_: str) -> object:
            raise Unavailable("down")

        load, house.core.store.load = house.core.store.load, down  # type: ignore[method-assign]
        assert "91" == (await line.receive())["39"]
        house.core.store.load = load  # type: ignore[method-assign]


async def test_undeliverable_touches_approvals_only(still: Still, sent: Message) -> None:
    """What is not there, not approved, or told already is left as it is."""
    desk = still.house.core.desk
    await desk.undeliverable("txn_" + "0" * 32)
    found = await still.accepted(sent)
    await desk.undeliverable(found.transaction_id)
    assert State.ROUTED is await still.state(sent)


async def test_stop_while_somebody_waits(new_house: NewHouse) -> None:
    """Stopping does not hang on a request nobody will answer any more."""
    house = await new_house(idle=True, drain_timeout_s=0.1)
    async with Acquirer(house.ports["acquirer"]) as line:
        line.send(request())
        await until(lambda: house.core.desk.waiting, 1)
        assert 1 == await house.gateway.links[0].drain(0.1)
        assert await line.closed()
