"""A gateway in which nothing happens by itself: the test is worker, caretaker and clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

import pytest
from tests.flow.acquirer import Acquirer, request
from tests.flow.conftest import NewHouse, new_house
from tests.flow.house import House, until

from msggw.broker import Item
from msggw.canonical import State
from msggw.desk import Clock, system_clock
from msggw.iso8583 import Message
from msggw.store import Stored

__all__ = ["new_house"]


@dataclass
class Still:
    """The idle gateway, what it published, and a clock that can be put forward."""

    house: House
    published: list[tuple[str, Item]] = field(default_factory=list)
    ahead_s: float = 0.0

    def later(self, seconds: float) -> None:
        """Put the clock forward."""
        self.ahead_s += seconds

    async def work(self, at: int = -1, attempt: int = 1) -> list[object]:
        """Let the worker handle something published."""
        route, item = self.published[at]
        item = replace(item, attempt=attempt)
        return list(await self.house.worker.consumer.handle(route, [item]))

    async def accepted(self, message: Message) -> Stored:
        """Wait until a request is in the store."""
        await until(lambda: self.known(message))
        found = await self.house.original(str(message["11"]))
        assert found is not None
        return found

    async def known(self, message: Message) -> bool:
        """Whether a request is in the store."""
        return await self.house.original(str(message["11"])) is not None

    async def state(self, message: Message) -> State:
        """The state of a request."""
        return (await self.accepted(message)).state


@pytest.fixture
async def still(new_house: NewHouse) -> Still:
    """An idle gateway."""
    house = await new_house(idle=True, drain_timeout_s=0.1)
    made = Still(house)
    real = system_clock()
    clock = Clock(lambda: real.now_us() + int(made.ahead_s * 1e6), real.monotonic, real.new_id)
    core = house.core
    core.desk.clock = clock
    for part in (core.desk._intake, core.caretaker, house.worker.consumer):  # noqa: SLF001 - the clock alone
        part._clock = clock  # noqa: SLF001 - as above

    async def publish(route: str, items: Sequence[Item]) -> None:
        made.published += [(route, item) for item in items]

    core.broker.publish = publish  # type: ignore[method-assign]
    return made


@pytest.fixture
async def line(still: Still) -> AsyncIterator[Acquirer]:
    """A connection to its link."""
    async with Acquirer(still.house.ports["acquirer"]) as line:
        yield line


@pytest.fixture
async def sent(still: Still, line: Acquirer) -> Message:
    """A request that was accepted and published, and waits."""
    message = request()
    line.send(message)
    await still.accepted(message)
    await until(lambda: len(still.published), 1)
    await asyncio.sleep(0)
    return message
