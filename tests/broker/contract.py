"""What every broker promises. The classes in `test_contract.py` run it on each implementation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from tests.broker.conftest import LADDER_MS, NewBroker, Parked, Recorder, until

from msggw.broker import Done, Item, Park, Retry, Verdict
from msggw.errors import ConfigurationError, Unavailable, Unroutable


def items(*ids: str) -> list[Item]:
    """Items on their first attempt."""
    return [Item(id_, f"body of {id_}".encode()) for id_ in ids]


class BrokerContract:
    """The subclass provides the fixture `new_broker`."""

    async def test_every_item_is_handled(self, new_broker: NewBroker) -> None:
        """What was published reaches the handler whole, with its routing key."""
        broker, handler = await new_broker(), Recorder()
        await broker.consume("visa", handler, prefetch=10)
        sent = [Item("a", b"\x00\xff", 2), Item("b", b"")]

        await broker.publish("pay.visa.authorise", sent)
        await until(lambda: len(handler.seen) == 2)

        assert [("pay.visa.authorise", item) for item in sent] == handler.seen

    async def test_group_stays_together(self, new_broker: NewBroker) -> None:
        """The items of one publish come in one call."""
        broker, handler = await new_broker(), Recorder()
        await broker.consume("visa", handler, prefetch=10)

        await broker.publish("pay.visa.authorise", items("a", "b", "c"))
        await broker.publish("pay.visa.authorise", items("d"))
        await until(lambda: len(handler.seen) == 4)

        assert [items("a", "b", "c"), items("d")] == handler.groups

    async def test_nothing_is_published_for_no_items(self, new_broker: NewBroker) -> None:
        """An empty group is no message."""
        broker, handler = await new_broker(), Recorder()
        await broker.consume("visa", handler, prefetch=10)

        await broker.publish("pay.visa.authorise", [])
        await broker.publish("pay.visa.authorise", items("a"))
        await until(lambda: handler.groups)

        assert [items("a")] == handler.groups

    async def test_order_within_a_queue(self, new_broker: NewBroker) -> None:
        """Groups reach the handler in the order in which they were published."""
        broker, handler = await new_broker(), Recorder()
        ids = [str(number) for number in range(200)]

        await broker.declare(["visa"])
        for id_ in ids:
            await broker.publish("pay.visa.authorise", items(id_))
        await broker.consume("visa", handler, prefetch=7)
        await until(lambda: len(handler.seen) == len(ids))

        assert ids == handler.ids

    async def test_work_waits_for_its_consumer(self, new_broker: NewBroker) -> None:
        """Work published before anybody consumes is handled later."""
        broker, handler = await new_broker(), Recorder()
        await broker.declare(["visa", "bank"])

        await broker.publish("pay.visa.authorise", items("a"))
        await broker.publish("pay.bank.transfer", items("b"))
        await broker.consume("bank", handler, prefetch=1)
        await until(lambda: handler.seen)

        assert ["b"] == handler.ids

    async def test_declaring_twice_changes_nothing(self, new_broker: NewBroker) -> None:
        """Declaring again keeps what waits in the queue."""
        broker, handler = await new_broker(), Recorder()
        await broker.declare(["visa"])
        await broker.publish("pay.visa.authorise", items("a"))

        await broker.declare(["visa", "visa"])
        await broker.consume("visa", handler, prefetch=1)
        await until(lambda: handler.seen)

        assert ["a"] == handler.ids

    @pytest.mark.parametrize("route", ["pay.nobody.authorise", "pay.visa", "other.visa.x", ""])
    async def test_unroutable_is_told(self, new_broker: NewBroker, route: str) -> None:
        """Publishing to where no queue is bound raises; nothing vanishes."""
        broker = await new_broker()
        await broker.declare(["visa"])

        with pytest.raises(Unroutable):
            await broker.publish(route, items("a"))

    @pytest.mark.parametrize("name", ["", "a.b", "*", "#", "x" * 65, "é"])
    async def test_names_with_wildcards_are_refused(self, new_broker: NewBroker, name: str) -> None:
        """An adapter's name is one plain word of a routing key."""
        broker = await new_broker()

        with pytest.raises(ConfigurationError):
            await broker.declare([name])

    async def test_each_item_has_its_own_verdict(
        self, new_broker: NewBroker, parked: Parked
    ) -> None:
        """Of one group, one item is done, one comes back alone, one is parked."""
        verdicts: dict[str, Verdict] = {"again": Retry(1, "busy"), "park": Park("hopeless")}

        def verdict(item: Item) -> Verdict:
            return verdicts.get(item.id, Done()) if item.attempt == 1 else Done()

        broker, handler = await new_broker(), Recorder(verdict)
        await broker.consume("visa", handler, prefetch=10)
        done, again, park = items("done", "again", "park")

        await broker.publish("pay.visa.authorise", [done, again, park])
        await until(lambda: len(handler.groups) == 2 and parked.seen)

        assert [[done, again, park], [Item("again", again.body, 2)]] == handler.groups
        assert [("pay.visa.authorise", park, "hopeless")] == parked.seen

    @pytest.mark.parametrize("delay_ms", [0, 1, LADDER_MS[0], LADDER_MS[0] + 1])
    async def test_retry_comes_not_before_its_rung(
        self, new_broker: NewBroker, delay_ms: int
    ) -> None:
        """An item comes back one attempt older, after the first rung that is long enough."""
        times: list[float] = []

        def verdict(item: Item) -> Verdict:
            times.append(time.monotonic())
            return Retry(delay_ms, "busy") if item.attempt == 1 else Done()

        broker, handler = await new_broker(), Recorder(verdict)
        await broker.consume("visa", handler, prefetch=1)
        rung_s = next(rung for rung in LADDER_MS if rung >= delay_ms) / 1000

        await broker.publish("pay.visa.reverse", items("a"))
        await until(lambda: len(handler.seen) == 2)

        assert [("pay.visa.reverse", 1), ("pay.visa.reverse", 2)] == [
            (route, item.attempt) for route, item in handler.seen
        ]
        # Clocks of two processes: a little early is the clock, not the broker.
        assert times[1] - times[0] > rung_s - 0.02

    async def test_attempts_have_an_end(self, new_broker: NewBroker, parked: Parked) -> None:
        """Whoever only ever retries is parked after the last attempt, with the last cause."""
        broker = await new_broker()
        handler = Recorder(lambda _: Retry(0, "still busy"))
        await broker.consume("visa", handler, prefetch=1)

        await broker.publish("pay.visa.authorise", items("a"))
        await until(lambda: parked.seen)

        assert [1, 2, 3] == [item.attempt for _, item in handler.seen]
        assert [("a", 3, "attempt 3 was the last: still busy")] == [
            (item.id, item.attempt, cause) for _, item, cause in parked.seen
        ]

    async def test_failing_handler_retries_all(self, new_broker: NewBroker, parked: Parked) -> None:
        """A handler that raises sees each item again, alone; the error's text is not kept."""
        calls: list[list[str]] = []

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            calls.append([item.id for item in group])
            raise ValueError("4111111111111111")

        broker = await new_broker(attempts_max=2)
        await broker.consume("visa", handler, prefetch=5)

        await broker.publish("pay.visa.authorise", items("a", "b"))
        await until(lambda: len(parked.seen) == 2)

        assert [["a", "b"], ["a"], ["b"]] == [calls[0], *sorted(calls[1:])]
        assert {"attempt 2 was the last: ValueError"} == {cause for *_, cause in parked.seen}

    async def test_wrong_number_of_verdicts_is_a_failure(
        self, new_broker: NewBroker, parked: Parked
    ) -> None:
        """No item is lost because a handler forgot its verdict."""

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            return [Done()] * (len(group) - 1)

        broker = await new_broker(attempts_max=1)
        await broker.consume("visa", handler, prefetch=5)

        await broker.publish("pay.visa.authorise", items("a", "b"))
        await until(lambda: len(parked.seen) == 2)

        assert {"a", "b"} == {item.id for _, item, _ in parked.seen}

    async def test_failing_to_park_brings_the_item_back(
        self, new_broker: NewBroker, parked: Parked
    ) -> None:
        """As long as nobody wrote the parked item down it is not let go, nor does it get older."""
        broker, handler = await new_broker(), Recorder(lambda _: Park("hopeless"))
        parked.fails = 1
        await broker.consume("visa", handler, prefetch=5)

        await broker.publish("pay.visa.authorise", items("a"))
        await until(lambda: parked.seen)

        assert [*items("a"), *items("a")] == [item for _, item in handler.seen]

    async def test_prefetch_is_respected(self, new_broker: NewBroker) -> None:
        """No more groups are in hand than were asked for."""
        in_hand, most, handled = 0, 0, 0

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            nonlocal in_hand, most, handled
            in_hand += 1
            most = max(most, in_hand)
            await asyncio.sleep(0.01)
            in_hand -= 1
            handled += 1
            return [Done()] * len(group)

        broker = await new_broker()
        await broker.declare(["visa"])
        for number in range(12):
            await broker.publish("pay.visa.authorise", items(str(number)))
        await broker.consume("visa", handler, prefetch=3)
        await until(lambda: handled == 12)

        assert 3 == most

    async def test_stop_drains(self, new_broker: NewBroker) -> None:
        """After stop, what was taken is done, and what came later waits for the next consumer."""
        begun, go_on, finished = asyncio.Event(), asyncio.Event(), []

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            begun.set()
            await go_on.wait()
            finished.extend(item.id for item in group)
            return [Done()] * len(group)

        broker, later = await new_broker(), Recorder()
        subscription = await broker.consume("visa", handler, prefetch=1)
        await broker.publish("pay.visa.authorise", items("taken"))
        await begun.wait()

        stopping = asyncio.create_task(subscription.stop())
        await asyncio.sleep(0.05)
        await broker.publish("pay.visa.authorise", items("later"))
        still_waiting = not stopping.done()
        go_on.set()
        await stopping
        await broker.consume("visa", later, prefetch=1)
        await until(lambda: later.seen)

        assert still_waiting
        assert (["taken"], ["later"]) == (finished, later.ids)

    async def test_stopping_twice_is_harmless(self, new_broker: NewBroker) -> None:
        """Stop and close may both want to stop a consumer."""
        broker = await new_broker()
        subscription = await broker.consume("visa", Recorder(), prefetch=1)

        await subscription.stop()
        await subscription.stop()
        await broker.close()

    async def test_close_waits_for_handlers(self, new_broker: NewBroker) -> None:
        """Close lets what is in hand finish."""
        begun, finished = asyncio.Event(), []

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            begun.set()
            await asyncio.sleep(0.05)
            finished.extend(item.id for item in group)
            return [Done()] * len(group)

        broker = await new_broker()
        await broker.consume("visa", handler, prefetch=1)
        await broker.publish("pay.visa.authorise", items("a"))
        await begun.wait()

        await broker.close()

        assert ["a"] == finished

    async def test_close_does_not_wait_for_ever(self, new_broker: NewBroker) -> None:
        """A handler that hangs is cancelled when the limit is over."""
        begun, cancelled = asyncio.Event(), asyncio.Event()

        async def handler(_: str, group: Sequence[Item]) -> Sequence[Verdict]:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                cancelled.set()
            return [Done()] * len(group)

        broker = await new_broker(drain_s=0.01)
        await broker.consume("visa", handler, prefetch=1)
        await broker.publish("pay.visa.authorise", items("a"))
        await begun.wait()

        await broker.close()

        assert cancelled.is_set()

    async def test_replies_reach_only_their_instance(self, new_broker: NewBroker) -> None:
        """Replies go to the process they name, in order, and to no other."""
        broker = await new_broker()
        seen: dict[str, list[Item]] = {"one": [], "two": []}
        for instance, mailbox in seen.items():

            async def handler(replies: Sequence[Item], mailbox: list[Item] = mailbox) -> None:
                mailbox.extend(replies)

            await broker.replies(instance, handler)

        for number in range(50):
            await broker.reply("one", items(f"one-{number}"))
            await broker.reply("two", items(f"two-{number}"))
        await until(lambda: len(seen["one"]) == len(seen["two"]) == 50)

        assert seen == {name: items(*(f"{name}-{n}" for n in range(50))) for name in seen}

    async def test_reply_to_nobody_is_no_error(self, new_broker: NewBroker) -> None:
        """A process that is gone needs no reply: the store knows the answer."""
        broker = await new_broker()

        await broker.reply("gone", items("a"))
        await broker.ping()

    async def test_failing_reply_handler_hurts_only_itself(self, new_broker: NewBroker) -> None:
        """After a handler raised, the next replies come all the same."""
        broker = await new_broker()
        seen: list[Item] = []

        async def handler(replies: Sequence[Item]) -> None:
            if replies[0].id == "bad":
                raise ValueError
            seen.extend(replies)

        subscription = await broker.replies("one", handler)
        await broker.reply("one", items("bad"))
        await asyncio.sleep(0.1)
        await broker.reply("one", items("good"))
        await until(lambda: seen)
        await subscription.stop()

        assert items("good") == seen

    async def test_closed_broker_is_unavailable(self, new_broker: NewBroker) -> None:
        """Nothing is accepted after close."""
        broker = await new_broker()
        await broker.declare(["visa"])
        await broker.ping()
        await broker.close()

        with pytest.raises(Unavailable):
            await broker.ping()
        with pytest.raises(Unavailable):
            await broker.publish("pay.visa.authorise", items("a"))
        with pytest.raises(Unavailable):
            await broker.consume("visa", Recorder(), prefetch=1)
        await broker.close()
