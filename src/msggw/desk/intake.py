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
from msggw.desk.accepting import (
    ANY_MARK,
    Decided,
    Tally,
    acceptance,
    decide,
    ids_asked,
    marks,
    question,
    work_of,
)
from msggw.desk.grouping import Group, take
from msggw.desk.incoming import prepare
from msggw.desk.records import Answer, Records
from msggw.desk.work import seal_work
from msggw.errors import Unavailable
from msggw.store import Verdict

if TYPE_CHECKING:
    from msggw.broker import Broker
    from msggw.desk.clock import Clock
    from msggw.desk.grouping import Keyed
    from msggw.desk.incoming import Incoming, Prepared
    from msggw.keys import Keys
    from msggw.pipeline import Policy
    from msggw.store import Found, Store, Stored

__all__ = ["Accepted", "Intake"]

GROUP_MAX = 128
GROUPS_MAX = 2
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


_Waiting = tuple["Prepared", "asyncio.Future[Accepted]"]


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
        self._waiting: list[tuple[Keyed, _Waiting]] = []
        self._busy: dict[asyncio.Task[None], Group[_Waiting]] = {}
        self._tally = Tally()
        self._met: set[tuple[str, str]] = set()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to serve groups."""
        self._task = asyncio.create_task(self._serve(), name="intake")

    async def stop(self) -> None:
        """Finish what was handed in and published, then end the loop."""
        while self._waiting:
            await asyncio.wait([future for _, (_, future) in self._waiting])
        if self._busy:
            await asyncio.gather(*self._busy, return_exceptions=True)
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
        self._waiting.append((prepared, (prepared, future)))
        self._arrived.set()
        return await future

    async def _serve(self) -> None:
        # Up to GROUPS_MAX groups are on their way at a time: one is decided while another commits.
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while len(self._busy) < GROUPS_MAX:
                group, self._waiting = take(self._waiting, list(self._busy.values()), GROUP_MAX)
                if not group.members:
                    break
                task = asyncio.create_task(self._finish(group.members))
                self._busy[task] = group
                task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        del self._busy[task]
        self._arrived.set()

    async def _finish(self, group: list[_Waiting]) -> None:
        try:
            await self._accept_group(group)
        except Unavailable as error:
            for _, future in group:
                if not future.done():
                    future.set_exception(Unavailable(str(error)))
        except Exception as error:  # noqa: BLE001 - the edge of the task: no waiter may hang
            for _, future in group:
                if not future.done():
                    future.set_exception(error)

    async def _accept_group(self, group: list[_Waiting]) -> None:
        found = await self._look_up([item for item, _ in group])
        claims = []
        for item, future in group:
            decided = decide(item, found, self._policy, self._tally, self._records)
            stored = found.inbox.get(item.inbox_key)
            if stored is None:
                claims.append((decided, future))
            elif decided.flow.effect.replay is not None:
                answer = self._records.answer(stored, replayed=True)
                _resolve(future, Accepted(item, answer, stored))
            else:
                # The key belongs to another message; this one is refused and not stored.
                answer = replace(_answer(decided), conflict=True)
                _resolve(future, Accepted(item, answer))
        if claims:
            try:
                await self._commit(claims)
            finally:
                # From now on the store counts them.
                self._tally.forget([decided for decided, _ in claims])

    async def _look_up(self, group: list[Prepared]) -> Found:
        met = [item for item in group if item.inbox_key in self._met]
        self._met.difference_update(item.inbox_key for item in met)
        found = await self._store.look_up(question(group, self._policy, met))
        if ANY_MARK in found.originals:
            # Rare: a reversal came without its original, which may be in this very group.
            found.originals.update((await self._store.look_up(marks(group))).originals)
        for key, transaction_id in ids_asked(group).items():
            stored = await self._store.load(transaction_id)
            if stored is not None:
                found.originals[key] = stored
        return found

    async def _commit(self, claims: list[tuple[Decided, asyncio.Future[Accepted]]]) -> None:
        changes = [acceptance(decided, self._records, LEASE_US) for decided, _ in claims]
        results = await self._store.commit(changes)
        routes: dict[str, list[Item]] = defaultdict(list)
        for (decided, future), change, result in zip(claims, changes, results, strict=True):
            item = decided.item
            if result.verdict is not Verdict.DONE:
                # It was here before, or the original moved: look again, and more closely.
                self._met.add(item.inbox_key)
                self._waiting.append((item, (item, future)))
                self._arrived.set()
                continue
            for row in change.outbox:
                work = work_of(decided, self._records, item.transit)
                body = seal_work(work, self._records.keys)
                routes[row.route].append(Item(row.id, body))
            known = decided.flow.effect.outcome is not None
            _resolve(future, Accepted(item, _answer(decided) if known else None))
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


def _answer(decided: Decided) -> Answer:
    effect = decided.flow.effect
    return Answer(decided.item.resting, effect.state, effect.outcome)


def _resolve(future: asyncio.Future[Accepted], accepted: Accepted) -> None:
    if not future.done():
        future.set_result(accepted)
