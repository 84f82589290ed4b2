import asyncio

import pytest

from msggw.errors import Unavailable
from msggw.observe import Health
from msggw.observe import health as module


async def fine() -> None:
    """A part that serves."""


async def absent() -> None:
    """A part that does not."""
    raise Unavailable("no broker")


async def silent() -> None:
    """A part that never answers."""
    await asyncio.sleep(60)


async def test_ready_is_when_every_part_is_and_the_process_runs() -> None:
    """Neither while it starts nor while it drains."""
    health = Health({"store": fine})

    assert (False, {"store": "ok", "process": "starting"}) == await health.readiness()
    health.started = True
    assert (True, {"store": "ok"}) == await health.readiness()
    health.draining = True
    assert (False, {"store": "ok", "process": "draining"}) == await health.readiness()


async def test_a_part_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs is given up after a while; what is no outage is a defect and raised."""
    monkeypatch.setattr(module, "CHECK_TIMEOUT_S", 0.01)
    health = Health({"broker": absent, "store": silent})
    health.started = True

    assert (False, {"broker": "no broker", "store": "TimeoutError"}) == await health.readiness()
