"""RabbitMQ as the broker: work survives every process of ours."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from msggw.broker.gathering import Gatherer
from msggw.broker.handling import ATTEMPTS_MAX, Policy
from msggw.broker.names import adapter_of, checked
from msggw.broker.rabbitmq import frame
from msggw.broker.rabbitmq.calls import library_calls
from msggw.broker.rabbitmq.link import Link
from msggw.broker.rabbitmq.publisher import Publisher
from msggw.broker.rabbitmq.session import explained, place_of
from msggw.broker.rabbitmq.tap import Tap
from msggw.broker.rabbitmq.topology import Topology
from msggw.broker.rabbitmq.worker import Worker
from msggw.errors import Refused, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msggw.broker.port import Handler, Item, OnPark, ReplyHandler, Subscription
    from msggw.broker.rabbitmq.session import Session
    from msggw.broker.rabbitmq.tap import Delivery
    from msggw.broker.rabbitmq.topology import Queue

__all__ = ["RabbitBroker"]

_log = logging.getLogger(__name__)


class RabbitBroker:
    """`Broker` over AMQP 0-9-1.

    `window` bounds the unconfirmed messages, `confirm_s` is the limit for each, `drain_s` is how
    long `close` waits for handlers, `watch_s` and `reconnect_s` are the link's. Times in seconds.
    Raises `ConfigurationError` for a URL or an instance name that cannot be used.
    """

    durable = True

    def __init__(
        self,
        url: str,
        *,
        instance: str,
        on_park: OnPark,
        topology: Topology | None = None,
        attempts_max: int = ATTEMPTS_MAX,
        window: int = 256,
        confirm_s: float = 10.0,
        drain_s: float = 30.0,
        watch_s: float = 5.0,
        reconnect_s: float = 1.0,
    ) -> None:
        self._place = place_of(url)
        self._topology = topology or Topology()
        self._policy = Policy(
            on_park, ladder_ms=self._topology.ladder_ms, attempts_max=attempts_max
        )
        self._drain_s = drain_s
        self._link = Link(
            url,
            f"msggw {checked('the instance name', instance)}",
            self._furnish,
            inspect=self._inspect,
            watch_s=watch_s,
            reconnect_s=reconnect_s,
        )
        self._publisher = Publisher(self._link, window=window, confirm_s=confirm_s)
        self._work_queues: dict[str, Queue] = {}
        self._taps: set[Tap] = set()
        self._replies = Gatherer(self._send_replies)

    async def start(self) -> None:
        """Connect and declare; raise `Unavailable` naming host, port and what to do."""
        await self._link.start()

    async def close(self) -> None:
        """Cancel, drain, close the channels, close the connection."""
        taps = tuple(self._taps)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._drain_s):
                await asyncio.gather(self._replies.drain(), *(tap.stop() for tap in taps))
        await asyncio.gather(self._replies.abandon(), *(tap.abandon() for tap in taps))
        await self._link.close()

    async def ping(self) -> None:
        """Raise `Unavailable` unless connected, with every consumer in place."""
        await self._link.ping()

    async def declare(self, adapters: Sequence[str]) -> None:
        """Declare the adapters' work queues now and in every session to come."""
        queues = {adapter: self._topology.work_queue(adapter) for adapter in adapters}
        self._work_queues.update(queues)
        session = self._link.session()
        for queue in queues.values():
            await self._declared(session, queue)

    async def publish(self, route: str, items: Sequence[Item]) -> None:
        """Publish the items as one message and wait for its confirm."""
        adapter_of(route)
        for chunk in frame.chunks(items):
            await self._publisher.publish(self._topology.work, route, frame.encode(chunk))

    async def consume(self, adapter: str, handler: Handler, *, prefetch: int) -> Subscription:
        """Consume the adapter's queue, now and in every session to come."""
        queue = self._topology.work_queue(adapter)
        self._work_queues[adapter] = queue
        worker = Worker(handler, self._policy, self._publisher, self._topology)
        return await self._tapped(Tap(queue, worker.take, self._taps.discard, prefetch=prefetch))

    async def reply(self, instance: str, items: Sequence[Item]) -> None:
        """Send the items soon, together with what else goes there."""
        self._replies.add(self._topology.reply(instance), items)

    async def replies(self, instance: str, handler: ReplyHandler) -> Subscription:
        """Consume the reply queue of an instance, without acknowledgement."""

        async def take(delivery: Delivery) -> None:
            try:
                await handler(frame.decode(delivery.body))
            except Refused as refused:
                _log.warning("a reply for %s is dropped: %s", instance, refused)
            except Exception:  # noqa: BLE001 - the edge of a task
                _log.exception("replies for %s are lost", instance)

        queue = self._topology.reply_queue(instance)
        return await self._tapped(Tap(queue, take, self._taps.discard, no_ack=True))

    async def _furnish(self, session: Session) -> None:
        """Give a new session all it needs."""
        for queue in (*self._topology.common(), *self._work_queues.values()):
            await queue.declare(session.control)
        # Without an adapter there is no queue yet, but the probe asks for the exchange.
        await session.control.exchange_declare(
            self._topology.work, exchange_type="topic", durable=True
        )
        for tap in tuple(self._taps):
            await tap.fit(session)

    async def _inspect(self, session: Session) -> bool:
        """Ask whether a session has still all it needs; raises what the library raises."""
        await session.control.exchange_declare(self._topology.work, passive=True)
        # A missing queue ends the session, and the next one declares it. The publisher that finds
        # it missing must not: RabbitMQ 3.10 does not tell consumers that their queue is gone if a
        # new one has its name so soon, and what it then delivers never arrives.
        for queue in tuple(self._work_queues.values()):
            await session.control.queue_declare(queue.name, passive=True)
        return all([await tap.well(session) for tap in tuple(self._taps)])

    async def _tapped(self, tap: Tap) -> Tap:
        session = self._link.session()
        self._taps.add(tap)
        try:
            with library_calls():
                await tap.fit(session)
        except Exception as error:  # noqa: BLE001 - told as what it means, below
            self._taps.discard(tap)
            raise explained(error, self._place) from None
        return tap

    async def _declared(self, session: Session, queue: Queue) -> None:
        try:
            with library_calls():
                await queue.declare(session.control)
        except Exception as error:  # noqa: BLE001 - told as what it means, below
            raise explained(error, self._place) from None

    async def _send_replies(self, queue: str, items: Sequence[Item]) -> None:
        for chunk in frame.chunks(items):
            try:
                await self._publisher.toss(queue, frame.encode(chunk))
            except (Unavailable, TimeoutError) as reason:
                _log.info("%d replies for %s are lost: %s", len(chunk), queue, reason)
