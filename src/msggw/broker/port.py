"""The broker port: transport of work between processes. The database is the truth.

One broker message carries a group of items (one per commit group and route); items are handled,
retried and parked one by one. Delivery is at least once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = [
    "Broker",
    "Done",
    "Handler",
    "Item",
    "OnPark",
    "Park",
    "ReplyHandler",
    "Retry",
    "Subscription",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of work. `id` identifies it for de-duplication; `attempt` counts from 1."""

    id: str
    body: bytes
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Done:
    """Handled; forget it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after at least `delay_ms` (the next rung of the ladder); `cause` is for people.

    The last rung is the longest wait there is: longer delays belong in the store. An item whose
    attempts are used up is parked instead.
    """

    delay_ms: int
    cause: str


@dataclass(frozen=True, slots=True)
class Park:
    """Give up; an operator decides."""

    cause: str


Verdict = Done | Retry | Park
Handler = Callable[[str, Sequence[Item]], Awaitable[Sequence[Verdict]]]
"""Takes the routing key and the items; returns one verdict per item. Raising retries all of them.

It may see an item twice, and both at once: a group is delivered again when the connection was lost
before it was acknowledged. It is never cancelled by a lost connection.
"""

OnPark = Callable[[str, Item, str], Awaitable[None]]
"""Takes the routing key, a parked item and the cause, and writes them down where operators look.

Until it returns, the item is not let go. Raising brings the item back after the last rung.
"""

ReplyHandler = Callable[[Sequence[Item]], Awaitable[None]]
"""Takes the replies that came together. What it raises is logged, the replies are gone."""


class Subscription(Protocol):
    """A running consumer."""

    async def stop(self) -> None:
        """Take nothing new, wait until what was taken is handled and acknowledged."""


class Broker(Protocol):
    """The port. Both implementations pass the same contract tests.

    `durable`: whether a published item survives a crash of every process of ours. If not, its
    outbox row must stay until the work is done.
    """

    durable: bool

    async def start(self) -> None:
        """Connect and declare the topology; raise `Unavailable` with what to do about it."""

    async def close(self) -> None:
        """Cancel consumers, drain, close channels, then the connection.

        What is not done within the limit is cancelled and, if durable, delivered again to others.
        """

    async def ping(self) -> None:
        """Raise `Unavailable` unless connected and every consumer is consuming."""

    async def declare(self, adapters: Sequence[str]) -> None:
        """Make sure each adapter has its work queue, bound to `pay.<adapter>.*`.

        Raises `ConfigurationError` for a name that cannot stand in a routing key.
        """

    async def publish(self, route: str, items: Sequence[Item]) -> None:
        """Publish one message with these items to routing key `pay.<adapter>.<kind>`.

        Returns when the broker has confirmed it. Raises `Unroutable` if no queue takes it,
        `Unavailable` if the queue is full or it was not confirmed in time (it may have arrived
        nevertheless), and `Refused` for an item no message can carry.
        """

    async def consume(self, adapter: str, handler: Handler, *, prefetch: int) -> Subscription:
        """Call `handler` for every message of the adapter's work queue, in the queue's order.

        `prefetch` is how many messages, each of one or more items, are in hand at a time. The
        adapter is declared if it was not.
        """

    async def reply(self, instance: str, items: Sequence[Item]) -> None:
        """Wake the gateway process `instance`. Best effort: the store knows the answer."""

    async def replies(self, instance: str, handler: ReplyHandler) -> Subscription:
        """Call `handler` for everything sent to `reply(instance)`; one process per name."""
