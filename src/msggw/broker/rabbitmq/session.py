"""One connection to RabbitMQ and the channels in it.

A session is never mended. Whatever breaks in it — the connection, a channel, a consumer that the
broker cancelled, a probe without answer — sets `broken`, and the link builds a new session from
nothing. So there is one way to recover, and it is the way every process starts.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, urlsplit

import aio_pika
import aiormq

from msggw.broker.rabbitmq.calls import library_calls
from msggw.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection

__all__ = ["Session", "place_of"]

HEARTBEAT_S = 10
CONNECT_S_MAX = 10.0
CLOSE_S_MAX = 5.0
DISCONNECT_S_MAX = 2.0


class Session:
    """Channels for three uses: confirmed publishing, replies without confirms, and control."""

    def __init__(self, url: str, name: str) -> None:
        """Take the broker's URL and the name to show in the broker's list of connections."""
        self._url = url
        self._name = name
        self.place = place_of(url)
        self._connection: AbstractConnection | None = None
        self._channels: list[AbstractChannel] = []
        self.broken = asyncio.Event()
        self.publishing: aiormq.Channel
        self.answering: aiormq.Channel
        self.control: aiormq.Channel

    async def open(self) -> None:
        """Connect; raise `Unavailable` with what to do about it. The caller sets a limit."""
        try:
            self._connection = await self._connect()
            self.publishing = await self.channel(confirms=True)
            self.answering = await self.channel()
            self.control = await self.channel()
        except Exception as error:  # noqa: BLE001 - told as what it means
            await self.close()
            raise explained(error, self.place) from None

    async def channel(self, *, confirms: bool = False) -> aiormq.Channel:
        """Open a channel whose end is the end of the session.

        It is the library's lower channel: the upper one costs half as much again per message.
        """
        if self._connection is None:
            raise Unavailable(f"not connected to RabbitMQ at {self.place}")
        channel = self._connection.channel(publisher_confirms=confirms, on_return_raises=confirms)
        await channel
        raw = cast("aiormq.Channel", await channel.get_underlay_channel())
        raw.closing.add_done_callback(lambda _: self.broken.set())
        raw.on_consumer_cancel_callbacks.add(lambda _: self.broken.set())
        # Held, or the library closes it.
        self._channels.append(channel)
        return raw

    async def close(self) -> None:
        """Close the channels, which sends what is still to be written, then the connection."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(Exception), library_calls():
            async with asyncio.timeout(CLOSE_S_MAX):
                for channel in self._channels:
                    if not channel.is_closed:
                        await channel.close()
        await self._disconnect(connection)

    async def abandon(self) -> None:
        """Close the connection without the channels: nobody may be listening any more."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._disconnect(connection)

    @staticmethod
    async def _disconnect(connection: AbstractConnection) -> None:
        with suppress(Exception), library_calls():
            async with asyncio.timeout(DISCONNECT_S_MAX):
                await connection.close()

    async def _connect(self) -> AbstractConnection:
        # The library puts further arguments into the URL, where the user's own must win.
        asked = parse_qs(urlsplit(self._url).query).get("heartbeat")
        return await aio_pika.connect(
            self._url,
            timeout=CONNECT_S_MAX,
            client_properties={"connection_name": self._name},
            connection_class=aio_pika.Connection,
            heartbeat=asked[-1] if asked else HEARTBEAT_S,
        )


def place_of(url: str) -> str:
    """Return host and port, never the user or the password."""
    try:
        parts = urlsplit(url)
        port = parts.port or (5671 if parts.scheme == "amqps" else 5672)
    except ValueError:
        raise ConfigurationError("the broker's URL has a port that is no number") from None
    return f"{parts.hostname or 'localhost'}:{port}"


def explained(error: Exception, place: str) -> Unavailable:
    """Turn what the library raises into a text that says what to do."""
    if isinstance(error, Unavailable):
        return error
    match error:
        case aiormq.AuthenticationError() | aiormq.exceptions.ProbableAuthenticationError():
            advice = "refused the login: check user, password and virtual host in the broker URL"
        case aiormq.exceptions.ConnectionNotAllowed() | aiormq.exceptions.InvalidFrameError():
            # RabbitMQ closes the connection where the library expects it to open.
            advice = "refused the virtual host: check the path of the broker URL"
        case aiormq.ChannelAccessRefused():
            advice = "lets this user not declare our queues: grant configure, write and read"
        case aiormq.ChannelPreconditionFailed():
            # The reply text names the queue and the argument that differs.
            advice = f"has them otherwise; delete them or use another prefix: {error.args[0]}"
        case OSError() | TimeoutError() | aiormq.AMQPConnectionError():
            advice = "does not answer: start it, or correct the broker URL"
        case _:
            advice = f"cannot be used ({type(error).__name__})"
    return Unavailable(f"RabbitMQ at {place} {advice}")
