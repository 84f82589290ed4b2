"""What happens to work when RabbitMQ, the network or a worker fails."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import aio_pika
import pytest
from tests.broker.conftest import LADDER_MS, NewBroker, Parked, Recorder, until
from tests.broker.contract import items
from tests.broker.proxy import Proxy

from msggw.broker import Broker, Done, Item, Park, Retry, Topology, Verdict
from msggw.broker.rabbitmq import link, tap
from msggw.broker.rabbitmq.frame import decode
from msggw.errors import Unavailable, Unroutable

ROUTE = "pay.visa.authorise"


async def _publish_at_last(broker: Broker, group: Sequence[Item]) -> None:
    """Do what the outbox does: publish again until it is confirmed."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await broker.publish(ROUTE, group)
            except Unavailable:
                await asyncio.sleep(0.01)


async def _well(broker: Broker) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                return await broker.ping()
            except Unavailable:
                await asyncio.sleep(0.01)


async def test_nothing_confirmed_is_lost_when_connections_are_cut(
    new_rabbit_broker: NewBroker, proxy: Proxy
) -> None:
    """Gateway and worker lose their connections again and again; every item is handled."""
    handler = Recorder()
    worker = await new_rabbit_broker(url=proxy.url)
    await worker.consume("visa", handler, prefetch=20)
    gateway = await new_rabbit_broker(url=proxy.url)
    await gateway.declare(["visa"])
    groups = [items(f"{n}-a", f"{n}-b") for n in range(300)]

    for start in range(0, len(groups), 50):
        if start:
            proxy.cut()
        await asyncio.gather(*(_publish_at_last(gateway, g) for g in groups[start : start + 50]))
    await until(lambda: len(set(handler.ids)) == 2 * len(groups))

    assert {item.id for group in groups for item in group} == set(handler.ids)
    assert proxy.connections > 2


async def test_lost_connection_does_not_cancel_a_handler(
    new_rabbit_broker: NewBroker, proxy: Proxy
) -> None:
    """A handler runs to its end; its message comes again because nobody heard the verdict."""
    begun, go_on, finished = asyncio.Event(), asyncio.Event(), []

    async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
        begun.set()
        await go_on.wait()
        finished.extend(group)
        return [Done()] * len(group)

    broker = await new_rabbit_broker(url=proxy.url)
    await broker.consume("visa", handler, prefetch=5)
    await broker.publish(ROUTE, items("a"))
    await begun.wait()

    proxy.cut()
    await _well(broker)
    go_on.set()
    await until(lambda: len(finished) == 2)

    assert [*items("a"), *items("a")] == finished


async def test_crashed_worker_leaves_its_work_to_others(new_rabbit_broker: NewBroker) -> None:
    """What a worker did not acknowledge is delivered to the next one."""
    begun, other = asyncio.Event(), Recorder()

    async def hang(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
        begun.set()
        await asyncio.Event().wait()
        return [Done()] * len(group)

    crashing = await new_rabbit_broker(drain_s=0.01)
    await crashing.consume("visa", hang, prefetch=5)
    await crashing.publish(ROUTE, items("a", "b"))
    await begun.wait()
    await crashing.close()

    worker = await new_rabbit_broker()
    await worker.consume("visa", other, prefetch=5)
    await until(lambda: other.seen)

    assert ["a", "b"] == other.ids


async def test_publishing_fails_at_once_while_disconnected(
    new_rabbit_broker: NewBroker, proxy: Proxy
) -> None:
    """Nobody waits for a broker that is known to be gone; it comes back by itself."""
    broker = await new_rabbit_broker(url=proxy.url)
    await broker.declare(["visa"])

    await proxy.shut()
    await until(lambda: _refuses(broker))
    with pytest.raises(Unavailable, match=rf"not connected to RabbitMQ at 127.0.0.1:{proxy.port}"):
        await broker.publish(ROUTE, items("a"))
    await broker.reply("one", items("lost"))
    with pytest.raises(Unavailable):
        await broker.declare(["bank"])
    await proxy.open()
    await _well(broker)

    await broker.publish(ROUTE, items("a"))
    await broker.publish("pay.bank.transfer", items("b"))


def _refuses(broker: Broker) -> bool:
    try:
        broker._link.session()  # noqa: SLF001 - asks without touching the network
    except Unavailable:
        return True
    return False


async def test_confirm_that_never_comes_has_a_limit(
    new_rabbit_broker: NewBroker, proxy: Proxy
) -> None:
    """A silent broker costs a publisher its limit, not for ever."""
    broker = await new_rabbit_broker(url=proxy.url, confirm_s=0.2)
    await broker.declare(["visa"])

    proxy.freeze()

    with pytest.raises(Unavailable, match=r"did not confirm in 0\.2 s"):
        await broker.publish(ROUTE, items("a"))


async def test_cancelled_publisher_is_cancelled(new_rabbit_broker: NewBroker, proxy: Proxy) -> None:
    """A caller's own cancellation is not mistaken for a lost connection."""
    broker = await new_rabbit_broker(url=proxy.url)
    await broker.declare(["visa"])
    proxy.freeze()

    publishing = asyncio.create_task(broker.publish(ROUTE, items("a")))
    await asyncio.sleep(0.05)
    publishing.cancel()

    with pytest.raises(asyncio.CancelledError):
        await publishing


async def test_silent_connection_is_replaced(
    new_rabbit_broker: NewBroker, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is open and dead is noticed by asking, and consumers move to a new one."""
    monkeypatch.setattr(link, "INSPECT_S_MAX", 0.2)
    handler, replies = Recorder(), []

    async def answer(group: Sequence[Item]) -> None:
        replies.extend(group)

    broker = await new_rabbit_broker(url=proxy.url, watch_s=0.1)
    await broker.consume("visa", handler, prefetch=5)
    await broker.replies("one", answer)
    proxy.freeze()
    with pytest.raises(Unavailable):
        await broker.ping()
    await _well(broker)

    await broker.publish(ROUTE, items("a"))
    await broker.reply("one", items("r"))
    await until(lambda: handler.seen and replies)

    assert (["a"], items("r")) == (handler.ids, replies)


async def test_deleted_queue_comes_back(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology
) -> None:
    """Someone deletes the work queue: the worker declares it and consumes again."""
    handler = Recorder()
    worker = await new_rabbit_broker()
    await worker.consume("visa", handler, prefetch=5)
    gateway = await new_rabbit_broker()
    await gateway.declare(["visa"])

    async with await aio_pika.connect(rabbitmq_url) as connection:
        await (await connection.channel()).queue_delete(f"{topology.work}.visa")
    await _publish_at_last(gateway, items("a"))
    await until(lambda: handler.seen)

    assert ["a"] == handler.ids


async def test_missing_queue_is_noticed_by_its_publisher(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology
) -> None:
    """Without a worker, the gateway that declared a queue declares it again."""
    gateway = await new_rabbit_broker(watch_s=0.1)
    await gateway.declare(["visa"])
    async with await aio_pika.connect(rabbitmq_url) as connection:
        await (await connection.channel()).queue_delete(f"{topology.work}.visa")

    with pytest.raises(Unroutable):
        await gateway.publish(ROUTE, items("a"))
    await _publish_at_last(gateway, items("a"))

    handler = Recorder()
    await gateway.consume("visa", handler, prefetch=1)
    await until(lambda: handler.seen)


async def test_deleted_exchange_comes_back(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology
) -> None:
    """Publishing to a missing exchange ends the channel; the next session has both."""
    broker, handler = await new_rabbit_broker(), Recorder()
    await broker.consume("visa", handler, prefetch=5)
    async with await aio_pika.connect(rabbitmq_url) as connection:
        await (await connection.channel()).exchange_delete(topology.work)

    with pytest.raises(Unavailable):
        await broker.publish(ROUTE, items("a"))
    await _publish_at_last(broker, items("b"))
    await until(lambda: handler.seen)

    assert ["b"] == handler.ids


async def test_full_queue_refuses(new_rabbit_broker: NewBroker, topology: Topology) -> None:
    """A full queue says no to the publisher, and forgets nothing it said yes to."""
    broker = await new_rabbit_broker(topology=replace(topology, length_max=3))
    await broker.declare(["visa"])
    taken = []

    with pytest.raises(Unavailable, match="full"):  # noqa: PT012 - how many fit is its own affair
        for number in range(100):
            await broker.publish(ROUTE, items(str(number)))
            taken.append(str(number))
    handler = Recorder()
    await broker.consume("visa", handler, prefetch=1)
    await until(lambda: len(handler.seen) == len(taken))

    assert taken == handler.ids


async def test_full_rung_slows_the_worker(new_rabbit_broker: NewBroker, topology: Topology) -> None:
    """Items that find no room on the ladder stay in hand until there is some."""
    broker = await new_rabbit_broker(topology=replace(topology, length_max=2))
    handler = Recorder(lambda item: Retry(0, "busy") if item.attempt == 1 else Done())
    await broker.consume("visa", handler, prefetch=5)

    await broker.publish(ROUTE, items(*"abcdefgh"))
    await until(lambda: len({item.id for _, item in handler.seen if item.attempt == 2}) == 8)

    assert {1, 2} == {item.attempt for _, item in handler.seen}


async def test_unreadable_message_is_parked(
    new_rabbit_broker: NewBroker, parked: Parked, rabbitmq_url: str, topology: Topology
) -> None:
    """A body that is none of ours is set aside as it is, and what follows is handled."""
    broker, handler = await new_rabbit_broker(), Recorder()
    await broker.consume("visa", handler, prefetch=1)

    async with await aio_pika.connect(rabbitmq_url) as connection:
        exchange = await (await connection.channel()).get_exchange(topology.work)
        await exchange.publish(aio_pika.Message(b"\x02{}"), ROUTE)
    await broker.publish(ROUTE, items("a"))
    await until(lambda: handler.seen and parked.seen)

    assert ["a"] == handler.ids
    assert [(ROUTE, b"\x02{}", "broker:message: unsupported: not a body of version 1")] == [
        (route, item.body, cause) for route, item, cause in parked.seen
    ]


async def test_parked_items_are_mirrored(
    new_rabbit_broker: NewBroker, parked: Parked, rabbitmq_url: str, topology: Topology
) -> None:
    """A parked item also waits in the park queue, with its key, cause, attempt and time."""
    broker = await new_rabbit_broker()
    handler = Recorder(lambda item: Park("no") if item.attempt > 1 else Retry(0, "busy"))
    await broker.consume("visa", handler, prefetch=1)
    await broker.publish(ROUTE, items("a"))
    await until(lambda: parked.seen)

    async with await aio_pika.connect(rabbitmq_url) as connection:
        queue = await (await connection.channel()).get_queue(topology.park)
        message = await queue.get(timeout=5, fail=True)
        await message.ack()

    assert ROUTE == message.routing_key
    assert [Item("a", b"body of a", 2)] == decode(message.body)
    assert ("no", 2) == (message.headers["x-msggw-cause"], message.headers["x-msggw-attempt"])
    assert message.headers["x-msggw-first-failure-at"] > 1_700_000_000


async def test_parking_needs_no_mirror(
    new_rabbit_broker: NewBroker, parked: Parked, rabbitmq_url: str, topology: Topology
) -> None:
    """What is written down in the store is parked, whether or not the mirror takes it."""
    broker = await new_rabbit_broker()
    handler = Recorder(lambda item: Park("no") if item.id == "a" else Done())
    await broker.consume("visa", handler, prefetch=1)
    async with await aio_pika.connect(rabbitmq_url) as connection:
        await (await connection.channel()).queue_delete(topology.park)

    await broker.publish(ROUTE, items("a"))
    await broker.publish(ROUTE, items("b"))
    await until(lambda: "b" in handler.ids)

    assert ["a"] == [item.id for _, item, _ in parked.seen]


async def test_poison_is_separated_and_parked(
    new_rabbit_broker: NewBroker, proxy: Proxy, parked: Parked, topology: Topology
) -> None:
    """An item that kills every worker is parked in the end; the others of its group are done."""
    survived: list[str] = []

    async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
        if any(item.id == "poison" for item in group):
            # Death takes a moment, in which what came together with it is acknowledged.
            await asyncio.sleep(0.05)
            proxy.cut()
            await asyncio.sleep(0.05)
        else:
            survived.extend(item.id for item in group)
        return [Done()] * len(group)

    limited = replace(topology, delivery_limit=4)
    broker = await new_rabbit_broker(url=proxy.url, topology=limited)
    await broker.consume("visa", handler, prefetch=5)
    gateway = await new_rabbit_broker(topology=limited)
    await gateway.publish(ROUTE, items("good", "poison", "better"))
    await until(lambda: parked.seen and len(set(survived)) == 2)

    assert {"good", "better"} == set(survived)
    assert ("poison", "delivered 5 times and never settled") == (
        parked.seen[0][1].id,
        parked.seen[0][2],
    )


async def test_timing_of_rungs_is_the_brokers(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology
) -> None:
    """An item on the ladder waits in the rung's queue, under its own key, and survives us."""
    broker = await new_rabbit_broker()
    handler = Recorder(lambda _: Retry(LADDER_MS[1], "busy"))
    await broker.consume("visa", handler, prefetch=1)
    await broker.publish(ROUTE, items("a"))
    await until(lambda: handler.seen)
    await broker.close()

    later, other = Recorder(), await new_rabbit_broker()
    await other.consume("visa", later, prefetch=1)
    await until(lambda: later.seen)

    assert [(ROUTE, Item("a", b"body of a", 2))] == later.seen


async def test_unreadable_reply_is_dropped(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology
) -> None:
    """A reply that is none of ours hurts nobody."""
    broker = await new_rabbit_broker()
    seen: list[Item] = []

    async def handler(replies: Sequence[Item]) -> None:
        seen.extend(replies)

    await broker.replies("one", handler)
    async with await aio_pika.connect(rabbitmq_url) as connection:
        channel = await connection.channel()
        await channel.default_exchange.publish(aio_pika.Message(b"?"), topology.reply("one"))
    await broker.reply("one", items("a"))
    await until(lambda: seen)

    assert items("a") == seen


async def test_forgotten_consumer_is_noticed(
    new_rabbit_broker: NewBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A consumer that the broker no longer serves is fitted anew, without a word from anyone."""
    monkeypatch.setattr(tap, "UNSERVED_S_MAX", 0.2)
    broker, handler = await new_rabbit_broker(watch_s=0.05), Recorder()
    subscription = await broker.consume("visa", handler, prefetch=5)
    # Cancelled behind the back of the subscription, which believes that it consumes.
    await subscription._channel.basic_cancel("msggw")  # noqa: SLF001

    await broker.publish(ROUTE, items("a"))
    await until(lambda: handler.seen)

    assert ["a"] == handler.ids
