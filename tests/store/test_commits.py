"""The queue before the database, with a writer that does what the test wants."""

from __future__ import annotations

import asyncio

import pytest

from msggw.errors import ConfigurationError, Unavailable
from msggw.store import Change, Outbox, Result, Verdict, commits
from msggw.store.commits import Commits


def change(name: str, size: int = 0) -> Change:
    """A change that weighs this many bytes."""
    return Change(name, outbox=(Outbox(name, "r", bytes(size), 0),))


class Writer:
    """Writes nothing down but the names; waits at the gate; refuses changes named "bad"."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, changes: list[Change]) -> list[Result]:
        """Write a group."""
        self.groups.append([c.transaction_id for c in changes])
        await self.gate.wait()
        if self.error:
            raise self.error
        if any(c.transaction_id == "bad" for c in changes):
            raise ValueError("bad")
        return [Result(Verdict.DONE, c.transaction_id) for c in changes]


@pytest.fixture
def writer() -> Writer:
    """A writer whose gate is shut."""
    return Writer()


def hand_in(queue: Commits, *names: str) -> asyncio.Task[list[Result]]:
    """Commit these changes in one call, without waiting for it."""
    return asyncio.ensure_future(queue.commit([change(name) for name in names]))


async def test_next_group_fills_while_one_is_written(writer: Writer) -> None:
    """What arrives during a write is written together, in the order it came."""
    queue = Commits([writer], group_max=3)
    queue.start()
    calls = [hand_in(queue, "a")]
    await asyncio.sleep(0.01)
    calls += [hand_in(queue, *names) for names in (["b", "c"], ["d", "e"], ["f"])]
    await asyncio.sleep(0.01)
    writer.gate.set()
    results = await asyncio.gather(*calls)
    await queue.close()

    assert writer.groups == [["a"], ["b", "c", "d", "e"], ["f"]]
    assert [[r.transaction_id for r in part] for part in results] == [
        ["a"],
        ["b", "c"],
        ["d", "e"],
        ["f"],
    ]


async def test_group_is_limited_in_bytes(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large changes go in smaller groups."""
    monkeypatch.setattr(commits, "GROUP_BYTES_MAX", 100)
    queue = Commits([writer], group_max=10)
    queue.start()
    writer.gate.set()
    await asyncio.gather(*(queue.commit([change(name, 60)]) for name in "abc"))
    await queue.close()

    assert writer.groups == [["a", "b"], ["c"]]


async def test_impossible_call_is_alone_in_failing(writer: Writer) -> None:
    """A group that cannot be written is written call by call."""
    queue = Commits([writer], group_max=10)
    queue.start()
    writer.gate.set()
    calls = [hand_in(queue, *names) for names in (["a"], ["b", "bad"], ["c"])]
    results = await asyncio.gather(*calls, return_exceptions=True)
    await queue.close()

    assert [type(r) for r in results] == [list, ValueError, list]
    assert writer.groups == [["a", "b", "bad", "c"], ["a"], ["b", "bad"], ["c"]]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unavailable("away"), Unavailable),
        (ConfigurationError("forked"), ConfigurationError),
        (ZeroDivisionError(), Unavailable),
    ],
)
async def test_failure_reaches_everybody_in_the_group(
    writer: Writer, error: Exception, expected: type[Exception]
) -> None:
    """Each call of a failed group gets an error of its own, and the next group is written."""
    queue = Commits([writer], group_max=10)
    queue.start()
    writer.error = error
    writer.gate.set()
    results = await asyncio.gather(hand_in(queue, "a"), hand_in(queue, "b"), return_exceptions=True)
    writer.error = None
    afterwards = await queue.commit([change("c")])
    await queue.close()

    assert [type(r) for r in results] == [expected, expected]
    assert results[0] is not results[1]
    assert afterwards == [Result(Verdict.DONE, "c")]


async def test_too_many_who_wait_are_turned_away(writer: Writer) -> None:
    """The queue has a limit; who is turned away is told so at once."""
    queue = Commits([writer], group_max=1, waiting_max=2)
    queue.start()
    first = hand_in(queue, "a")
    await asyncio.sleep(0.01)
    waiting = hand_in(queue, "b", "c")
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable, match="2 changes wait"):
        await queue.commit([change("d")])
    writer.gate.set()
    await asyncio.gather(first, waiting)
    await queue.close()

    assert writer.groups == [["a"], ["b", "c"]]


async def test_call_that_was_given_up_is_not_written(writer: Writer) -> None:
    """Who stops waiting before the write began has changed nothing."""
    queue = Commits([writer], group_max=10)
    queue.start()
    first = hand_in(queue, "a")
    await asyncio.sleep(0.01)
    second, third = hand_in(queue, "b"), hand_in(queue, "c")
    await asyncio.sleep(0.01)
    first.cancel()
    second.cancel()
    writer.gate.set()
    await third
    fourth = hand_in(queue, "d")
    await asyncio.sleep(0)
    fourth.cancel()
    await queue.close()

    assert writer.groups == [["a"], ["c"]]


async def test_failed_write_of_a_call_that_was_given_up(writer: Writer) -> None:
    """Nobody is left to hear of it."""
    queue = Commits([writer], group_max=10)
    queue.start()
    call = hand_in(queue, "a")
    await asyncio.sleep(0.01)
    call.cancel()
    writer.error = Unavailable("away")
    writer.gate.set()
    await queue.close()

    assert call.cancelled()


async def test_several_writers_share_the_queue(writer: Writer) -> None:
    """While one writes the other takes the next group."""
    other = Writer()
    queue = Commits([writer, other], group_max=1)
    queue.start()
    calls = [hand_in(queue, "a"), hand_in(queue, "b")]
    await asyncio.sleep(0.01)

    assert (writer.groups, other.groups) == ([["a"]], [["b"]])

    writer.gate.set()
    other.gate.set()
    await asyncio.gather(*calls)
    await queue.close()


async def test_closed_queue_takes_nothing(writer: Writer) -> None:
    """Before the start and after the close there is nobody who would write."""
    queue = Commits([writer], group_max=1)
    with pytest.raises(Unavailable):
        await queue.commit([change("a")])
    queue.start()
    await queue.close()
    with pytest.raises(Unavailable):
        await queue.commit([change("a")])
