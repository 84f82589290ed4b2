"""The reference to beat: the gateway a competent Python developer writes first.

Well-known libraries, used as their tutorials show: pyiso8583, asyncio streams, a pydantic model, an
asyncpg pool with one transaction per message, aio-pika with one publisher confirm per message.
Everything is durable and persistent, nothing is batched. It does no screening, no routing and no
encryption, so it is flattered rather than slighted by the comparison.
"""
