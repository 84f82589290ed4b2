"""Confirmed publishing, many messages at a time.

RabbitMQ confirms a window of messages at nearly the price of one, so nothing waits for the message
before it. What was not confirmed in time may have arrived all the same: the caller publishes it
again, and the inbox drops the second copy.
"""

from __future__ import annotations

import asyncio
import secrets
from itertools import count
from typing import TYPE_CHECKING

import aiormq

from msggw.broker.rabbitmq.calls import library_calls
from msggw.errors import GatewayError, Unavailable, Unroutable

if TYPE_CHECKING:
    from aiormq.abc import ConfirmationFrameType

    from msggw.broker.rabbitmq.link import Link

__all__ = ["Headers", "Publisher"]

Headers = dict[str, str | int]

_PERSISTENT = 2
_TRANSIENT = 1


class Publisher:
    """`window` messages may be under way; each must be confirmed within `confirm_s`."""

    def __init__(self, link: Link, *, window: int, confirm_s: float) -> None:
        self._link = link
        self._window = asyncio.Semaphore(window)
        self._confirm_s = confirm_s
        # The library finds a returned message by this id, so each publish has its own.
        self._ids = map(f"{secrets.token_hex(6)}-{{}}".format, count(1))

    async def publish(
        self, exchange: str, route: str, body: bytes, headers: Headers | None = None
    ) -> None:
        """Publish and wait for the confirm. Raises `Unroutable` or `Unavailable`."""
        try:
            with library_calls():
                async with asyncio.timeout(self._confirm_s), self._window:
                    await self._basic_publish(exchange, route, body, headers)
        except TimeoutError:
            raise Unavailable(f"{exchange} did not confirm in {self._confirm_s:g} s") from None
        except aiormq.PublishError:
            raise Unroutable(f"{exchange} has no queue for {route}") from None
        except aiormq.DeliveryError:
            raise Unavailable(f"the queue for {route} of {exchange} is full") from None
        except GatewayError:
            raise
        except Exception as error:  # noqa: BLE001 - a channel rejects waiters with what ended it
            reason = type(error).__name__
            raise Unavailable(f"{exchange} did not take a message ({reason})") from None

    async def toss(self, queue: str, body: bytes) -> None:
        """Send a transient message straight to a queue; nobody tells whether it arrived."""
        channel = self._link.session().answering
        properties = aiormq.spec.Basic.Properties(delivery_mode=_TRANSIENT)
        with library_calls():
            async with asyncio.timeout(self._confirm_s):
                await channel.basic_publish(body, routing_key=queue, properties=properties)

    async def _basic_publish(
        self, exchange: str, route: str, body: bytes, headers: Headers | None
    ) -> ConfirmationFrameType | None:
        return await self._link.session().publishing.basic_publish(
            body,
            exchange=exchange,
            routing_key=route,
            properties=aiormq.spec.Basic.Properties(
                delivery_mode=_PERSISTENT,
                message_id=next(self._ids),
                headers={**headers} if headers else None,
            ),
            mandatory=True,
            # The window bounds what is buffered, so a message need not wait for the socket.
            wait=False,
        )
