"""What happens to one AMQP message of a work queue.

A message is acknowledged when every item in it has found its place: done, on a rung of the ladder,
or written down as parked. If we die before that, the broker delivers all of it again and the inbox
drops what was done. If a place cannot be found — the rung is full, the store is down — the message
stays in hand, which slows this worker and nobody else.

A message that kills its worker is delivered again, with a count. Soon its items are sent to the
first rung one by one, so that the innocent ones go their way; the guilty one is parked on its last
delivery. (Not straight to work: there it would kill us before the group is acknowledged.)
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from typing import TYPE_CHECKING

from msggw.broker.handling import Again, Parked, Policy, Settled
from msggw.broker.port import Handler, Item
from msggw.broker.rabbitmq import frame
from msggw.errors import Refused, Unavailable

if TYPE_CHECKING:
    from msggw.broker.rabbitmq.publisher import Headers, Publisher
    from msggw.broker.rabbitmq.tap import Delivery
    from msggw.broker.rabbitmq.topology import Topology

__all__ = ["Worker"]

ATTEMPT = "x-msggw-attempt"
CAUSE = "x-msggw-cause"
FAILED_AT = "x-msggw-first-failure-at"
"""Seconds since the epoch."""

_ALONE_FROM = 2
"""From this delivery on, counted from 0, a group is taken apart."""
_TAKEN_OUT = "taken out of a group that was never settled"
_CAUSE_LENGTH_MAX = 250
_PAUSE_S_MIN = 0.1
_PAUSE_S_MAX = 5.0

_log = logging.getLogger(__name__)


class Worker:
    """Handles messages of one adapter's queue."""

    def __init__(
        self, handler: Handler, policy: Policy, publisher: Publisher, topology: Topology
    ) -> None:
        self._handler = handler
        self._policy = policy
        self._publisher = publisher
        self._topology = topology

    async def take(self, delivery: Delivery) -> None:
        """Handle one message, then acknowledge it."""
        try:
            settled = await self._settled(delivery)
            if settled.again or settled.parked:
                await self._place(delivery, settled)
        except _Lost:
            _log.info("a message of %s will be delivered again", delivery.route)
        except Exception:  # noqa: BLE001 - the edge of a task
            _log.exception("a message of %s is put back", delivery.route)
            await delivery.put_back()
        else:
            await delivery.settle()

    async def _settled(self, delivery: Delivery) -> Settled:
        """Decide about every item, asking the handler if nothing speaks against it."""
        try:
            items = frame.decode(delivery.body)
        except Refused as refused:
            return Settled(parked=[Parked(_unreadable(delivery), str(refused))])
        returns = _number(delivery, "x-delivery-count")
        if returns >= self._topology.delivery_limit:
            cause = f"delivered {returns + 1} times and never settled"
            return Settled(parked=[Parked(item, cause) for item in items])
        if returns >= _ALONE_FROM and len(items) > 1:
            rung_ms = self._policy.ladder_ms[0]
            return Settled(again=[Again(item, rung_ms, _TAKEN_OUT) for item in items])
        return await self._policy.handle(self._handler, delivery.route, items)

    async def _place(self, delivery: Delivery, settled: Settled) -> None:
        await asyncio.gather(
            *(self._send_again(delivery, again) for again in settled.again),
            *(self._send_to_park(delivery, parked) for parked in settled.parked),
        )

    async def _send_again(self, delivery: Delivery, again: Again) -> None:
        exchange = self._topology.delay(again.rung_ms)
        headers = _headers(delivery, again.item, again.cause)
        body = frame.encode([again.item])
        pause_s = _PAUSE_S_MIN
        while not delivery.lost:
            try:
                return await self._publisher.publish(exchange, delivery.route, body, headers)
            except Unavailable as reason:
                _log.warning("cannot send an item to %s yet: %s", exchange, reason)
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _PAUSE_S_MAX)
        raise _Lost

    async def _send_to_park(self, delivery: Delivery, parked: Parked) -> None:
        back = await self._policy.park(delivery.route, parked)
        if back is not None:
            return await self._send_again(delivery, back)
        headers = _headers(delivery, parked.item, parked.cause)
        body = frame.encode([parked.item])
        try:
            await self._publisher.publish(self._topology.park, delivery.route, body, headers)
        except Unavailable as reason:
            _log.warning("parked item %s is in the store only: %s", parked.item.id, reason)


class _Lost(Exception):
    """The channel a message came by has ended, so it will be delivered again."""


def _number(delivery: Delivery, header: str) -> int:
    value = delivery.headers.get(header)
    return value if isinstance(value, int) else 0


def _headers(delivery: Delivery, item: Item, cause: str) -> Headers:
    """For people and their tools; we ourselves read the attempt in the body."""
    return {
        ATTEMPT: item.attempt,
        CAUSE: cause[:_CAUSE_LENGTH_MAX],
        FAILED_AT: _number(delivery, FAILED_AT) or int(time.time()),
    }


def _unreadable(delivery: Delivery) -> Item:
    """Make an item of a body that is none of ours, so that it can be parked as it is."""
    digest = hashlib.sha256(delivery.body).hexdigest()
    return Item(f"unreadable-{digest[:32]}", delivery.body)
