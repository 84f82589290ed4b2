"""Gathering items while a flush is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from msggw.broker import Item, gathering
from msggw.broker.gathering import Gatherer


class Sink:
    """Notes what is flushed; waits at a gate first."""

    def __init__(self) -> None:
        self.batches: list[tuple[str, list[str]]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, key: str, items: Sequence[Item]) -> None:
        """Flush."""
        await self.gate.wait()
        self.batches.append((key, [item.id for item in items]))


async def test_what_comes_meanwhile_goes_together() -> None:
    """While one batch is on its way, the next one fills, for each key."""
    sink = Sink()
    gatherer = Gatherer(sink)
    sink.gate.clear()

    gatherer.add("x", [Item("1", b"")])
    await asyncio.sleep(0)
    for number in "234":
        gatherer.add("x", [Item(number, b"")])
        gatherer.add("y", [Item(number, b"")])
    sink.gate.set()
    await gatherer.drain()

    assert [("x", ["1"]), ("x", ["2", "3", "4"]), ("y", ["2", "3", "4"])] == sink.batches


async def test_too_many_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded; the earlier ones stay."""
    monkeypatch.setattr(gathering, "WAITING_MAX", 3)
    sink = Sink()
    gatherer = Gatherer(sink)

    gatherer.add("x", [Item(number, b"") for number in "12345"])
    gatherer.add("x", [Item("6", b"")])
    await gatherer.drain()
    gatherer.add("x", [Item("7", b"")])
    await gatherer.drain()

    assert [("x", ["1", "2", "3"]), ("x", ["7"])] == sink.batches


async def test_abandoning_forgets() -> None:
    """What waits and what hangs is given up."""
    sink = Sink()
    gatherer = Gatherer(sink)
    sink.gate.clear()

    gatherer.add("x", [Item("1", b"")])
    await asyncio.sleep(0)
    gatherer.add("x", [Item("2", b"")])
    await gatherer.abandon()
    await gatherer.abandon()

    assert [] == sink.batches
