"""Brokers for tests: started, recorded, and cleaned away afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aio_pika
import pytest
from tests.broker.proxy import Proxy, proxy_to

from msggw.broker import Broker, Done, Item, MemoryBroker, RabbitBroker, Topology, Verdict

pytest.register_assert_rewrite("tests.broker.contract")

LADDER_MS = (200, 600)
PATIENCE_S = 20

NewBroker = Callable[..., Awaitable[Broker]]


@dataclass
class Recorder:
    """A handler that notes what it sees and gives the verdict of a function."""

    verdict: Callable[[Item], Verdict] = lambda _: Done()
    seen: list[tuple[str, Item]] = field(default_factory=list)
    groups: list[list[Item]] = field(default_factory=list)

    async def __call__(self, route: str, items: Sequence[Item]) -> Sequence[Verdict]:
        """Be a handler."""
        self.seen += [(route, item) for item in items]
        self.groups.append(list(items))
        return [self.verdict(item) for item in items]

    @property
    def ids(self) -> list[str]:
        """The ids of the items, in the order in which they came."""
        return [item.id for _, item in self.seen]


@dataclass
class Parked:
    """An `on_park` that keeps what it is given."""

    seen: list[tuple[str, Item, str]] = field(default_factory=list)
    fails: int = 0

    async def __call__(self, route: str, item: Item, cause: str) -> None:
        """Be an `on_park`."""
        if self.fails:
            self.fails -= 1
            raise OSError("the store is down")
        self.seen.append((route, item, cause))


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds; the limit is only there so that a failure ends."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - what is waited for is in another task or process
            await asyncio.sleep(0.005)


@pytest.fixture
def parked() -> Parked:
    """What the brokers of this test parked."""
    return Parked()


@pytest.fixture
async def new_memory_broker(parked: Parked) -> AsyncIterator[NewBroker]:
    """Make in-process brokers; there is only one, as there is only one process."""
    made: list[MemoryBroker] = []

    async def new(**settings: Any) -> Broker:
        settings.pop("instance", None)
        if not made:
            settings = {"on_park": parked, "ladder_ms": LADDER_MS, "attempts_max": 3} | settings
            made.append(MemoryBroker(**settings))
            await made[0].start()
        return made[0]

    yield new
    for broker in made:
        await broker.close()


@pytest.fixture
async def topology(rabbitmq_url: str, broker_prefix: str) -> AsyncIterator[Topology]:
    """Names of the test's own, with a short ladder; whatever was declared is deleted."""
    topology = Topology(broker_prefix, LADDER_MS)
    yield topology
    await delete_all(rabbitmq_url, topology)


@pytest.fixture
async def new_rabbit_broker(
    rabbitmq_url: str, topology: Topology, parked: Parked
) -> AsyncIterator[NewBroker]:
    """Make brokers on RabbitMQ, each with a connection of its own like a process of its own."""
    made: list[RabbitBroker] = []

    async def new(**settings: Any) -> Broker:
        defaults = {
            "instance": f"i{len(made)}",
            "on_park": parked,
            "topology": topology,
            "attempts_max": 3,
            "reconnect_s": 0.05,
        }
        url = settings.pop("url", rabbitmq_url)
        broker = RabbitBroker(url, **(defaults | settings))
        made.append(broker)
        await broker.start()
        return broker

    yield new
    for broker in made:
        await broker.close()


async def delete_all(url: str, topology: Topology) -> None:
    """Delete every queue and exchange a test may have made."""
    queues = [queue.name for queue in topology.common()]
    queues += [topology.work_queue(adapter).name for adapter in ("visa", "bank")]
    queues += [topology.reply(instance) for instance in ("one", "two")]
    exchanges = [topology.work, topology.park, *map(topology.delay, topology.ladder_ms)]
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for name in queues:
            await channel.queue_delete(name)
        for name in exchanges:
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.exchange_delete(name)


@pytest.fixture
async def proxy(rabbitmq_url: str) -> AsyncIterator[Proxy]:
    """A way to RabbitMQ that can be cut."""
    async with proxy_to(rabbitmq_url) as proxy:
        yield proxy
