"""The naive gateway: 0100 in over TCP, commit, publish, wait for the reply, commit, 0110 out."""

from __future__ import annotations

import argparse
import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from benchmarks.naive.broker import Broker, add_arguments
from benchmarks.naive.messages import AuthorisationResult, decode_request, encode_response
from benchmarks.naive.store import Store
from benchmarks.naive.until_stopped import until_stopped

ANSWER_SECONDS_MAX = 30


class Gateway:
    """Accepts links, keeps what waits for a reply, and answers out of order."""

    def __init__(self, store: Store, broker: Broker) -> None:
        self._store = store
        self._broker = broker
        self._waiting: dict[UUID, asyncio.Future[AuthorisationResult]] = {}

    async def on_link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one acquirer's link until it closes. Frames carry a 2-byte big-endian length."""
        try:
            async with asyncio.TaskGroup() as requests:
                while True:
                    length = int.from_bytes(await reader.readexactly(2), "big")
                    frame = await reader.readexactly(length)
                    requests.create_task(self._on_request(frame, writer))
        except* (asyncio.IncompleteReadError, ConnectionError):
            pass  # The acquirer hung up; the transactions stand in the database.
        finally:
            writer.close()

    async def on_reply(self, body: bytes) -> None:
        """Commit the outcome, then wake the request that waits for it."""
        result = AuthorisationResult.model_validate_json(body)
        await self._store.finish(result)
        waiting = self._waiting.get(result.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(result)

    async def _on_request(self, frame: bytes, writer: asyncio.StreamWriter) -> None:
        request = decode_request(frame, uuid4(), datetime.now(UTC))
        await self._store.accept(request, frame)
        reply = self._waiting[request.id] = asyncio.get_running_loop().create_future()
        try:
            requests = self._broker.requests
            await self._broker.publish(requests, request.model_dump_json(), str(request.id))
            result = await asyncio.wait_for(reply, ANSWER_SECONDS_MAX)
        finally:
            del self._waiting[request.id]
        answer = encode_response(request, result)
        writer.write(len(answer).to_bytes(2, "big") + answer)
        await writer.drain()


async def serve(port: int, store_url: str, broker_url: str, queue_prefix: str) -> None:
    """Serve until SIGTERM."""
    store = await Store.connect(store_url)
    broker = await Broker.connect(broker_url, queue_prefix)
    gateway = Gateway(store, broker)
    await broker.consume(broker.replies, gateway.on_reply)
    server = await asyncio.start_server(gateway.on_link, "127.0.0.1", port)
    await until_stopped()
    server.close()
    await broker.close()
    await store.close()


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    parser.add_argument("--port", required=True, type=int, help="port to listen on")
    parser.add_argument("--store", required=True, help="URL of the database in PostgreSQL")
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.store, options.broker, options.queue_prefix))


if __name__ == "__main__":
    main()
