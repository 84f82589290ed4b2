"""The caretaker: finishes what a crash left behind. Runs in every process; all it does is safe.

* outbox rows whose lease ended are published (again): the worker's compare-and-set drops repeats;
* card transactions past their deadline whose gateway is gone are expired or reversed;
* transfers that are open far beyond their time are asked about;
* approvals that no sender was told, because its gateway is gone, are reversed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING

from msggw.broker import Item
from msggw.canonical import CARD_KINDS, State
from msggw.desk.intake import LEASE_US
from msggw.desk.journal import entry
from msggw.desk.work import Work, seal_work, work_id
from msggw.errors import GatewayError, Refused, Unavailable
from msggw.store import Change, Move, Outbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from msggw.broker import Broker
    from msggw.desk.clock import Clock
    from msggw.desk.desk import Desk
    from msggw.store import OutboxRow, Store, Stored

__all__ = ["Caretaker"]

PERIOD_S = 0.5
GRACE_US = 3_000_000
"""How long after a deadline the process that owns the transaction is left to act itself."""
DURABLE_LEASE_US = 20 * LEASE_US
"""What a durable broker has taken is not published again soon: it waits in the queue."""
CHASE_US = 3_600_000_000
"""A transfer nobody heard of is asked about once an hour."""
_BATCH = 200
_OPEN = frozenset({State.ROUTED, State.SENT, State.PENDING, State.UNKNOWN})
_CARDS = frozenset(kind.value for kind in CARD_KINDS)


class Caretaker:
    """A task that looks after the store every `PERIOD_S`."""

    def __init__(
        self,
        *,
        store: Store,
        broker: Broker,
        desk: Desk,
        clock: Clock,
        log: Callable[..., None],
    ) -> None:
        """Take the parts; `start` begins."""
        self._store = store
        self._broker = broker
        self._desk = desk
        self._clock = clock
        self._log = log
        self._records = desk.records
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="caretaker")

    async def stop(self) -> None:
        """End after the step under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        first: tuple[Callable[[], Awaitable[int]], ...] = ()
        if not self._broker.durable:
            # What the process before this one had published died with it: no lease to wait for.
            first = (self._relay_at_once,)
        while True:
            for step in (*first, self.relay, self.settle_overdue, self.reverse_undelivered):
                try:
                    await step()
                except GatewayError as error:
                    self._log("caretaker.step_failed", step=step.__name__, cause=str(error))
                except Exception as error:  # noqa: BLE001 - the edge of the task: it must go on
                    self._log("caretaker.defect", step=step.__name__, error=type(error).__name__)
            first = ()
            await asyncio.sleep(PERIOD_S)

    async def _relay_at_once(self) -> int:
        total = found = await self.relay(ahead_us=LEASE_US)
        while found == _BATCH:
            found = await self.relay(ahead_us=LEASE_US)
            total += found
        return total

    async def relay(self, *, ahead_us: int = 0) -> int:
        """Publish outbox rows that are due now, or within `ahead_us`; return how many."""
        lease_us = DURABLE_LEASE_US if self._broker.durable else LEASE_US
        rows = await self._store.due(self._clock.now_us() + ahead_us, lease_us, _BATCH)
        routes: dict[str, list[Item]] = defaultdict(list)
        for row in rows:
            try:
                body = row.body or await self._work(row)
            except (GatewayError, Refused) as error:
                self._log("outbox.unreadable", item=row.id, cause=str(error))
            else:
                routes[row.route].append(Item(row.id, body, row.attempt))
        for route, items in routes.items():
            await self._publish(route, items)
        return len(rows)

    async def _publish(self, route: str, items: list[Item]) -> None:
        # A route that takes nothing must not hold up the others; its rows come again.
        try:
            await self._broker.publish(route, items)
        except GatewayError as error:
            self._log("outbox.unrelayed", route=route, items=len(items), cause=str(error))
        else:
            self._log("outbox.relayed", route=route, items=len(items))

    async def _work(self, row: OutboxRow) -> bytes:
        """Make the first submission of a transaction again, from the transaction itself."""
        stored = await self._store.load(row.transaction_id)
        if stored is None:
            msg = f"{row.transaction_id} has an outbox row and no transaction"
            raise Unavailable(msg)
        envelope = self._records.envelope(stored)
        work = Work(
            transaction_id=stored.transaction_id,
            operation="submit",
            number=1,
            adapter=stored.route,
            deadline_us=stored.deadline_at_us,
            instance=stored.instance,
            standard=envelope.source.standard.value,
            envelope=envelope.model_dump_json(exclude_defaults=True).encode(),
        )
        return seal_work(work, self._records.keys)

    async def settle_overdue(self) -> int:
        """Expire or reverse card transactions whose time is over; return how many were seen."""
        before = self._clock.now_us() - GRACE_US
        overdue = await self._store.overdue(_OPEN, before, _BATCH)
        for stored in overdue:
            card = stored.kind in _CARDS or stored.state is State.ROUTED
            try:
                await (self._settle(stored.transaction_id) if card else self._chase(stored))
            except (GatewayError, Refused) as error:
                self._log("overdue.unsettled", transaction=stored.transaction_id, cause=str(error))
        return len(overdue)

    async def _chase(self, stored: Stored) -> None:
        """Ask the provider what became of a transfer that nobody heard of for so long."""
        now_us = self._clock.now_us()
        attempts = await self._store.attempts(stored.transaction_id)
        number = 1 + max((a.number for a in attempts if a.operation == "inquire"), default=0)
        envelope = self._records.envelope(stored)
        work = Work(
            transaction_id=stored.transaction_id,
            operation="inquire",
            number=number,
            adapter=stored.route,
            deadline_us=now_us + CHASE_US,
            instance=stored.instance,
            standard=envelope.source.standard.value,
            envelope=envelope.model_dump_json(exclude_defaults=True).encode(),
        )
        identity = work_id(work.transaction_id, work.operation, number)
        body = seal_work(work, self._records.keys)
        outbox = Outbox(identity, f"pay.{work.adapter}.inquire", body, now_us)
        state = State.UNKNOWN if stored.state is State.SENT else stored.state
        move = Move(frozenset({stored.state}), state, deadline_at_us=now_us + CHASE_US)
        noted = entry("transaction.chased", now_us, state=state.value)
        change = Change(stored.transaction_id, move=move, journal=(noted,), outbox=(outbox,))
        await self._store.commit([change])
        self._log("overdue.chased", transaction=stored.transaction_id)

    async def _settle(self, transaction_id: str) -> None:
        answer = await self._desk.give_up(transaction_id)
        self._log("overdue.settled", transaction=transaction_id, state=answer.state.value)

    async def reverse_undelivered(self) -> int:
        """Reverse approvals that were never given to their sender; return how many."""
        before = self._clock.now_us() - GRACE_US
        approved = frozenset({State.APPROVED})
        left = await self._store.overdue(approved, before, _BATCH, unanswered=True)
        for stored in left:
            try:
                await self._desk.undeliverable(stored.transaction_id)
            except (GatewayError, Refused) as error:
                self._log("undelivered.left", transaction=stored.transaction_id, cause=str(error))
            else:
                self._log("undelivered.reversed", transaction=stored.transaction_id)
        return len(left)
