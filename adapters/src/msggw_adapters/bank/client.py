"""Posts messages and tells apart what never left from what may have arrived."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx2

if TYPE_CHECKING:
    from msggw_adapters.bank.config import Settings

__all__ = ["Answered", "Doubt", "HttpClient", "NotSent"]

ANSWER_BYTES_MAX = 262_144
_HEADERS = {"content-type": "application/xml", "accept": "application/xml"}
_SENDING = "send_request_headers.started"


class NotSent(Exception):
    """No byte of the request left."""


class Doubt(Exception):
    """The request, or a part of it, left; what became of it is not known."""


class Answered:
    """The bank's answer."""

    def __init__(self, status: int, body: bytes) -> None:
        """Keep status and body."""
        self.status = status
        self.body = body


class HttpClient:
    """One pool of connections to one bank."""

    def __init__(self, settings: Settings) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._http: httpx2.AsyncClient | None = None

    def start(self) -> None:
        """Make the pool; connections open when they are needed."""
        limit = self._settings.connections_max
        self._http = httpx2.AsyncClient(
            headers=_HEADERS,
            limits=httpx2.Limits(max_connections=limit, max_keepalive_connections=limit),
            timeout=httpx2.Timeout(None, connect=self._settings.connect_timeout_s),
        )

    async def stop(self) -> None:
        """Close the pool; what is under way ends in doubt."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def post(self, data: bytes, timeout_s: float) -> Answered:
        """Send and read the whole answer in this time; raise `NotSent` or `Doubt`."""
        if self._http is None:
            raise NotSent("not started")
        sent = False

        async def watch(event: str, info: dict[str, Any]) -> None:
            nonlocal sent
            del info
            sent = sent or event.endswith(_SENDING)

        try:
            async with asyncio.timeout(min(timeout_s, self._settings.timeout_s)):
                return await self._exchange(self._http, data, {"trace": watch})
        except (httpx2.HTTPError, TimeoutError, RuntimeError, OSError) as error:
            # A closed pool is a RuntimeError; `from None` because errors hold the request.
            kind = Doubt if sent else NotSent
            raise kind(type(error).__name__) from None

    async def _exchange(
        self, http: httpx2.AsyncClient, data: bytes, extensions: dict[str, Any]
    ) -> Answered:
        url = self._settings.url
        async with http.stream("POST", url, content=data, extensions=extensions) as response:
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > ANSWER_BYTES_MAX:
                    raise Doubt("the answer is too long")
            return Answered(response.status_code, body)
