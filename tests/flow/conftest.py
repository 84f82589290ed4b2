"""Whole gateways for the tests, on the embedded default and on RabbitMQ and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import aio_pika
import pytest
from tests.flow.acquirer import Acquirer
from tests.flow.house import House, house, settings_in

from msggw.broker.rabbitmq import Topology
from msggw.store import schema

NewHouse = Callable[..., Any]


@pytest.fixture
async def new_house(tmp_path: Path) -> AsyncIterator[NewHouse]:
    """Start embedded gateways; keyword arguments are settings."""
    async with AsyncExitStack() as stack:

        async def new(*, idle: bool = False, **overrides: Any) -> House:
            settings = settings_in(tmp_path, **overrides)
            schema.upgrade(settings.store.url)
            return await stack.enter_async_context(house(settings, idle=idle))

        yield new


@pytest.fixture
async def new_shared_house(
    tmp_path: Path, rabbitmq_url: str, postgres_database: str, broker_prefix: str
) -> AsyncIterator[NewHouse]:
    """Start gateways on RabbitMQ and PostgreSQL, the worker apart from the gateway."""
    await asyncio.to_thread(schema.upgrade, postgres_database)
    broker = {"url": rabbitmq_url, "prefix": broker_prefix}
    async with AsyncExitStack() as stack:

        async def new(**overrides: Any) -> House:
            store = {"url": postgres_database}
            settings = settings_in(tmp_path, store=store, broker=broker, **overrides)
            return await stack.enter_async_context(house(settings, shared=True))

        yield new
    await delete_topology(rabbitmq_url, broker_prefix)


@pytest.fixture(params=["embedded", "shared"])
def any_house(request: pytest.FixtureRequest) -> NewHouse:
    """Start a gateway on either pair of broker and store."""
    name = "new_house" if request.param == "embedded" else "new_shared_house"
    return request.getfixturevalue(name)


@pytest.fixture
async def gateway(new_house: NewHouse) -> House:
    """An embedded gateway as it comes."""
    return await new_house()


@pytest.fixture
async def acquirer(gateway: House) -> AsyncIterator[Acquirer]:
    """A connection to its link."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        yield line


async def delete_topology(url: str, prefix: str, adapters: tuple[str, ...] = ("bogus",)) -> None:
    """Delete every queue and exchange a gateway with this prefix may have made."""
    topology = Topology(prefix)
    queues = [queue.name for queue in topology.common()]
    queues += [topology.work_queue(adapter).name for adapter in adapters]
    queues += [topology.reply(f"flow-1{role}") for role in ("", "-gateway", "-worker")]
    exchanges = [topology.work, topology.park, *map(topology.delay, topology.ladder_ms)]
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for name in queues:
            await channel.queue_delete(name)
        for name in exchanges:
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.exchange_delete(name)
