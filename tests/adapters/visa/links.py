"""A simulated host and a started adapter on it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from tests.adapter.submissions import context

from msggw.sandbox import VisaHost
from msggw_adapters.visa import create

DIALECTS = [("visa-base1", "vap"), ("iso87-ascii", "binary-2")]


def settings(port: int, dialect: str = "visa-base1", framing: str = "vap", **more) -> dict:
    """Settings of a link to this port."""
    base = {"host": "127.0.0.1", "port": port, "spec": dialect, "framing": framing}
    base |= {"source_station": "111111", "destination_station": "222222"}
    base |= {"timeout_s": 3, "connect_timeout_s": 1, "reconnect_s": 0.02, "stop_s": 1}
    return base | more


@asynccontextmanager
async def visa(dialect: str = "visa-base1", framing: str = "vap", *, lent=None, **more):
    """A host on a free port, and an adapter that is signed on to it."""
    async with VisaHost(dialect=dialect, framing=framing) as sim:
        await sim.listen()
        adapter = create(settings(sim.port, dialect, framing, **more), lent or context())
        await adapter.start()
        try:
            yield sim, adapter
        finally:
            await adapter.stop()


def events(sim: VisaHost) -> dict[str, int]:
    """What the host has counted."""
    return sim.ledger.as_dict()["events"]


async def until(holds, limit_s: float = 5.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(limit_s):
        while not holds():  # noqa: ASYNC110 - what is waited for sends no event
            await asyncio.sleep(0.005)
