"""Gathers items while the last batch is under way. There is no waiting window."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from msggw.broker.port import Item

__all__ = ["WAITING_MAX", "Gatherer"]

WAITING_MAX = 100_000
"""Items that wait at most; what comes on top is dropped, because the store knows the answer."""

_log = logging.getLogger(__name__)


class Gatherer:
    """Calls `flush(key, items)` with all that came for a key since; one call at a time."""

    def __init__(self, flush: Callable[[str, Sequence[Item]], Awaitable[None]]) -> None:
        self._flush = flush
        self._waiting: dict[str, list[Item]] = {}
        self._count = 0
        self._task: asyncio.Task[None] | None = None

    def add(self, key: str, items: Sequence[Item]) -> None:
        """Take items; they are flushed soon."""
        room = max(WAITING_MAX - self._count, 0)
        if len(items) > room:
            _log.warning("%d replies dropped: too many wait", len(items) - room)
            items = items[:room]
        if not items:
            return
        self._waiting.setdefault(key, []).extend(items)
        self._count += len(items)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def drain(self) -> None:
        """Wait until everything taken so far was flushed."""
        while self._task is not None:
            await asyncio.wait((self._task,))

    async def abandon(self) -> None:
        """Forget what waits and cancel the flush under way."""
        self._waiting.clear()
        self._count = 0
        if self._task is not None:
            self._task.cancel()
            await self.drain()

    async def _run(self) -> None:
        try:
            while self._waiting:
                key = next(iter(self._waiting))
                items = self._waiting.pop(key)
                self._count -= len(items)
                await self._flush_safely(key, items)
        finally:
            self._task = None

    async def _flush_safely(self, key: str, items: Sequence[Item]) -> None:
        try:
            await self._flush(key, items)
        except Exception:  # noqa: BLE001 - the edge of a task
            _log.exception("%d replies for %s are lost", len(items), key)
