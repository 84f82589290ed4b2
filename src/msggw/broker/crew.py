"""The tasks that handle what was taken. A lost connection does not cancel them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["Crew"]


class Crew:
    """Runs handlers; knows when the last one is done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def take(
        self, work: Coroutine[None, None, None], done: Callable[[], None] | None = None
    ) -> None:
        """Run the work; call `done` when it ends, however it ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if done is not None:
            task.add_done_callback(lambda _: done())

    def __len__(self) -> int:
        """Return how many are at work."""
        return len(self._tasks)

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def abandon(self) -> None:
        """Cancel what is in hand and wait until it has ended."""
        for task in self._tasks:
            task.cancel()
        await self.idle()
