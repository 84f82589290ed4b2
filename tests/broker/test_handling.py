"""Verdicts, rungs and attempts."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.broker import Done, Item, Park, Retry, Verdict
from msggw.broker.handling import LADDER_MS, Parked, Policy
from msggw.errors import ConfigurationError

VERDICTS = st.one_of(
    st.just(Done()),
    st.builds(Retry, delay_ms=st.integers(0, 10_000_000), cause=st.just("busy")),
    st.just(Park("hopeless")),
)


async def _nowhere(route: str, item: Item, cause: str) -> None:
    """Park nothing."""


@given(st.lists(st.tuples(VERDICTS, st.integers(1, 10))))
async def test_every_item_has_exactly_one_place(cases: list[tuple[Verdict, int]]) -> None:
    """Each item is done, comes back once and older, or is parked once."""
    items = [Item(str(n), b"", attempt) for n, (_, attempt) in enumerate(cases)]
    verdicts = [verdict for verdict, _ in cases]

    async def handler(route: str, group: Sequence[Item]) -> Sequence[Verdict]:
        return verdicts

    settled = await Policy(_nowhere).handle(handler, "r", items)

    done = [item.id for item, verdict in zip(items, verdicts, strict=True) if verdict == Done()]
    again = {each.item.id: each.item.attempt for each in settled.again}
    placed = [*done, *again, *(each.item.id for each in settled.parked)]
    assert sorted(item.id for item in items) == sorted(placed)
    assert all(again[item.id] == item.attempt + 1 for item in items if item.id in again)


@given(st.integers(0, 10_000_000))
def test_rung_is_the_first_long_enough(delay_ms: int) -> None:
    """No delay is cut short, except those longer than the ladder."""
    rung_ms = Policy(_nowhere).rung(delay_ms)
    shorter = [each for each in LADDER_MS if each < rung_ms]

    assert rung_ms >= min(delay_ms, LADDER_MS[-1])
    assert all(each < delay_ms for each in shorter)


async def test_failing_handler_climbs_the_ladder() -> None:
    """Each failure waits for the next rung; the last rung is waited for again."""

    async def handler(route: str, group: Sequence[Item]) -> Sequence[Verdict]:
        raise OSError

    policy = Policy(_nowhere, ladder_ms=(10, 20), attempts_max=9)
    settled = await policy.handle(handler, "r", [Item("a", b"", n) for n in (1, 2, 3)])

    assert [10, 20, 20] == [again.rung_ms for again in settled.again]


async def test_parking_that_fails_brings_the_item_back() -> None:
    """The item is as old as it was and waits for the last rung."""

    async def on_park(route: str, item: Item, cause: str) -> None:
        raise OSError

    back = await Policy(on_park, ladder_ms=(10, 20)).park("r", Parked(Item("a", b"", 3), "no"))

    assert back is not None
    assert (Item("a", b"", 3), 20) == (back.item, back.rung_ms)


@pytest.mark.parametrize("ladder_ms", [(), (0, 1), (5, 5), (5, 1), (-1,)])
def test_ladder_rises(ladder_ms: tuple[int, ...]) -> None:
    """A ladder that does not rise is a mistake."""
    with pytest.raises(ConfigurationError):
        Policy(_nowhere, ladder_ms=ladder_ms)


def test_one_attempt_is_needed() -> None:
    """Without attempts nothing would ever be handled."""
    with pytest.raises(ConfigurationError):
        Policy(_nowhere, attempts_max=0)
