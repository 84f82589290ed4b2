"""The consumer: takes work from the broker, calls the adapter, commits what came of it.

Before an adapter is called, SENT and the attempt are committed; after it, the outcome. A crash in
between leaves SENT behind, and whoever meets that work again treats it as in doubt, never as
"not done": money is not sent twice.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msggw.adapter import Adapter, Operation, Reverses, Submission
from msggw.broker import Done, Item, Park, Retry
from msggw.canonical import CARD_KINDS, Outcome, OutcomeKind, Reason, State
from msggw.canonical.quick import evolve
from msggw.desk import (
    NEVER_US,
    Records,
    Wake,
    dump_outcome,
    entry,
    envelope_of,
    moment,
    numbered,
    open_work,
    reverse_by_rule,
    seal_wake,
)
from msggw.errors import Refused
from msggw.keys import open_transaction
from msggw.store import Change, Verdict
from msggw.worker.calls import begin, doubt, idempotency_key, is_expired, operate
from msggw.worker.settle import Case, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from msggw.broker import Broker
    from msggw.broker.port import Verdict as ItemVerdict
    from msggw.canonical import Envelope
    from msggw.desk import Clock, Work
    from msggw.keys import Keys
    from msggw.store import Result, Store

__all__ = ["Consumer"]

_US = 1_000_000
FORWARD_TIMEOUT_S = 30.0
"""How long an adapter may take for work without a sender's deadline."""
DOUBT_AFTER_US = 40_000_000
"""A call that began this long ago and has no outcome was cut off by a crash."""
MARGIN_S = 0.25
"""Left of a sender's deadline to commit the outcome and write the answer."""


class Consumer:
    """Handles the work of every adapter this process serves."""

    def __init__(
        self,
        *,
        store: Store,
        broker: Broker,
        keys: Keys,
        clock: Clock,
        adapters: Mapping[str, Adapter],
        log: Callable[..., None],
    ) -> None:
        """Take the parts."""
        self._store = store
        self._broker = broker
        self._records = Records(keys)
        self._clock = clock
        self._adapters = adapters
        # Asked once: looking at a protocol costs more than many an adapter's own work.
        self._reversing = frozenset(
            name for name, adapter in adapters.items() if isinstance(adapter, Reverses)
        )
        self._log = log
        self._wakes: dict[str, list[Item]] = {}
        self._waking: asyncio.Task[None] | None = None

    async def handle(self, route: str, items: Sequence[Item]) -> list[ItemVerdict]:
        """Handle one broker message: the port's `Handler`."""
        del route
        opened = [(item, self._open(item)) for item in items]
        begun = [(item, work) for item, work in opened if work is not None]
        now_us = self._clock.now_us()
        starts = [begin(work, now_us) for _, work in begun]
        results = await self._store.commit(starts)
        verdicts = await asyncio.gather(
            *(
                self._one(item, work, result, expired=is_expired(work, now_us))
                for (item, work), result in zip(begun, results, strict=True)
            )
        )
        done = dict(zip((item.id for item, _ in begun), verdicts, strict=True))
        return [done.get(item.id, Park("not our work")) for item in items]

    def _open(self, item: Item) -> Work | None:
        try:
            work = open_work(item.body, self._records.keys)
            # What the broker's ladder brought back is the next attempt of the same work.
            return numbered(work, work.number + item.attempt - 1)
        except Refused:
            self._log("work.unreadable", item=item.id)
            return None

    async def _one(self, item: Item, work: Work, result: Result, *, expired: bool) -> ItemVerdict:
        envelope = envelope_of(work)
        if result.verdict is not Verdict.DONE:
            return await self._met_again(item, work, envelope, result)
        if expired:
            self._tell(work, State.EXPIRED, None)
            return Done()
        outcome = await self._call(work, envelope)
        return await self._conclude(item, work, envelope, outcome)

    async def _call(self, work: Work, envelope: Envelope) -> Outcome:
        adapter = self._adapters.get(work.adapter)
        now = moment(self._clock.now_us())
        if adapter is None:
            detail = "no such adapter in this process"
            return Outcome(kind=OutcomeKind.NOT_SENT, reason=Reason.NO_ROUTE, at=now, detail=detail)
        timeout_s = self._timeout_s(work)
        submission = Submission(
            transaction_id=work.original_id or work.transaction_id,
            idempotency_key=idempotency_key(work),
            transaction=open_transaction(envelope.transaction, self._records.keys),
            timeout_s=timeout_s,
            attempt=work.number,
            reason=work.reason,
            approval_code=work.approval_code,
            provider_reference=work.provider_reference,
        )
        try:
            async with asyncio.timeout(timeout_s + MARGIN_S):
                outcome = await operate(adapter, work.operation, submission)
        except TimeoutError:
            outcome = doubt("no outcome in time")
        except Exception as error:  # noqa: BLE001 - the edge to foreign code: UNKNOWN is the truth
            self._log("adapter.defect", adapter=work.adapter, error=type(error).__name__)
            outcome = doubt("the adapter failed")
        return evolve(outcome, {"at": now, "provider": work.adapter})

    def _timeout_s(self, work: Work) -> float:
        if work.deadline_us >= NEVER_US:
            return FORWARD_TIMEOUT_S
        left_s = (work.deadline_us - self._clock.now_us()) / _US - 2 * MARGIN_S
        return max(0.05, min(left_s, FORWARD_TIMEOUT_S))

    async def _conclude(
        self, item: Item, work: Work, envelope: Envelope, outcome: Outcome
    ) -> ItemVerdict:
        kind = envelope.transaction.kind
        settlement = settle(
            Case(
                work=work,
                item=item,
                outcome=outcome,
                kind=kind.value,
                reversible=kind in CARD_KINDS and work.adapter in self._reversing,
                now_us=self._clock.now_us(),
                records=self._records,
            )
        )
        changes = [settlement.change]
        if settlement.reverse:
            reversal = await self._reversal(work, envelope, outcome)
            changes.append(reversal)
        result = (await self._store.commit(changes))[0]
        if result.verdict is not Verdict.DONE:
            return await self._too_late(item, work, outcome, result)
        if settlement.tell is not None:
            self._tell(work, settlement.tell, outcome)
        return settlement.verdict

    async def _reversal(self, work: Work, envelope: Envelope, outcome: Outcome) -> Change:
        stored = await self._store.load(work.transaction_id)
        if stored is None:
            msg = "a transaction in work is always in the store"
            raise AssertionError(msg)
        return reverse_by_rule(
            stored,
            envelope.model_copy(
                update={"transaction": envelope.transaction.model_copy(update={"sensitive": None})}
            ),
            outcome,
            self._records,
            reversal_id=self._clock.new_id(),
            why=outcome.detail or "the provider's answer is not known",
            now_us=self._clock.now_us(),
            expected=frozenset({State.UNKNOWN}),
        )

    async def _met_again(
        self, item: Item, work: Work, envelope: Envelope, result: Result
    ) -> ItemVerdict:
        """Decide about work whose beginning was refused: somebody began it before."""
        asking = work.operation == Operation.INQUIRE
        under_way = {State.PENDING, State.UNKNOWN} if asking else {State.SENT}
        if result.state not in under_way:
            return await self._forget(item, work)
        attempts = [
            attempt
            for attempt in await self._store.attempts(work.transaction_id)
            if attempt.operation == work.operation
        ]
        own = [attempt for attempt in attempts if attempt.number == work.number]
        if asking and own and own[0].finished_at_us is not None:
            return await self._forget(item, work)
        started_us = max((attempt.started_at_us for attempt in attempts), default=0)
        if self._clock.now_us() - started_us < DOUBT_AFTER_US and not self._cut_off(work):
            return Retry(15_000, "another worker has it")
        doubtful = doubt("a worker stopped while the provider had it")
        if work.operation == Operation.REVERSE:
            doubtful = doubtful.model_copy(update={"kind": OutcomeKind.NOT_SENT})
        return await self._conclude(item, work, envelope, doubtful)

    async def _forget(self, item: Item, work: Work) -> ItemVerdict:
        await self._store.commit([Change(work.transaction_id, outbox_done=(item.id,))])
        return Done()

    def _cut_off(self, work: Work) -> bool:
        # The sender's time is over, so no worker can still be waiting for this provider.
        return self._clock.now_us() > work.deadline_us + _US

    async def _too_late(
        self, item: Item, work: Work, outcome: Outcome, result: Result
    ) -> ItemVerdict:
        """Record an outcome that came after the transaction was given up; it changes nothing."""
        now_us = self._clock.now_us()
        state = "" if result.state is None else result.state.value
        noted = entry(
            "outcome.late",
            now_us,
            outcome=outcome.kind.value,
            reason=outcome.reason.value,
            state=state,
        )
        self._log("outcome.late", transaction=work.transaction_id, outcome=outcome.kind.value)
        await self._store.commit(
            [Change(work.transaction_id, journal=(noted,), outbox_done=(item.id,))]
        )
        return Done()

    def _tell(self, work: Work, state: State, outcome: Outcome | None) -> None:
        if not work.instance:
            return
        body = b"" if outcome is None else dump_outcome(outcome)
        wake = Wake(work.transaction_id, state.value, body)
        item = Item(work.transaction_id, seal_wake(wake, self._records.keys))
        self._wakes.setdefault(work.instance, []).append(item)
        if self._waking is None or self._waking.done():
            self._waking = asyncio.create_task(self._send_wakes())

    async def _send_wakes(self) -> None:
        # One step of the loop later, so that outcomes of one commit share a message.
        await asyncio.sleep(0)
        while self._wakes:
            instance, items = self._wakes.popitem()
            try:
                await self._broker.reply(instance, items)
            except Exception as error:  # noqa: BLE001 - only a wake-up: the store has the answer
                self._log("wake.failed", instance=instance, error=type(error).__name__)
