"""The in-process broker of the embedded default: nothing outlives the process.

It behaves like RabbitMQ with one worker process: bounded queues, a prefetch, retries after a rung
of the ladder, parking. Because it is not durable, outbox rows stay until their work is done.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from msggw.broker.crew import Crew
from msggw.broker.gathering import Gatherer
from msggw.broker.handling import ATTEMPTS_MAX, LADDER_MS, Again, Policy
from msggw.broker.names import adapter_of, checked
from msggw.errors import Unavailable, Unroutable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from msggw.broker.port import Handler, Item, OnPark, ReplyHandler, Subscription

__all__ = ["MemoryBroker"]


class MemoryBroker:
    """`Broker` within one process.

    `items_max` bounds what an adapter's queue holds, delayed items included. `drain_s` is how long
    `close` waits for handlers.
    """

    durable = False

    def __init__(
        self,
        *,
        on_park: OnPark,
        ladder_ms: tuple[int, ...] = LADDER_MS,
        attempts_max: int = ATTEMPTS_MAX,
        items_max: int = 100_000,
        drain_s: float = 30.0,
    ) -> None:
        self._policy = Policy(on_park, ladder_ms=ladder_ms, attempts_max=attempts_max)
        self._items_max = items_max
        self._drain_s = drain_s
        self._queues: dict[str, _Queue] = {}
        self._consumers: set[_Consumer] = set()
        self._handlers: dict[str, ReplyHandler] = {}
        self._replies = Gatherer(self._answer)
        self._open = False

    async def start(self) -> None:
        """Open for business."""
        self._open = True

    async def close(self) -> None:
        """Stop the consumers and forget what waits."""
        self._open = False
        consumers = tuple(self._consumers)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                await asyncio.gather(self._replies.drain(), *(each.stop() for each in consumers))
        await asyncio.gather(self._replies.abandon(), *(each.abandon() for each in consumers))
        for queue in self._queues.values():
            queue.forget()

    async def ping(self) -> None:
        """Raise `Unavailable` unless started."""
        if not self._open:
            raise Unavailable("the in-process broker is not running")

    async def declare(self, adapters: Sequence[str]) -> None:
        """Make the adapters' queues."""
        for adapter in adapters:
            name = checked("an adapter's name", adapter)
            self._queues.setdefault(name, _Queue(name, self._items_max))

    async def publish(self, route: str, items: Sequence[Item]) -> None:
        """Put the items into their queue as one group."""
        await self.ping()
        queue = self._queues.get(adapter_of(route))
        if queue is None:
            raise Unroutable(f"no queue takes {route}; is the adapter declared?")
        if items:
            queue.put(route, tuple(items))

    async def consume(self, adapter: str, handler: Handler, *, prefetch: int) -> Subscription:
        """Start a consumer."""
        await self.ping()
        await self.declare([adapter])
        queue = self._queues[adapter]
        consumer = _Consumer(queue, handler, self._policy, prefetch, self._consumers.discard)
        self._consumers.add(consumer)
        return consumer

    async def reply(self, instance: str, items: Sequence[Item]) -> None:
        """Hand the items to the instance's handler, if it listens."""
        if instance in self._handlers:
            self._replies.add(instance, items)

    async def replies(self, instance: str, handler: ReplyHandler) -> Subscription:
        """Listen for an instance."""
        self._handlers[checked("an instance's name", instance)] = handler
        return _Listener(instance, self._handlers, self._replies)

    async def _answer(self, instance: str, items: Sequence[Item]) -> None:
        handler = self._handlers.get(instance)
        if handler is not None:
            await handler(items)


class _Queue:
    """A bounded queue of groups; delayed items are held by timers of the loop."""

    def __init__(self, adapter: str, items_max: int) -> None:
        self._adapter = adapter
        self._items_max = items_max
        self._groups: asyncio.Queue[tuple[str, tuple[Item, ...]]] = asyncio.Queue()
        self._held = 0
        self._timers: set[asyncio.TimerHandle] = set()

    def put(self, route: str, items: tuple[Item, ...]) -> None:
        if self._held + len(items) > self._items_max:
            raise Unavailable(f"the queue of {self._adapter} is full ({self._items_max} items)")
        self._held += len(items)
        self._groups.put_nowait((route, items))

    async def get(self) -> tuple[str, tuple[Item, ...]]:
        return await self._groups.get()

    def done(self, count: int) -> None:
        """Make room: so many items were handled."""
        self._held -= count

    def later(self, route: str, again: Again) -> None:
        """Bring one item back after its rung. It has its place already, so there is no limit."""
        self._held += 1

        def due() -> None:
            self._timers.discard(timer)
            self._groups.put_nowait((route, (again.item,)))

        timer = asyncio.get_running_loop().call_later(again.rung_ms / 1000, due)
        self._timers.add(timer)

    def forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        while not self._groups.empty():
            self._groups.get_nowait()
        self._held = 0


class _Consumer:
    """Takes groups in order, at most `prefetch` at a time."""

    def __init__(
        self,
        queue: _Queue,
        handler: Handler,
        policy: Policy,
        prefetch: int,
        forget: Callable[[_Consumer], None],
    ) -> None:
        self._queue = queue
        self._handler = handler
        self._policy = policy
        self._slots = asyncio.Semaphore(prefetch)
        self._crew = Crew()
        self._forget = forget
        self._taking = asyncio.get_running_loop().create_task(self._take())

    async def stop(self) -> None:
        """Take nothing new and wait for what was taken."""
        self._taking.cancel()
        await self._crew.idle()
        self._forget(self)

    async def abandon(self) -> None:
        """Wait no longer."""
        self._taking.cancel()
        await self._crew.abandon()
        self._forget(self)

    async def _take(self) -> None:
        while True:
            await self._slots.acquire()
            route, items = await self._queue.get()
            self._crew.take(self._handle(route, items), self._slots.release)

    async def _handle(self, route: str, items: tuple[Item, ...]) -> None:
        try:
            settled = await self._policy.handle(self._handler, route, items)
            for again in settled.again:
                self._queue.later(route, again)
            for parked in settled.parked:
                back = await self._policy.park(route, parked)
                if back is not None:
                    self._queue.later(route, back)
        finally:
            self._queue.done(len(items))


class _Listener:
    """A subscription to the replies of one instance."""

    def __init__(self, instance: str, handlers: dict[str, ReplyHandler], replies: Gatherer) -> None:
        self._instance = instance
        self._handlers = handlers
        self._replies = replies

    async def stop(self) -> None:
        """Hand over what has come, then listen no more."""
        await self._replies.drain()
        self._handlers.pop(self._instance, None)
