"""One message of a work queue, when nothing around it works."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.broker.conftest import Parked, Recorder

from msggw.broker import Done, Item, Park, Retry, Topology, Verdict
from msggw.broker.handling import Policy
from msggw.broker.rabbitmq import worker
from msggw.broker.rabbitmq.frame import decode, encode
from msggw.broker.rabbitmq.tap import Delivery
from msggw.broker.rabbitmq.worker import Worker
from msggw.errors import Unavailable

ROUTE = "pay.visa.authorise"
ITEMS = [Item("a", b"1"), Item("b", b"2")]


class Channel:
    """Notes what the broker is told about the message."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.is_closed = False

    async def basic_ack(self, tag: int, *, wait: bool) -> None:
        """Note it, as the library would send it."""
        if self.is_closed:
            raise RuntimeError
        self.told.append("ack")

    async def basic_reject(self, tag: int, *, requeue: bool, wait: bool) -> None:
        """Note it, as the library would send it."""
        if self.is_closed:
            raise RuntimeError
        self.told.append("requeue" if requeue else "drop")


class Publisher:
    """Fails as often as it is told to, then notes what is published."""

    def __init__(self, channel: Channel, *failures: Exception) -> None:
        self.channel = channel
        self.failures = list(failures)
        self.closes_channel = False
        self.sent: list[tuple[str, str, int]] = []

    async def publish(
        self, exchange: str, route: str, body: bytes, headers: dict[str, str | int]
    ) -> None:
        """Publish, or not."""
        if self.closes_channel:
            self.channel.is_closed = True
        if self.failures:
            raise self.failures.pop(0)
        (item,) = decode(body)
        self.sent.append((exchange, item.id, headers["x-msggw-attempt"]))


class Scene:
    """A worker and one message."""

    def __init__(self, verdicts: Sequence[Verdict], *failures: Exception) -> None:
        chosen = dict(zip((item.id for item in ITEMS), verdicts, strict=True))
        self.channel = Channel()
        self.publisher = Publisher(self.channel, *failures)
        self.handler = Recorder(lambda item: chosen[item.id])
        self.parked = Parked()
        policy = Policy(self.parked, ladder_ms=(10, 20), attempts_max=3)
        self.worker = Worker(self.handler, policy, self.publisher, Topology("t", (10, 20)))

    async def play(self, **headers: int) -> list[str]:
        """Let the worker take the message; return what the broker was told."""
        await self.worker.take(Delivery(ROUTE, encode(ITEMS), headers, 1, self.channel))
        return self.channel.told


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait next to nothing between two tries."""
    monkeypatch.setattr(worker, "_PAUSE_S_MIN", 0.001)


async def test_done_is_acknowledged() -> None:
    """Nothing is published for what is done."""
    scene = Scene([Done(), Done()])

    assert (["ack"], []) == (await scene.play(), scene.publisher.sent)


async def test_acknowledged_after_every_item_found_its_place() -> None:
    """Full rungs are tried until they take the item; only then is the message acknowledged."""
    scene = Scene([Retry(15, "busy"), Done()], Unavailable("full"), Unavailable("full"))

    assert ["ack"] == await scene.play()
    assert [("t.delay.20", "a", 2)] == scene.publisher.sent


async def test_nothing_is_told_on_a_channel_that_ended() -> None:
    """With the channel gone the message comes again, so nobody tries to place its items."""
    scene = Scene([Retry(15, "busy"), Done()], *[Unavailable("gone")] * 100)
    scene.publisher.closes_channel = True

    assert [] == await scene.play()
    assert 99 == len(scene.publisher.failures)


async def test_acknowledging_too_late_is_no_error() -> None:
    """A channel may end at any moment; then the message comes again."""
    scene = Scene([Done(), Done()])
    scene.channel.is_closed = True

    assert [] == await scene.play()


@pytest.mark.parametrize(("closed", "told"), [(False, ["requeue"]), (True, [])])
async def test_what_nobody_expected_puts_the_message_back(closed: bool, told: list[str]) -> None:
    """A mistake of ours loses nothing: the broker counts and delivers again."""
    scene = Scene([Retry(15, "busy"), Done()], ZeroDivisionError())
    scene.publisher.closes_channel = closed

    assert told == await scene.play()


async def test_mirror_of_parked_work_is_not_needed() -> None:
    """The store has it; a park queue that takes nothing holds up nobody."""
    scene = Scene([Park("no"), Done()], Unavailable("gone"))

    assert ["ack"] == await scene.play()
    assert [(ROUTE, ITEMS[0], "no")] == scene.parked.seen


async def test_store_that_is_down_sends_parked_work_to_the_last_rung() -> None:
    """As long as nobody wrote it down it comes back, no older."""
    scene = Scene([Park("no"), Done()])
    scene.parked.fails = 1

    assert ["ack"] == await scene.play()
    assert [("t.delay.20", "a", 1)] == scene.publisher.sent


@pytest.mark.parametrize("returns", [2, 9])
async def test_group_that_was_never_settled_is_taken_apart(returns: int) -> None:
    """The handler does not see it; each item takes the first rung, no older."""
    scene = Scene([Done(), Done()])

    assert ["ack"] == await scene.play(**{"x-delivery-count": returns})
    assert [("t.delay.10", "a", 1), ("t.delay.10", "b", 1)] == scene.publisher.sent
    assert [] == scene.handler.seen


async def test_last_delivery_parks() -> None:
    """Before the broker gives a message up, we write it down."""
    scene = Scene([Done(), Done()])

    assert ["ack"] == await scene.play(**{"x-delivery-count": 10})
    assert {"delivered 11 times and never settled"} == {cause for *_, cause in scene.parked.seen}
    assert [("t.park", "a", 1), ("t.park", "b", 1)] == scene.publisher.sent
