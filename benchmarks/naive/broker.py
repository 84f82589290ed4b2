"""The naive gateway's use of RabbitMQ: two durable queues, one confirm and one ack per message."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue, AbstractRobustConnection

__all__ = ["Broker", "add_arguments"]

PREFETCH = 100


@dataclass(frozen=True)
class Broker:
    """One connection, one channel with publisher confirms, a queue each way."""

    connection: AbstractRobustConnection
    exchange: aio_pika.abc.AbstractExchange
    requests: AbstractQueue
    replies: AbstractQueue

    @classmethod
    async def connect(cls, url: str, prefix: str) -> Broker:
        """Connect and declare `<prefix>.requests` and `<prefix>.replies`."""
        connection = await aio_pika.connect_robust(url)
        channel = await connection.channel(publisher_confirms=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        requests = await channel.declare_queue(f"{prefix}.requests", durable=True)
        replies = await channel.declare_queue(f"{prefix}.replies", durable=True)
        return cls(connection, channel.default_exchange, requests, replies)

    async def publish(self, queue: AbstractQueue, body: str, message_id: str) -> None:
        """Send one persistent message and wait until the broker has it."""
        message = aio_pika.Message(
            body.encode(),
            content_type="application/json",
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message_id,
        )
        await self.exchange.publish(message, routing_key=queue.name)

    async def consume(
        self, queue: AbstractQueue, handle: Callable[[bytes], Awaitable[None]]
    ) -> None:
        """Hand on every body of the queue; a message is acknowledged once it was handled."""

        async def on_message(message: AbstractIncomingMessage) -> None:
            async with message.process():
                await handle(message.body)

        await queue.consume(on_message)

    async def close(self) -> None:
        """Close the connection; what was not acknowledged goes back to its queue."""
        await self.connection.close()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options both processes need to find the broker."""
    parser.add_argument("--broker", required=True, help="URL of RabbitMQ")
    parser.add_argument("--queue-prefix", required=True, help="first part of the queues' names")
