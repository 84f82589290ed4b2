"""The intake: the one loop through which every new transaction passes, in groups.

While one group is looked up, decided and committed, the next one fills; there is no waiting window,
so a single message is a group of one. Publishing follows the commit and does not hold up the next
group: if it fails, the outbox row is still there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from msggw.broker import Item
from msggw.desk.accepting import acceptance, decide, inbox_key, question, work_of
from msggw.desk.incoming import prepare
from msggw.desk.records import Answer, Records
from msggw.desk.work import seal_work, work_id
from msggw.errors import Unavailable
from msggw.store import Verdict

if TYPE_CHECKING:
    from msggw.broker import Broker
    from msggw.desk.clock import Clock
    from msggw.desk.incoming import Incoming, Prepared
    from msggw.keys import Keys
    from msggw.pipeline import Flow, Policy
    from msggw.store import Store, Stored, UsageOf

__all__ = ["Accepted", "Intake"]

GROUP_MAX = 256
WAITING_MAX = 20_000
LEASE_US = 15_000_000
"""The relay leaves an outbox row alone this long: the publish after the commit comes first."""


class Accepted:
    """What became of a message: an answer that is known already, or a transaction to wait for."""

    __slots__ = ("answer", "prepared", "stored")

    def __init__(
        self, prepared: Prepared, answer: Answer | None, stored: Stored | None = None
    ) -> None:
        """Keep what is known."""
        self.prepared = prepared
        self.answer = answer
        self.stored = stored

    @property
    def transaction_id(self) -> str:
        """The transaction to wait for: the stored one if this was a repeat."""
        return self.prepared.live.id if self.stored is None else self.stored.transaction_id


class Intake:
    """Accepts messages in groups."""

    def __init__(
        self,
        *,
        store: Store,
        broker: Broker,
        keys: Keys,
        policy: Policy,
        clock: Clock,
        instance: str,
    ) -> None:
        """Take the parts; `start` begins the loop."""
        self._store = store
        self._broker = broker
        self._policy = policy
        self._clock = clock
        self._instance = instance
        self._records = Records(keys)
        self._waiting: list[tuple[Prepared, asyncio.Future[Accepted]]] = []
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to serve groups."""
        self._task = asyncio.create_task(self._serve(), name="intake")

    async def stop(self) -> None:
        """Finish what was handed in and published, then end the loop."""
        while self._waiting:
            await asyncio.wait([future for _, future in self._waiting])
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._publishing:
            await asyncio.gather(*self._publishing, return_exceptions=True)

    async def accept(self, incoming: Incoming) -> Accepted:
        """Return once the message is durably accepted, or answered from the store.

        Raises `Unavailable` if it was not accepted (full, or the store does not answer).
        """
        if len(self._waiting) >= WAITING_MAX:
            msg = "too many messages wait to be accepted"
            raise Unavailable(msg)
        prepared = prepare(incoming, self._clock, self._records.keys, self._instance)
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        self._waiting.append((prepared, future))
        self._arrived.set()
        return await future

    async def _serve(self) -> None:
        while True:
            await self._arrived.wait()
            group, self._waiting = self._next_group()
            if not self._waiting:
                self._arrived.clear()
            try:
                await self._accept_group(group)
            except Unavailable as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(Unavailable(str(error)))
            except Exception as error:  # noqa: BLE001 - the edge of the loop: no waiter may hang
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)

    def _next_group(
        self,
    ) -> tuple[
        list[tuple[Prepared, asyncio.Future[Accepted]]],
        list[tuple[Prepared, asyncio.Future[Accepted]]],
    ]:
        # Two messages with one key never share a group: the second must see the first one stored.
        group, later, seen = [], [], set()
        for item in self._waiting:
            key = inbox_key(item[0])
            if key in seen or len(group) >= GROUP_MAX:
                later.append(item)
            else:
                seen.add(key)
                group.append(item)
        return group, later

    async def _accept_group(self, group: list[tuple[Prepared, asyncio.Future[Accepted]]]) -> None:
        found = await self._store.look_up(question((item for item, _ in group), self._policy))
        tally: dict[UsageOf, list[int]] = {}
        claims = []
        for item, future in group:
            flow = decide(item, found, self._policy, tally)
            replay = flow.effect.replay
            if replay is not None:
                stored = found.inbox[inbox_key(item)]
                answer = self._records.answer(stored, replayed=True)
                _resolve(future, Accepted(item, answer, stored))
            elif found.inbox.get(inbox_key(item)) is not None:
                # The key belongs to another message; this one is refused and not stored.
                _resolve(future, Accepted(item, replace(self._answer(item, flow), conflict=True)))
            else:
                claims.append((item, future, flow))
        if claims:
            await self._commit(claims)

    async def _commit(self, claims: list[tuple[Prepared, asyncio.Future[Accepted], Flow]]) -> None:
        changes = [acceptance(item, flow, self._records, LEASE_US) for item, _, flow in claims]
        results = await self._store.commit(changes)
        routes: dict[str, list[Item]] = defaultdict(list)
        for (item, future, flow), result in zip(claims, results, strict=True):
            if result.verdict is not Verdict.DONE:
                # Another process was quicker, or the original moved: look again.
                self._waiting.append((item, future))
                self._arrived.set()
                continue
            effect = flow.effect
            if effect.adapter is not None:
                work = work_of(item, flow, item.transit)
                identity = work_id(item.live.id, effect.operation, 1)
                route = f"pay.{effect.adapter}.{item.live.transaction.kind}"
                routes[route].append(Item(identity, seal_work(work, self._records.keys)))
            answer = None if effect.outcome is None else self._answer(item, flow)
            _resolve(future, Accepted(item, answer))
        for route, items in routes.items():
            task = asyncio.create_task(self._publish(route, items))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    async def _publish(self, route: str, items: list[Item]) -> None:
        # Unavailable: the outbox rows stay, and the relay publishes them when their lease ends.
        try:
            await self._broker.publish(route, items)
        except Unavailable:
            return

    def _answer(self, item: Prepared, flow: Flow) -> Answer:
        return Answer(item.resting, flow.effect.state, flow.effect.outcome)


def _resolve(future: asyncio.Future[Accepted], accepted: Accepted) -> None:
    if not future.done():
        future.set_result(accepted)
