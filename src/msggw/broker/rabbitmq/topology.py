"""Exchanges and queues, by name and argument.

::

    <mg>.work (topic) ── pay.<adapter>.* ──→ <mg>.work.<adapter>        what workers consume
        ↑ dead-lettered when the rung is over, the routing key kept
    <mg>.delay.<ms> (fanout) ──────────────→ <mg>.delay.<ms>            one rung, for all adapters
    <mg>.park (fanout) ────────────────────→ <mg>.park                  nobody consumes it
    (default exchange) ────────────────────→ <mg>.reply.<instance>      wakes one gateway process

All but the reply queues are quorum queues that dead-letter at least once, which RabbitMQ does only
for queues that reject what they cannot hold (`reject-publish`). A rung has a queue of its own,
because a time to live per message would wait behind the longer ones in front of it. It has no
dead-letter routing key, so a message returns under the key it was first published with.

The park queue is a mirror for operators who live in RabbitMQ: parked work is written to the store
first. So it drops its oldest message when it is full, and never holds up a worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.broker.handling import LADDER_MS
from msggw.broker.names import checked

if TYPE_CHECKING:
    from collections.abc import Iterator

    import aiormq

__all__ = ["Queue", "Topology"]

REPLY_KEPT_MS = 60_000
"""How long a reply, or the queue of a process that is gone, is kept."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue and what is bound to it: an exchange of that type under that key."""

    name: str
    arguments: dict[str, str | int]
    exchange: str = ""
    exchange_type: str = ""
    binding: str = ""

    async def declare(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Make exchange, queue and binding unless they exist; an inequality closes the channel."""
        if self.exchange:
            await channel.exchange_declare(
                self.exchange, exchange_type=self.exchange_type, durable=True
            )
        await channel.queue_declare(self.name, durable=True, arguments={**self.arguments})
        if self.exchange:
            await channel.queue_bind(self.name, self.exchange, self.binding)


@dataclass(frozen=True, slots=True)
class Topology:
    """All names begin with `prefix`. `length_max` bounds each queue, in messages.

    `delivery_limit` is how often a message that was not settled, because its worker died, is
    delivered again before the broker dead-letters it. The consumer parks it one delivery earlier.
    """

    prefix: str = "mg"
    ladder_ms: tuple[int, ...] = LADDER_MS
    delivery_limit: int = 10
    length_max: int = 100_000

    def __post_init__(self) -> None:
        """Refuse a prefix that could not stand in a name."""
        checked("the broker's prefix", self.prefix)

    @property
    def work(self) -> str:
        """The exchange that work is published to."""
        return f"{self.prefix}.work"

    @property
    def park(self) -> str:
        """The exchange for what was given up, and its queue."""
        return f"{self.prefix}.park"

    def delay(self, rung_ms: int) -> str:
        """The exchange of a rung, and its queue."""
        return f"{self.prefix}.delay.{rung_ms}"

    def reply(self, instance: str) -> str:
        """The reply queue of a process."""
        return f"{self.prefix}.reply.{checked('an instance name', instance)}"

    def common(self) -> Iterator[Queue]:
        """What exists once: parking and the ladder."""
        yield Queue(self.park, self._quorum("drop-head"), self.park, "fanout")
        for rung_ms in self.ladder_ms:
            name = self.delay(rung_ms)
            arguments = self._dead_lettering(self.work) | {"x-message-ttl": rung_ms}
            yield Queue(name, arguments, name, "fanout")

    def work_queue(self, adapter: str) -> Queue:
        """The queue of an adapter; raises `ConfigurationError` for a name with dots."""
        name = checked("an adapter's name", adapter)
        return Queue(
            f"{self.work}.{name}",
            self._dead_lettering(self.park) | {"x-delivery-limit": self.delivery_limit},
            self.work,
            "topic",
            f"pay.{name}.*",
        )

    def reply_queue(self, instance: str) -> Queue:
        """The queue of a process. It goes away by itself, so it is not exclusive.

        An exclusive queue would be locked after a lost connection until the broker notices.
        """
        return Queue(
            self.reply(instance),
            {
                "x-queue-type": "classic",
                "x-expires": REPLY_KEPT_MS,
                "x-message-ttl": REPLY_KEPT_MS,
                "x-max-length": self.length_max,
            },
        )

    def _dead_lettering(self, exchange: str) -> dict[str, str | int]:
        return self._quorum("reject-publish") | {
            "x-dead-letter-exchange": exchange,
            "x-dead-letter-strategy": "at-least-once",
        }

    def _quorum(self, overflow: str) -> dict[str, str | int]:
        return {
            "x-queue-type": "quorum",
            "x-overflow": overflow,
            "x-max-length": self.length_max,
        }
