"""uvicorn with a deadline: no sender may take longer than the limit to send a request.

No Python HTTP server cuts a slow body, so the protocol arms one timer when a connection opens or
a request begins, and closes the connection when the request has not arrived completely in time.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from fastapi import FastAPI

    from msggw.config import Bind

__all__ = ["HttpServer"]

BACKLOG = 2048
_DONE_STATES = ("DONE", "MUST_CLOSE", "CLOSED", "ERROR")


class _DeadlineProtocol(H11Protocol):
    """H11Protocol with an absolute deadline for receiving each request."""

    receive_timeout_s: float
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Stop the clock when the request is complete."""
        if self._deadline is None:
            self._arm()
        super().data_received(data)
        if repr(self.conn.their_state) in _DONE_STATES:
            self._disarm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._disarm()
        super().connection_lost(exc)

    def _arm(self) -> None:
        self._deadline = self.loop.call_later(self.receive_timeout_s, self._cut)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut(self) -> None:
        self._deadline = None
        if not self.transport.is_closing():
            self.transport.abort()


def _protocol(receive_timeout_s: float) -> type[H11Protocol]:
    return type("DeadlineProtocol", (_DeadlineProtocol,), {"receive_timeout_s": receive_timeout_s})


class HttpServer:
    """uvicorn inside our own event loop and lifecycle."""

    def __init__(self, app: FastAPI, bind: Bind, *, receive_timeout_s: float) -> None:
        """Take the application and where to listen."""
        self._bind = bind
        config = uvicorn.Config(
            app,
            http=_protocol(receive_timeout_s),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=65_536,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; return the port. Raises `OSError` if the address is taken."""
        bind, server = self._bind, self._server
        listener = socket.create_server((bind.host, bind.port), backlog=BACKLOG)
        # uvicorn would take SIGTERM for itself; the gateway's lifecycle owns it.
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # on purpose
        self._task = asyncio.create_task(server.serve([listener]), name="http")
        while not server.started:  # noqa: ASYNC110 - uvicorn has a flag and no event
            await asyncio.sleep(0.005)
        port: int = listener.getsockname()[1]
        return port

    async def stop(self, timeout_s: float) -> None:
        """Stop listening, let requests finish within the limit, then cut the rest."""
        self._server.should_exit = True
        if self._task is None:
            return
        done, _ = await asyncio.wait({self._task}, timeout=timeout_s)
        if not done:
            self._server.force_exit = True
            await asyncio.wait({self._task}, timeout=1)
