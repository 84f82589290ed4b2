"""The desk: where an ingress hands a message in and gets its answer, in time, whatever happens.

The answer comes from the first of: the acceptance itself (refused, replayed, answered locally), a
wake-up from the worker, or the store when a wake-up was lost. When the sender's time is over, card
messages are expired (nothing was sent) or reversed (something may have been), and answered 91;
others are answered with the state they are in.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msggw.canonical import Kind, Outcome, OutcomeKind, Reason, Standard, State
from msggw.desk.intake import Intake
from msggw.desk.journal import entry
from msggw.desk.records import Answer, Records
from msggw.desk.reversal import MAY_HAVE_REACHED, NEVER_US, reverse_by_rule
from msggw.desk.work import load_outcome, open_wake
from msggw.errors import Conflict, Refused, Unavailable
from msggw.store import Change, Move, Verdict

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from msggw.broker import Broker, Item, Subscription
    from msggw.canonical import Envelope
    from msggw.desk.clock import Clock
    from msggw.desk.incoming import Incoming
    from msggw.desk.intake import Accepted
    from msggw.keys import Keys
    from msggw.pipeline import Policy
    from msggw.store import Store, Stored

__all__ = ["Desk"]

DEFINITE = frozenset({State.APPROVED, State.DECLINED, State.EXPIRED, State.REVERSED})
_ADVICES = frozenset(
    {Kind.AUTHORISATION_ADVICE, Kind.FINANCIAL_ADVICE, Kind.REVERSAL, Kind.REVERSAL_ADVICE}
)
_REVERSIBLE = frozenset({Kind.AUTHORISATION, Kind.FINANCIAL, Kind.REFUND})
POLL_S = 2.0


class _Waiter:
    __slots__ = ("deadline", "envelope", "future")

    def __init__(self, accepted: Accepted, future: asyncio.Future[Answer]) -> None:
        known = accepted.answer
        self.envelope = accepted.prepared.resting if known is None else known.envelope
        self.future = future
        self.deadline: asyncio.TimerHandle | None = None

    def resolve(self, answer: Answer) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        if not self.future.done():
            self.future.set_result(answer)


class Desk:
    """Joins intake, store, broker and clock for every ingress of this process."""

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
        """Take the parts; `start` begins."""
        self.store = store
        self.clock = clock
        self.records = Records(keys)
        self._broker = broker
        self._instance = instance
        self._intake = Intake(
            store=store, broker=broker, keys=keys, policy=policy, clock=clock, instance=instance
        )
        self._waiters: dict[str, list[_Waiter]] = {}
        self._replies: Subscription | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen for wake-ups and begin to accept."""
        self._replies = await self._broker.replies(self._instance, self._wake)
        self._intake.start()
        self._spawn(self._poll())

    async def stop(self) -> None:
        """Finish what was accepted into a group; the store keeps the rest."""
        await self._intake.stop()
        if self._replies is not None:
            await self._replies.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def waiting(self) -> int:
        """How many transactions senders are waiting for."""
        return len(self._waiters)

    async def ask(self, incoming: Incoming) -> Answer:
        """Accept the message and return its answer within the sender's deadline.

        Raises `Unavailable` if it was not accepted: nothing was stored, nothing will happen; and
        `Conflict` if another request with the same key is being worked on (not for ISO 8583,
        where a repeat waits with the original).
        """
        accepted = await self._intake.accept(incoming)
        answer = accepted.answer
        kind = incoming.transaction.kind
        if answer is not None and (answer.state in DEFINITE or answer.state is State.REVERSING):
            return answer
        if kind in _ADVICES and incoming.source.standard is Standard.ISO8583:
            return self._taken_over(accepted)
        if answer is not None and incoming.source.standard is not Standard.ISO8583:
            return self._as_it_stands(answer, accepted, incoming)
        return await self._wait(accepted, incoming)

    def _as_it_stands(self, answer: Answer, accepted: Accepted, incoming: Incoming) -> Answer:
        # The first request still waits for its answer if its own time is not over.
        stored = accepted.stored
        until_us = 0 if stored is None else stored.received_at_us + incoming.deadline_s * 1_000_000
        if self.clock.now_us() < until_us:
            msg = "the first request with this key is still being worked on"
            raise Conflict(msg)
        return answer

    def _taken_over(self, accepted: Accepted) -> Answer:
        # An advice is stored and will be forwarded until it is accepted: that is the answer.
        taken = Outcome(kind=OutcomeKind.ACCEPTED, reason=Reason.APPROVED)
        return Answer(accepted.prepared.resting, State.APPROVED, taken, answered=True)

    async def _wait(self, accepted: Accepted, incoming: Incoming) -> Answer:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(accepted, loop.create_future())
        transaction_id = accepted.transaction_id
        self._waiters.setdefault(transaction_id, []).append(waiter)
        spent_s = (self.clock.now_us() - accepted.prepared.received_us) / 1_000_000
        left_s = max(0.0, incoming.deadline_s - spent_s)
        card = incoming.source.standard is Standard.ISO8583
        waiter.deadline = loop.call_later(left_s, self._spawn_overdue, transaction_id, card)
        try:
            return await waiter.future
        finally:
            self._forget(transaction_id, waiter)

    def _forget(self, transaction_id: str, waiter: _Waiter) -> None:
        waiters = self._waiters.get(transaction_id, [])
        if waiter in waiters:
            waiters.remove(waiter)
        if not waiters:
            self._waiters.pop(transaction_id, None)

    def _resolve(self, transaction_id: str, answer: Answer) -> None:
        for waiter in self._waiters.pop(transaction_id, ()):
            waiter.resolve(answer)

    async def _wake(self, items: Sequence[Item]) -> None:
        for item in items:
            try:
                wake = open_wake(item.body, self.records.keys)
            except Refused:
                continue  # not from our workers; the store is the truth anyway
            waiters = self._waiters.get(wake.transaction_id)
            if waiters:
                outcome = load_outcome(wake.outcome) if wake.outcome else None
                answer = Answer(waiters[0].envelope, State(wake.state), outcome)
                self._resolve(wake.transaction_id, answer)

    def _spawn_overdue(self, transaction_id: str, card: bool) -> None:  # noqa: FBT001 - a timer's argument
        self._spawn(self._overdue(transaction_id, card=card))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _poll(self) -> None:
        # A wake-up may be lost with the connection it came on; the store is never wrong.
        asked: set[str] = set()
        while True:
            await asyncio.sleep(POLL_S)
            for transaction_id in asked & self._waiters.keys():
                try:
                    stored = await self.store.load(transaction_id)
                except Unavailable:
                    break
                settled = stored is not None and stored.state in DEFINITE | {State.REVERSING}
                if stored is not None and settled:
                    self._resolve(transaction_id, self.records.answer(stored))
            asked = set(self._waiters)

    async def _overdue(self, transaction_id: str, *, card: bool) -> None:
        waiters = self._waiters.get(transaction_id)
        if not waiters:
            return
        envelope = waiters[0].envelope
        try:
            if card:
                self._resolve(transaction_id, await self.give_up(transaction_id))
            else:
                stored = await self.store.load(transaction_id)
                if stored is not None:
                    self._resolve(transaction_id, self.records.answer(stored))
        except Unavailable:
            # We cannot know. 91 is true ("switch inoperative"); the caretaker settles the rest.
            self._resolve(transaction_id, Answer(envelope, State.EXPIRED, None))

    async def give_up(self, transaction_id: str, why: str = "no answer in time") -> Answer:
        """Expire what was not sent, reverse what may have been; return how it stands then."""
        for _ in range(8):  # each round lost a race against a definite change of state
            stored = await self.store.load(transaction_id)
            if stored is None:
                msg = f"{transaction_id} is not in the store"
                raise Unavailable(msg)
            change = self._giving_up(stored.state, transaction_id, why)
            envelope = self.records.envelope(stored)
            if change is None and self._may_reverse(stored, envelope):
                change = reverse_by_rule(
                    stored,
                    envelope,
                    self.records.outcome(stored),
                    self.records,
                    reversal_id=self.clock.new_id(),
                    why=why,
                    now_us=self.clock.now_us(),
                    expected=MAY_HAVE_REACHED - {State.APPROVED},
                )
            if change is None:
                return self.records.answer(stored)
            (result,) = await self.store.commit([change])
            if result.verdict is Verdict.DONE:
                moved = await self.store.load(transaction_id)
                if moved is not None:
                    return self.records.answer(moved)
        msg = f"{transaction_id} does not come to rest"
        raise Unavailable(msg)

    def _may_reverse(self, stored: Stored, envelope: Envelope) -> bool:
        in_doubt = stored.state in MAY_HAVE_REACHED - {State.APPROVED}
        return in_doubt and envelope.transaction.kind in _REVERSIBLE

    def _giving_up(self, state: State, transaction_id: str, why: str) -> Change | None:
        if state not in {State.ROUTED, State.HELD, State.PARKED}:
            return None
        noted = entry("transaction.expired", self.clock.now_us(), why=why)
        unsent = frozenset({State.ROUTED, State.HELD, State.PARKED})
        move = Move(unsent, State.EXPIRED, deadline_at_us=NEVER_US)
        return Change(transaction_id, move=move, journal=(noted,))

    async def claim_answer(self, answer: Answer) -> Answer:
        """Commit that this answer is given, *before* it is written to the line.

        Between commit and write lies one step of the event loop; a crash there leaves the sender
        without an answer, which it resolves by repeat or reversal, and both find the truth here.
        Returns the answer that may be given now, which differs if the state moved meanwhile.
        """
        state = answer.state
        if state not in {State.APPROVED, State.DECLINED} or answer.answered:
            return answer
        move = Move(
            frozenset({state}),
            state,
            expected_answered=False,
            answered=True,
            deadline_at_us=NEVER_US,
        )
        change = Change(answer.transaction_id, move=move)
        (result,) = await self.store.commit([change])
        if result.verdict is Verdict.DONE:
            return answer
        stored = await self.store.load(answer.transaction_id)
        return answer if stored is None else self.records.answer(stored)

    async def undeliverable(self, transaction_id: str, *, claimed: bool = False) -> None:
        """Reverse an approval whose sender is gone before it was told.

        `claimed`: the answer was claimed by this caller and then could not be written.
        """
        stored = await self.store.load(transaction_id)
        if stored is None or stored.state is not State.APPROVED or stored.answered is not claimed:
            return
        envelope = self.records.envelope(stored)
        if envelope.transaction.kind not in _REVERSIBLE:
            return
        change = reverse_by_rule(
            stored,
            envelope,
            self.records.outcome(stored),
            self.records,
            reversal_id=self.clock.new_id(),
            why="the approval could not be delivered",
            now_us=self.clock.now_us(),
            expected=frozenset({State.APPROVED}),
            expected_answered=claimed,
            answered=False,
        )
        await self.store.commit([change])
