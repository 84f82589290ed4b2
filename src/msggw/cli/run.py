"""`msggw run` and `msggw worker`."""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING

import click

from msggw.cli.output import settings_options
from msggw.cli.settings import settings_from

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from msggw.config import Settings

__all__ = ["run", "worker"]


@click.command()
@settings_options
@click.option("--no-worker", is_flag=True, help="Only listen; workers run as other processes.")
def run(
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    no_worker: bool,
) -> None:
    """Run the gateway: ISO 8583 links, HTTP, and (unless told otherwise) a worker."""
    settings = settings_from(config_file, broker, store, instance)
    _prepare(settings)
    _serve(_gateway(settings, with_worker=not no_worker))


@click.command()
@settings_options
def worker(
    config_file: Path | None, broker: str | None, store: str | None, instance: str | None
) -> None:
    """Run a worker that calls the adapters. Needs a broker and a store that processes share."""
    settings = settings_from(config_file, broker, store, instance)
    if settings.broker.url.startswith("memory:"):
        msg = "a worker of its own needs a broker that processes share: --broker amqp://…"
        raise click.UsageError(msg)
    _prepare(settings)
    _serve(_worker(settings))


def _prepare(settings: Settings) -> None:
    from msggw.observe import setup_logs
    from msggw.store.schema import upgrade

    setup_logs(settings.log_level, pretty=sys.stderr.isatty())
    if settings.store.url.startswith("sqlite:"):
        # The embedded database is ours alone; a shared one is upgraded on purpose.
        upgrade(settings.store.url)


GC_THRESHOLD = 100_000
"""Allocations before the collector looks: messages are freed by reference count, not by it."""


def _serve(main: Coroutine[None, None, None]) -> None:
    try:
        import uvloop

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:
        runner = asyncio.Runner()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD, 50, 50)
    with runner:
        runner.run(main)


async def _gateway(settings: Settings, *, with_worker: bool) -> None:
    from msggw.app import build_core, build_gateway, build_worker
    from msggw.lifecycle import run_until_stopped

    core = build_core(settings, "gateway")
    gateway = build_gateway(core)
    beside = build_worker(core) if with_worker else None
    await run_until_stopped(core, gateway=gateway, worker=beside)


async def _worker(settings: Settings) -> None:
    from msggw.app import build_core, build_worker, worker_http
    from msggw.lifecycle import run_until_stopped

    core = build_core(settings, "worker")
    worker = build_worker(core)
    await run_until_stopped(core, gateway=None, worker=worker, ops=worker_http(core))
