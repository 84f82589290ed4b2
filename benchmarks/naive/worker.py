"""The naive worker: take a request from its queue, approve it, publish the reply."""

from __future__ import annotations

import argparse
import asyncio

from benchmarks.naive.broker import Broker, add_arguments
from benchmarks.naive.messages import AuthorisationRequest, AuthorisationResult
from benchmarks.naive.until_stopped import until_stopped


async def serve(broker_url: str, queue_prefix: str) -> None:
    """Work until SIGTERM."""
    broker = await Broker.connect(broker_url, queue_prefix)

    async def handle(body: bytes) -> None:
        request = AuthorisationRequest.model_validate_json(body)
        result = approve(request)
        await broker.publish(broker.replies, result.model_dump_json(), str(result.id))

    await broker.consume(broker.requests, handle)
    await until_stopped()
    await broker.close()


def approve(request: AuthorisationRequest) -> AuthorisationResult:
    """Say yes, as the provider of the other run does."""
    return AuthorisationResult(
        id=request.id,
        outcome="approved",
        response_code="00",
        authorisation_code=request.stan,
    )


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    options = parser.parse_args()
    asyncio.run(serve(options.broker, options.queue_prefix))


if __name__ == "__main__":
    main()
