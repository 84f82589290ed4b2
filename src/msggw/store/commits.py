"""Group commit without a waiting window: while one commit is under way, the next group fills.

Everybody who waits has a future. A database that is slower than what comes in is noticed by the
length of the queue, which has a limit. A group that cannot be written as a whole is written call
by call, so that one impossible change does not take the others with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from msggw.errors import GatewayError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from msggw.store.port import Change, Result

__all__ = ["Commits"]

WAITING_MAX = 20_000
GROUP_BYTES_MAX = 8 * 1024 * 1024

_log = logging.getLogger(__name__)


class Commits:
    """The queue before the database and the tasks that empty it.

    Args:
        writes: Who writes groups, each one at a time. A writer takes a group and returns its
            results in order when they are durable. It raises `GatewayError` if nothing was written
            (or it cannot be known), and `ValueError` if the group holds what cannot be written.
        group_max: How many changes are gathered at most; the changes of one call stay together.
        waiting_max: How many changes may wait before new ones are turned away.
    """

    def __init__(
        self,
        writes: Sequence[Callable[[list[Change]], Awaitable[list[Result]]]],
        *,
        group_max: int,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._writes = writes
        self._group_max = group_max
        self._waiting_max = waiting_max
        self._calls: deque[tuple[Sequence[Change], asyncio.Future[list[Result]]]] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._open = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to write what is handed in."""
        self._open = True
        self._tasks = [asyncio.create_task(self._run(write)) for write in self._writes]

    async def close(self) -> None:
        """Take nothing new, write what was handed in, stop."""
        self._open = False
        self._wake.set()
        tasks, self._tasks = self._tasks, []
        await asyncio.gather(*tasks)

    async def commit(self, changes: Sequence[Change]) -> list[Result]:
        """Wait until these changes are written; see `Store.commit`."""
        if not changes:
            return []
        if not self._open:
            msg = "the store is not open"
            raise Unavailable(msg)
        if self._waiting >= self._waiting_max:
            msg = f"{self._waiting} changes wait for the database already"
            raise Unavailable(msg)
        future: asyncio.Future[list[Result]] = asyncio.get_running_loop().create_future()
        self._calls.append((changes, future))
        self._waiting += len(changes)
        self._wake.set()
        return await future

    async def _run(self, write: Callable[[list[Change]], Awaitable[list[Result]]]) -> None:
        while True:
            if group := self._gather():
                await self._write(write, group)
            elif not self._open:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _gather(self) -> list[tuple[Sequence[Change], asyncio.Future[list[Result]]]]:
        """Take what waits, up to the limits, without the calls that were given up meanwhile."""
        group, size, weight = [], 0, 0
        while self._calls and size < self._group_max and weight < GROUP_BYTES_MAX:
            changes, future = self._calls.popleft()
            self._waiting -= len(changes)
            if not future.done():
                group.append((changes, future))
                size += len(changes)
                weight += sum(map(_bytes_of, changes))
        return group

    async def _write(
        self,
        write: Callable[[list[Change]], Awaitable[list[Result]]],
        group: list[tuple[Sequence[Change], asyncio.Future[list[Result]]]],
    ) -> None:
        try:
            results = await write([change for changes, _ in group for change in changes])
        except GatewayError as error:
            for _, future in group:
                _fail(future, type(error)(*error.args))
        except ValueError as error:
            if len(group) == 1:
                _fail(group[0][1], error)
            else:
                for call in group:
                    await self._write(write, [call])
        except Exception as error:  # noqa: BLE001 - the edge of the task: nobody may wait for ever
            _log.error("the store failed to write a group: %s", type(error).__name__)
            for _, future in group:
                _fail(future, Unavailable(f"the store failed: {type(error).__name__}"))
        else:
            _hand_out(results, group)


def _bytes_of(change: Change) -> int:
    """Return about how many bytes the change brings: what can be large."""
    bodies = sum(len(row.body) for row in change.outbox)
    claim = change.claim
    return bodies if claim is None else bodies + len(claim.body) + len(claim.raw)


def _hand_out(
    results: list[Result], group: list[tuple[Sequence[Change], asyncio.Future[list[Result]]]]
) -> None:
    at = 0
    for changes, future in group:
        end = at + len(changes)
        if not future.done():
            future.set_result(results[at:end])
        at = end


def _fail(future: asyncio.Future[list[Result]], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
