"""The servers the tests run against are real."""

import aio_pika
import asyncpg


async def test_each_test_has_a_database_of_its_own(postgres_database: str) -> None:
    """A test finds an empty database and may do in it what it likes."""
    connection = await asyncpg.connect(postgres_database)
    try:
        await connection.execute("CREATE TABLE t (a int)")
        tables = await connection.fetch("SELECT * FROM pg_tables WHERE schemaname = 'public'")
    finally:
        await connection.close()

    assert 1 == len(tables)


async def test_the_broker_keeps_a_message(rabbitmq_url: str, broker_prefix: str) -> None:
    """What is published on a quorum queue can be fetched from it."""
    connection = await aio_pika.connect(rabbitmq_url)
    async with connection:
        channel = await connection.channel()
        name = f"{broker_prefix}.kept"
        queue = await channel.declare_queue(
            name, durable=True, arguments={"x-queue-type": "quorum"}
        )
        try:
            await channel.default_exchange.publish(aio_pika.Message(b"kept"), name)
            message = await queue.get(timeout=10)
            await message.ack()
        finally:
            await queue.delete(if_unused=False, if_empty=False)

    assert b"kept" == message.body
