"""Start in order, stop in four steps: stop listening, let it finish, wait with a limit, close.

Nothing acknowledged is lost by a stop: what is not finished within the limit is in the store, and
the next start goes on with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from msggw.app import Core, Gateway, Worker
    from msggw.broker import Subscription
    from msggw.ingress import HttpServer

__all__ = ["run_until_stopped", "running"]


@contextlib.asynccontextmanager
async def running(
    core: Core,
    *,
    gateway: Gateway | None,
    worker: Worker | None,
    ops: HttpServer | None = None,
) -> AsyncIterator[dict[str, int]]:
    """Run the parts; yields the ports that were opened, by name."""
    async with contextlib.AsyncExitStack() as stack:
        await core.store.start()
        stack.push_async_callback(core.store.close)
        await core.broker.start()
        stack.push_async_callback(core.broker.close)
        await core.broker.declare(tuple(core.settings.adapters))
        if worker is not None:
            await _start_worker(worker, stack)
        if gateway is not None:
            await core.desk.start()
            stack.push_async_callback(core.desk.stop)
        core.caretaker.start()
        stack.push_async_callback(core.caretaker.stop)
        ports = {} if gateway is None else await _start_gateway(gateway, stack)
        if ops is not None:
            ports["ops"] = await ops.start()
            stack.push_async_callback(ops.stop, 1.0)
        core.health.started = True
        core.log("started", **{f"port_{name}": port for name, port in ports.items()})
        yield ports
        core.health.draining = True
        core.log("stopping")
    core.log("stopped")


async def _start_worker(worker: Worker, stack: contextlib.AsyncExitStack) -> None:
    core = worker.core
    for adapter in worker.adapters.values():
        await adapter.start()
        stack.push_async_callback(adapter.stop)
    subscriptions: list[Subscription] = []
    for name in worker.adapters:
        prefetch = core.settings.broker.prefetch
        subscriptions.append(
            await core.broker.consume(name, worker.consumer.handle, prefetch=prefetch)
        )

    async def stop() -> None:
        await asyncio.gather(*(subscription.stop() for subscription in subscriptions))

    stack.push_async_callback(stop)


async def _start_gateway(gateway: Gateway, stack: contextlib.AsyncExitStack) -> dict[str, int]:
    core = gateway.core
    timeout_s = core.settings.drain_timeout_s
    ports: dict[str, int] = {}

    async def stop() -> None:
        for link in gateway.links:
            link.stop_listening()
        cut = await asyncio.gather(
            *(link.drain(timeout_s) for link in gateway.links), gateway.http.stop(timeout_s)
        )
        core.log("drained", cut_off=sum(number or 0 for number in cut))

    stack.push_async_callback(stop)
    for link in gateway.links:
        ports[link.link.name] = await link.start()
    ports["http"] = await gateway.http.start()
    return ports


async def run_until_stopped(
    core: Core,
    *,
    gateway: Gateway | None,
    worker: Worker | None,
    ops: HttpServer | None = None,
    ready: Callable[[dict[str, int]], None] = lambda _ports: None,
) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running(core, gateway=gateway, worker=worker, ops=ops) as ports:
        ready(ports)
        await stop.wait()
