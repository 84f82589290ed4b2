"""What only the in-process broker promises."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.broker.conftest import LADDER_MS, NewBroker, Recorder, until
from tests.broker.contract import items

from msggw.broker import Done, Item, Retry, Verdict
from msggw.errors import Unavailable

ROUTE = "pay.visa.authorise"


async def test_queue_is_bounded(new_memory_broker: NewBroker) -> None:
    """A full queue refuses the whole group, and takes work again when some is done."""
    broker, handler = await new_memory_broker(items_max=3), Recorder()
    await broker.declare(["visa"])
    await broker.publish(ROUTE, items("a", "b"))

    with pytest.raises(Unavailable, match=r"full \(3 items\)"):
        await broker.publish(ROUTE, items("c", "d"))
    await broker.consume("visa", handler, prefetch=1)
    await until(lambda: handler.seen)
    await asyncio.sleep(0)
    await broker.publish(ROUTE, items("e", "f", "g"))
    await until(lambda: len(handler.seen) == 5)

    assert list("abefg") == handler.ids


async def test_delayed_items_keep_their_place(new_memory_broker: NewBroker) -> None:
    """What waits on the ladder counts as waiting."""
    broker = await new_memory_broker(items_max=1)
    handler = Recorder(lambda item: Retry(LADDER_MS[0], "busy") if item.attempt == 1 else Done())
    await broker.consume("visa", handler, prefetch=1)
    await broker.publish(ROUTE, items("a"))
    await until(lambda: handler.seen)
    await asyncio.sleep(0.01)

    with pytest.raises(Unavailable, match="full"):
        await broker.publish(ROUTE, items("b"))


async def test_close_forgets_what_waits(new_memory_broker: NewBroker) -> None:
    """Nothing is handled after close, delayed or not: the outbox rows are still there."""
    broker = await new_memory_broker()
    handler = Recorder(lambda _: Retry(0, "busy"))
    subscription = await broker.consume("visa", handler, prefetch=1)
    await broker.publish(ROUTE, items("a"))
    await until(lambda: handler.seen)
    await subscription.stop()
    await broker.publish(ROUTE, items("b"))
    await broker.close()

    await broker.start()
    await broker.consume("visa", handler, prefetch=1)
    await asyncio.sleep(1.5 * LADDER_MS[0] / 1000)

    assert ["a"] == handler.ids


async def test_reply_that_comes_too_late(new_memory_broker: NewBroker) -> None:
    """A process that stopped listening gets nothing more."""
    broker = await new_memory_broker()
    seen: list[Item] = []

    async def handler(replies: Sequence[Item]) -> None:
        seen.extend(replies)

    subscription = await broker.replies("one", handler)
    await broker.reply("one", items("in time"))
    await subscription.stop()
    await broker.reply("one", items("late"))

    assert items("in time") == seen


async def test_cancelled_handler_frees_its_place(new_memory_broker: NewBroker) -> None:
    """A handler that was abandoned at close leaves no trace in the next life."""
    begun = asyncio.Event()

    async def hang(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
        begun.set()
        await asyncio.Event().wait()
        return [Done()] * len(group)

    broker = await new_memory_broker(items_max=1, drain_s=0.01)
    await broker.consume("visa", hang, prefetch=1)
    await broker.publish(ROUTE, items("a"))
    await begun.wait()
    await broker.close()
    await broker.start()

    await broker.publish(ROUTE, items("b"))
