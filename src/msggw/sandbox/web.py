"""A small HTTP/1.1 server that can misbehave: answer late, drip, break off, or not answer at all.

A real server would protect its clients from all of that, which is why this is not one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from msggw.sandbox.faults import FaultPlan
    from msggw.sandbox.ledger import Ledger

__all__ = ["Admin", "WebRequest", "WebResponse", "WebServer", "as_json"]

HEAD_BYTES_MAX = 16_384
BODY_BYTES_MAX = 1_048_576
IDLE_S_MAX = 120.0
_ADMIN_HELP = "GET /__sim/ledger; GET, POST, DELETE /__sim/faults; DELETE /__sim/links (hosts)"
_PHRASES = {200: "OK", 202: "Accepted", 400: "Bad Request", 404: "Not Found", 413: "Too Large"}


@dataclass(frozen=True)
class WebRequest:
    """One request; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class WebResponse:
    """One answer, and how it is spoilt."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    drip_s: float = 0.0
    silent: bool = False
    """Never answer; the client has to give up."""
    cut_at: int | None = None
    """Break off after so many bytes of the whole answer."""


class WebServer:
    """Serves one handler; `port` is known after `start`."""

    def __init__(self, handler: Callable[[WebRequest], Awaitable[WebResponse]]) -> None:
        """Take the handler of all requests."""
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen; port 0 takes a free one."""
        self._server = await asyncio.start_server(self._connected, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_server runs this in a task
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, EOFError, ValueError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the client went away, or spoke no HTTP: nobody is left to answer
        except asyncio.CancelledError:
            pass  # stopping; a cancelled connection task would only be reported as an error
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            async with asyncio.timeout(IDLE_S_MAX):
                request = await _read(reader)
            response = await self._handler(request)
            if response.silent:
                await reader.read()
                return
            await asyncio.sleep(response.after_s)
            data = _written(response)
            await _send(writer, data[: response.cut_at], response.drip_s)
            if response.cut_at is not None:
                return


class Admin:
    """The admin interface: fault rules and the ledger."""

    def __init__(
        self, faults: FaultPlan, ledger: Ledger, drop_links: Callable[[], int] | None = None
    ) -> None:
        """Show and change these; `drop_links` cuts all links, if there are any."""
        self._faults = faults
        self._drop_links = drop_links
        self._ledger = ledger

    async def __call__(self, request: WebRequest) -> WebResponse:
        """Answer a request below `/__sim`."""
        match request.method, request.path:
            case "GET", "/__sim/ledger":
                return as_json(self._ledger.as_dict())
            case "GET", "/__sim/faults":
                return as_json(self._faults.as_dict())
            case "DELETE", "/__sim/faults":
                self._faults.clear()
                return as_json({})
            case "POST", "/__sim/faults":
                return self._add(request.body)
            case "DELETE", "/__sim/links" if self._drop_links is not None:
                return as_json({"dropped": self._drop_links()})
        return as_json(
            {"error": "GET /__sim/ledger; GET, POST, DELETE /__sim/faults; DELETE /__sim/links"},
            404,
        )

    def _add(self, body: bytes) -> WebResponse:
        try:
            rule = json.loads(body)
            if not isinstance(rule, dict):
                return as_json({"error": "a JSON object is expected"}, 400)
            self._faults.add(rule)
        except ValueError as error:
            return as_json({"error": str(error)}, 400)
        return as_json({"added": rule})


def as_json(value: Any, status: int = 200) -> WebResponse:
    """Return a JSON answer."""
    return WebResponse(status, json.dumps(value).encode())


async def _read(reader: asyncio.StreamReader) -> WebRequest:
    head = await reader.readuntil(b"\r\n\r\n")
    if len(head) > HEAD_BYTES_MAX:
        raise ValueError
    first, *lines = head.decode("latin-1").split("\r\n")[:-2]
    method, path, _version = first.split(" ")
    headers = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    size = int(headers.get("content-length", "0"))
    if not 0 <= size <= BODY_BYTES_MAX:
        raise ValueError
    return WebRequest(method, path.partition("?")[0], headers, await reader.readexactly(size))


def _written(response: WebResponse) -> bytes:
    headers = {
        "content-type": response.content_type,
        "content-length": str(len(response.body)),
        **response.headers,
    }
    lines = [f"HTTP/1.1 {response.status} {_PHRASES.get(response.status, 'Simulated')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + response.body


async def _send(writer: asyncio.StreamWriter, data: bytes, drip_s: float) -> None:
    with contextlib.suppress(ConnectionError):
        for start in range(0, len(data), 1) if drip_s else (0,):
            writer.write(data[start : start + 1] if drip_s else data)
            await writer.drain()
            await asyncio.sleep(drip_s)
