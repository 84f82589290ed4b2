"""The two gateways as processes: the naive one and msggw, on the same PostgreSQL and RabbitMQ.

How msggw is started and configured for a benchmark stands here and nowhere else.
"""

from __future__ import annotations

import asyncio
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aio_pika
from tests.services import POSTGRES, RABBITMQ, postgres_database_at

from benchmarks.processes import free_port, started, wait_for_port

__all__ = ["Gateway", "msggw", "msggw_command", "msggw_config", "naive", "ready"]

START_SECONDS_MAX = 30.0
POLL_SECONDS = 0.02
MSGGW = Path(sys.executable).with_name("msggw")
LADDER_MS = (1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that takes 0100s on `port`, and the ids of its processes by name."""

    port: int
    pids: dict[str, int]


@contextmanager
def naive() -> Iterator[Gateway]:
    """Run the naive gateway and its worker on a database and queues of their own."""
    port = free_port()
    with fresh_database() as store, fresh_queues() as prefix:
        broker = ["--broker", RABBITMQ.url(), "--queue-prefix", prefix]
        commands = {
            "gateway": [*_module("gateway"), "--port", str(port), "--store", store, *broker],
            "worker": [*_module("worker"), *broker],
        }
        with started(commands) as processes:
            wait_for_port(port, processes["gateway"], START_SECONDS_MAX)
            yield Gateway(port, {name: process.pid for name, process in processes.items()})


@contextmanager
def msggw() -> Iterator[Gateway]:
    """Run msggw, gateway and worker apart, on a database of its own and RabbitMQ."""
    link, http = free_port(), free_port()
    with fresh_database() as store, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "msggw.toml"
        prefix = f"bench-{secrets.token_hex(4)}"
        config.write_text(
            msggw_config(folder, link, http, store=store, broker=RABBITMQ.url(), prefix=prefix)
        )
        subprocess.run(msggw_command("db", config), check=True, stdout=sys.stderr.fileno())
        commands = {name: msggw_command(name, config) for name in ("gateway", "worker")}
        try:
            with started(commands) as processes:
                ready(http, processes["gateway"], START_SECONDS_MAX)
                ready(http + 1, processes["worker"], START_SECONDS_MAX)
                yield Gateway(link, {name: process.pid for name, process in processes.items()})
        finally:
            delete_topology(prefix)


def msggw_command(what: str, config: Path) -> list[str | Path]:
    """The command line: `gateway` alone, `worker`, `db` (migrations), or `all` in one process."""
    words = {
        "gateway": ["run", "--no-worker"],
        "worker": ["worker"],
        "db": ["db", "upgrade"],
        "all": ["run"],
    }[what]
    instance = ["--instance", "worker-1"] if what == "worker" else []
    return [MSGGW, *words, "--config", config, *instance]


def msggw_config(
    folder: str,
    link_port: int,
    http_port: int,
    *,
    store: str | None,
    broker: str | None,
    prefix: str = "mg",
) -> str:
    """The configuration file, in TOML: one ISO 8583 listener, HTTP, and where store and broker are.

    Without `store` and `broker` it is the embedded default: SQLite in `folder`, broker in process.
    """
    store = store or f"sqlite:///{folder}/msggw.db"
    text = f"""
[store]
url = "{store}"

[http]
host = "127.0.0.1"
port = {http_port}

[worker]
port = {http_port + 1}

[keys]
file = "{folder}/keys.json"

[[links]]
name = "benchmark"
host = "127.0.0.1"
port = {link_port}
spec = "iso87-ascii"
framing = "binary-2"

[policy]
routes = "specs/routes/bogus.yaml"

[adapters.bogus]
"""
    if broker is None:
        return text
    return f'{text}\n[broker]\nurl = "{broker}"\nprefix = "{prefix}"\n'


def ready(http_port: int, process: subprocess.Popen[bytes], seconds_max: float) -> None:
    """Return once `/readyz` answers 200.

    Raises:
        RuntimeError: the process ended first.
        TimeoutError: it was not ready in time.
    """
    url = f"http://127.0.0.1:{http_port}/readyz"
    deadline = time.monotonic() + seconds_max
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass  # Not listening yet, or listening and not ready: ask again.
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"not ready after {seconds_max} s")


@contextmanager
def fresh_database() -> Iterator[str]:
    """An empty database of PostgreSQL, dropped at the end."""
    with postgres_database_at(POSTGRES.url(), f"msggw_bench_{secrets.token_hex(4)}") as url:
        yield url


@contextmanager
def fresh_queues() -> Iterator[str]:
    """A prefix for the naive gateway's queues, which are deleted at the end."""
    prefix = f"naive.{secrets.token_hex(4)}"
    try:
        yield prefix
    finally:
        delete_queues([f"{prefix}.requests", f"{prefix}.replies"])


def delete_topology(prefix: str) -> None:
    """Delete the queues and exchanges that msggw declared under this prefix."""
    delays = [f"{prefix}.delay.{rung}" for rung in LADDER_MS]
    names = [f"{prefix}.work.bogus", f"{prefix}.park", f"{prefix}.reply.gateway-1", *delays]
    delete_queues(names)

    async def delete() -> None:
        connection = await aio_pika.connect(RABBITMQ.url())
        async with connection, connection.channel() as channel:
            for name in (f"{prefix}.work", f"{prefix}.park", *delays):
                await channel.exchange_delete(name)

    asyncio.run(delete())


def delete_queues(names: Sequence[str]) -> None:
    """Delete these queues of RabbitMQ with what is in them; it need not have them."""

    async def delete() -> None:
        connection = await aio_pika.connect(RABBITMQ.url())
        async with connection, connection.channel() as channel:
            for name in names:
                await channel.queue_delete(name)

    asyncio.run(delete())


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.naive.{name}"]
