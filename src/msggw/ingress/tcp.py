"""ISO 8583 over TCP: the listener of one link.

What happens on a connection is in `msggw.ingress.connection`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msggw.canonical import Source, Standard
from msggw.ingress.connection import Connection
from msggw.values import PartnerId

if TYPE_CHECKING:
    from collections.abc import Callable

    from msggw.config import Link
    from msggw.desk import Desk
    from msggw.iso8583 import Codec
    from msggw.observe import Metrics

__all__ = ["LinkServer"]


class LinkServer:
    """Listens for one configured link; all its connections share spec, framing and limits."""

    def __init__(
        self, link: Link, codec: Codec, desk: Desk, metrics: Metrics, log: Callable[..., None]
    ) -> None:
        """Take the parts; `start` listens."""
        self.link = link
        self.codec = codec
        self.desk = desk
        self.metrics = metrics
        self.log = log
        self.connections: set[Connection] = set()
        self.source = Source(
            standard=Standard.ISO8583,
            dialect=link.spec,
            partner=PartnerId(link.partner),
            link=link.name,
        )
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen; return the port (useful when 0 was configured)."""
        loop = asyncio.get_running_loop()
        link = self.link
        self._server = await loop.create_server(lambda: Connection(self), link.host, link.port)
        port: int = self._server.sockets[0].getsockname()[1]
        self.log("link.listening", link=link.name, port=port)
        return port

    def stop_listening(self) -> None:
        """Take no new connection; the present ones go on."""
        if self._server is not None:
            self._server.close()

    async def drain(self, timeout_s: float) -> int:
        """Let requests in flight be answered, then close; return how many were cut off."""
        for connection in self.connections:
            connection.draining = True
        tasks = [task for connection in self.connections for task in connection.tasks]
        cut = 0
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=timeout_s)
            cut = len(left)
        for connection in list(self.connections):
            connection.close("the gateway stops")
        return cut
