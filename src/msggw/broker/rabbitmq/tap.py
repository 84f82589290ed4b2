"""A consumer of one queue, fitted to every new session."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from msggw.broker.crew import Crew
from msggw.broker.rabbitmq.calls import library_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    import aiormq
    from aiormq.abc import DeliveredMessage

    from msggw.broker.rabbitmq.session import Session
    from msggw.broker.rabbitmq.topology import Queue

__all__ = ["Delivery", "Tap"]

_TAG = "msggw"
_CANCEL_S_MAX = 5

UNSERVED_S_MAX = 3.0
"""How long a queue may hold messages for us before we believe that it has forgotten us."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came, and the channel that must hear what became of it."""

    route: str
    body: bytes
    headers: Mapping[str, object]
    tag: int
    channel: aiormq.Channel

    @property
    def lost(self) -> bool:
        """Whether the channel has ended: then somebody gets the message again."""
        return self.channel.is_closed

    async def settle(self) -> None:
        """Acknowledge: the broker may forget the message."""
        with suppress(Exception), library_calls():
            # A channel that has ended takes no more; the message will come again.
            await self.channel.basic_ack(self.tag, wait=False)

    async def put_back(self) -> None:
        """Give it back, counted by the broker, so that it cannot circle for ever."""
        with suppress(Exception), library_calls():
            await self.channel.basic_reject(self.tag, requeue=True, wait=False)


class Tap:
    """Hands every message of a queue to `take`, in order; at most `prefetch` at a time.

    With `no_ack` the broker forgets a message when it sends it, and there is no prefetch.
    """

    def __init__(
        self,
        queue: Queue,
        take: Callable[[Delivery], Coroutine[None, None, None]],
        forget: Callable[[Tap], None],
        *,
        prefetch: int = 0,
        no_ack: bool = False,
    ) -> None:
        self._queue = queue
        self._take = take
        self._forget = forget
        self._prefetch = prefetch
        self._no_ack = no_ack
        self._crew = Crew()
        self._channel: aiormq.Channel | None = None
        self._stopped = False
        self._taken = self._taken_then = 0
        self._served_at = 0.0

    async def fit(self, session: Session) -> None:
        """Declare the queue and consume it; raises what the library raises."""
        channel = await session.channel()
        await self._queue.declare(channel)
        await channel.basic_qos(prefetch_count=self._prefetch)
        await channel.basic_consume(
            self._queue.name, self._deliver, no_ack=self._no_ack, consumer_tag=_TAG
        )
        self._channel = channel
        self._served_at = asyncio.get_running_loop().time()
        if self._stopped:
            await self._cancel()

    async def well(self, session: Session) -> bool:
        """Ask the broker about the queue: does it still know us as its consumer?

        A forgotten consumer shows in a queue without consumers, or, since there may be others, in
        messages that wait although our hands are not full.
        """
        if self._stopped:
            return True
        seen = await session.control.queue_declare(self._queue.name, passive=True)
        room = self._no_ack or len(self._crew) < self._prefetch
        served = bool(seen.consumer_count) and not (seen.message_count and room)
        now = asyncio.get_running_loop().time()
        if served or self._taken != self._taken_then:
            self._taken_then, self._served_at = self._taken, now
        return now - self._served_at < UNSERVED_S_MAX

    async def stop(self) -> None:
        """Cancel the consumer and wait until what was taken is handled and acknowledged."""
        self._stopped = True
        self._forget(self)
        await self._cancel()
        # Messages that came before the broker's answer are on their way through the loop.
        await asyncio.sleep(0)
        await self._crew.idle()

    async def abandon(self) -> None:
        """Cancel what is in hand; the broker delivers it again to somebody."""
        await self._crew.abandon()

    async def _cancel(self) -> None:
        channel, self._channel = self._channel, None
        if channel is not None:
            with suppress(Exception), library_calls():
                # A channel that has ended has no consumers left either.
                await channel.basic_cancel(_TAG, timeout=_CANCEL_S_MAX)

    async def _deliver(self, message: DeliveredMessage) -> None:
        """Start a task of our own for a message.

        The library cancels its tasks when the channel ends, and a handler must not be cut off in
        the middle of a provider call.
        """
        self._taken += 1
        frame = cast("aiormq.spec.Basic.Deliver", message.delivery)
        delivery = Delivery(
            frame.routing_key or "",
            message.body,
            message.header.properties.headers or {},
            cast("int", frame.delivery_tag),
            cast("aiormq.Channel", message.channel),
        )
        self._crew.take(self._take(delivery))
