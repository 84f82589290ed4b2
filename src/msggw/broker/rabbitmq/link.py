"""Keeps one session with RabbitMQ alive."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from msggw.broker.rabbitmq.calls import library_calls
from msggw.broker.rabbitmq.session import Session, explained, place_of
from msggw.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Link"]

INSPECT_S_MAX = 3.0
OPEN_S_MAX = 30.0

_log = logging.getLogger(__name__)


class Link:
    """Has a session, or raises `Unavailable`.

    `furnish` makes everything a new session needs: topology and consumers. `inspect` asks the
    broker whether all of it is still there, and raises or says no. `watch_s` is how often a quiet
    session is inspected, and `reconnect_s` is how long the link waits before it tries again,
    doubling up to ten times that.
    """

    def __init__(
        self,
        url: str,
        name: str,
        furnish: Callable[[Session], Awaitable[None]],
        *,
        inspect: Callable[[Session], Awaitable[bool]],
        watch_s: float,
        reconnect_s: float,
    ) -> None:
        self._url = url
        self._place = place_of(url)
        self._name = name
        self._furnish = furnish
        self._inspect = inspect
        self._watch_s = watch_s
        self._reconnect_s = reconnect_s
        self._session: Session | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect; raise `Unavailable` if that fails. From then on the link reconnects itself."""
        self._session = await self._opened()
        self._keeper = asyncio.get_running_loop().create_task(self._keep(self._session))

    async def close(self) -> None:
        """Close the session and keep it closed."""
        if self._keeper is not None:
            self._keeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._keeper
        if self._session is not None:
            await self._session.close()
            self._session = None

    def session(self) -> Session:
        """Return the session that works now; raise `Unavailable` if there is none."""
        if self._session is None or self._session.broken.is_set():
            raise Unavailable(f"not connected to RabbitMQ at {self._place}")
        return self._session

    async def ping(self) -> None:
        """Raise `Unavailable` unless the broker answers and all of ours is there."""
        session = self.session()
        if not await self._well(session):
            session.broken.set()
            raise Unavailable(f"RabbitMQ at {self._place} does not answer as it should")

    async def _keep(self, session: Session) -> None:
        while True:
            await self._while_well(session)
            self._session = None
            _log.warning("lost RabbitMQ at %s; connecting again", self._place)
            await session.abandon()
            session = await self._opened_at_last()
            self._session = session
            _log.info("connected to RabbitMQ at %s again", self._place)

    async def _while_well(self, session: Session) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._watch_s):
                    await session.broken.wait()
                    return
            if not await self._well(session):
                return

    async def _well(self, session: Session) -> bool:
        try:
            with library_calls():
                async with asyncio.timeout(INSPECT_S_MAX):
                    return await self._inspect(session) and not session.broken.is_set()
        except Exception:  # noqa: BLE001 - whatever it is, the session is of no use any more
            return False

    async def _opened_at_last(self) -> Session:
        wait_s = self._reconnect_s
        while True:
            try:
                return await self._opened()
            except Unavailable as reason:
                _log.warning("%s; next try in %.1f s", reason, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, 10 * self._reconnect_s)

    async def _opened(self) -> Session:
        session = Session(self._url, self._name)
        try:
            with library_calls():
                async with asyncio.timeout(OPEN_S_MAX):
                    await session.open()
                    await self._furnish(session)
        except Exception as error:  # noqa: BLE001 - told as what it means
            await session.close()
            raise explained(error, self._place) from None
        except asyncio.CancelledError:
            await session.close()
            raise
        return session
