"""A folder of its own for each test of a command, and a gateway to talk to."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aio_pika
import pytest
from tests import services
from tests.cli.command import Server, serving

from msggw.broker.rabbitmq.topology import Topology

ROUTES = """
version: test-1
cards:
  - {name: cards-4, from: "4", adapter: bogus}
transfers:
  - {name: transfers, adapter: bogus}
others: []
"""
ON_FREE_PORTS = {
    "MSGGW_HTTP__PORT": "0",
    "MSGGW_WORKER__PORT": "0",
    "MSGGW_LINKS": json.dumps([{"name": "acquirer", "port": 0}]),
    "MSGGW_ADAPTERS": '{"bogus": {}}',
    "MSGGW_POLICY__ROUTES": "routes.yaml",
}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment decides a test; those of the test suite itself stay."""
    for name in [*os.environ]:
        if name.startswith("MSGGW_") and not name.startswith("MSGGW_TEST_"):
            monkeypatch.delenv(name)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@dataclass(frozen=True)
class Running:
    """A gateway on free ports, in its folder."""

    server: Server
    folder: Path
    tcp: str
    http: str


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with its worker that sends everything to the bogus adapter."""
    home = tmp_path_factory.mktemp("gateway")
    (home / "routes.yaml").write_text(ROUTES)
    environment = {**ON_FREE_PORTS, "MSGGW_HTTP__OPEN_PARTNER": "demo"}
    with serving(home, "run", **environment) as server:
        ports = server.started()
        link, http = ports["port_acquirer"], ports["port_http"]
        yield Running(server, home, f"tcp://127.0.0.1:{link}", f"http://127.0.0.1:{http}")
        assert 0 == server.stop()


@dataclass(frozen=True)
class Shared:
    """A broker and a store that processes share, as settings and as the store's URL."""

    environment: dict[str, str]
    store: str


@pytest.fixture(scope="module")
def shared(postgres_url: str, rabbitmq_url: str) -> Iterator[Shared]:
    """RabbitMQ under a prefix of its own, and an empty database that is upgraded."""
    prefix, name = f"t{secrets.token_hex(4)}", f"msggw_{secrets.token_hex(6)}"
    with services.postgres_database_at(postgres_url, name) as store:
        urls = {"MSGGW_BROKER__URL": rabbitmq_url, "MSGGW_STORE__URL": store}
        try:
            yield Shared({**urls, "MSGGW_BROKER__PREFIX": prefix}, store)
        finally:
            asyncio.run(_delete_all(rabbitmq_url, Topology(prefix)))


async def _delete_all(url: str, topology: Topology) -> None:
    queues = [queue.name for queue in topology.common()]
    queues += [topology.work_queue(adapter).name for adapter in ("bogus", "visa", "bank")]
    queues += [topology.reply(name) for name in ("gateway-1-gateway", "worker-1-worker")]
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        for name in queues:
            await channel.queue_delete(name)
        for name in (topology.work, topology.park, *map(topology.delay, topology.ladder_ms)):
            with suppress(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.exchange_delete(name)
