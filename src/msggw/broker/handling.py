"""What becomes of a group of items after the handler had it; the same for every broker.

Done items are forgotten. Items to retry come back alone, one attempt older, after a rung of the
ladder. Items whose attempts are used up, or that the handler gave up, are parked.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msggw.broker.port import Done, Handler, Item, OnPark, Park, Retry, Verdict
from msggw.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ATTEMPTS_MAX", "LADDER_MS", "Again", "Parked", "Policy", "Settled"]

LADDER_MS = (1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
"""The waits between attempts, in milliseconds."""

ATTEMPTS_MAX = len(LADDER_MS) + 1
"""How often an item is handled before it is parked: once, and once after each rung."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """An item that comes back after `rung_ms`."""

    item: Item
    rung_ms: int
    cause: str


@dataclass(frozen=True, slots=True)
class Parked:
    """An item that was given up."""

    item: Item
    cause: str


@dataclass(slots=True)
class Settled:
    """What is left to do for a group."""

    again: list[Again] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)


class Policy:
    """When to try again and when to give up."""

    def __init__(
        self,
        on_park: OnPark,
        *,
        ladder_ms: tuple[int, ...] = LADDER_MS,
        attempts_max: int = ATTEMPTS_MAX,
    ) -> None:
        """Take the rungs in milliseconds, rising. Raises `ConfigurationError`."""
        if not ladder_ms or list(ladder_ms) != sorted({*ladder_ms}) or ladder_ms[0] < 1:
            raise ConfigurationError("the retry ladder needs rising waits of at least 1 ms")
        if attempts_max < 1:
            raise ConfigurationError("at least one attempt is needed")
        self.ladder_ms = ladder_ms
        self._on_park = on_park
        self._attempts_max = attempts_max

    async def handle(self, handler: Handler, route: str, items: Sequence[Item]) -> Settled:
        """Let the handler see the items and sort them by its verdicts."""
        try:
            verdicts = await handler(route, items)
            if len(verdicts) != len(items):
                raise TypeError(f"{len(verdicts)} verdicts for {len(items)} items")  # noqa: TRY301 - falls to the same edge
        except Exception as error:  # noqa: BLE001 - the edge of a task
            # Only the kind of error is kept: its text may quote data of the message.
            _log.exception("handler of %s failed with %d items", route, len(items))
            verdicts = [self._after(item, type(error).__name__) for item in items]
        return self._sort(items, verdicts)

    async def park(self, route: str, parked: Parked) -> Again | None:
        """Write a parked item down. If that fails it has to come back, as old as it is."""
        try:
            await self._on_park(route, parked.item, parked.cause)
        except Exception:  # noqa: BLE001 - whatever it is, the item comes back
            _log.exception("parking an item of %s failed; it comes back", route)
            return Again(parked.item, self.ladder_ms[-1], parked.cause)
        _log.warning("item %s of %s parked: %s", parked.item.id, route, parked.cause)
        return None

    def rung(self, delay_ms: int) -> int:
        """Return the first rung that is no shorter than the delay, else the last one."""
        place = bisect_left(self.ladder_ms, delay_ms)
        return self.ladder_ms[min(place, len(self.ladder_ms) - 1)]

    def _after(self, item: Item, cause: str) -> Retry:
        place = min(item.attempt, len(self.ladder_ms)) - 1
        return Retry(self.ladder_ms[max(place, 0)], cause)

    def _sort(self, items: Sequence[Item], verdicts: Sequence[Verdict]) -> Settled:
        settled = Settled()
        for item, verdict in zip(items, verdicts, strict=True):
            match verdict:
                case Done():
                    pass
                case Park(cause):
                    settled.parked.append(Parked(item, cause))
                case Retry(_, cause) if item.attempt >= self._attempts_max:
                    used_up = f"attempt {item.attempt} was the last: {cause}"
                    settled.parked.append(Parked(item, used_up))
                case Retry(delay_ms, cause):
                    older = replace(item, attempt=item.attempt + 1)
                    settled.again.append(Again(older, self.rung(delay_ms), cause))
        return settled
