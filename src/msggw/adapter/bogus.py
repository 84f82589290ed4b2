"""An adapter without a system behind it: the last two digits of the minor amount choose.

| digits               | what happens                                                          |
|----------------------|-----------------------------------------------------------------------|
| a code of `DECLINES` | declined with the meaning that ISO 8583 DE 39 gives the number        |
| 10                   | approved for half of the amount (cards)                               |
| 91, 96               | declined soft: issuer unavailable, system malfunction                 |
| 68                   | executed, but no answer comes before the deadline: UNKNOWN            |
| 81                   | executed, and the answer comes `late_s` later                         |
| 82                   | PENDING; the first inquiry finds it executed                          |
| 83                   | NOT_SENT the first time, then approved                                |
| 84                   | executed, but the answer is garbage: UNKNOWN                          |
| 85                   | the adapter raises, as one with a defect would                        |
| all others           | approved                                                              |

An inquiry tells the truth about all of them. The ledger lives in memory, so a restart forgets; that
is the one thing a real system would not do.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from zlib import crc32

from pydantic import Field

from msggw.adapter.answers import not_sent, read_settings, rejected, unknown
from msggw.adapter.port import Capabilities, Context, Health, HealthStatus, Submission
from msggw.canonical import (
    CARD_KINDS,
    Fee,
    Kind,
    Outcome,
    OutcomeKind,
    Reason,
    Transaction,
    reason_of,
)
from msggw.canonical.base import Model
from msggw.values import ApprovalCode, Money

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["DECLINES", "Bogus", "Settings", "create"]

DECLINES = (5, 14, 41, 43, 51, 54, 55, 57, 59, 61, 62, 65, 75, 91, 96)
"""Last two digits that decline; each is the DE 39 code (ISO 8583:1987) it declines with."""


class Settings(Model):
    """What may be set."""

    late_s: float = Field(default=2.0, ge=0, le=600)
    """How late the answer to an amount ending in 81 comes."""
    ledger_max: int = Field(default=100_000, ge=1, le=10_000_000)
    """How many transactions the ledger remembers; the oldest are forgotten first."""


class _Entry(NamedTuple):
    key: str
    outcome: Outcome


def create(settings: Mapping[str, Any], context: Context) -> Bogus:
    """Make the adapter; it needs nothing from the outside."""
    del context
    return Bogus(read_settings(Settings, "bogus", settings))


class Bogus:
    """Answers at once and remembers in memory what it did."""

    capabilities = Capabilities(
        kinds=frozenset(Kind) - {Kind.NETWORK_MANAGEMENT},
        idempotent_submit=True,
        status_inquiry=True,
        reversal=True,
        cancellation=True,
        fee_quotes=True,
        notes="No system behind it; the amount's last two digits choose the outcome.",
    )

    def __init__(self, settings: Settings) -> None:
        """Start with an empty ledger."""
        self.name = "bogus"
        self._settings = settings
        self._ledger: OrderedDict[str, _Entry] = OrderedDict()

    async def start(self) -> None:
        """Need nothing."""

    async def stop(self) -> None:
        """Leave nothing behind."""

    def health(self) -> Health:
        """Say that all is well."""
        return Health(HealthStatus.HEALTHY)

    async def submit(self, work: Submission) -> Outcome:
        """Execute, or do what the amount asks for; a repeated key gives the first answer."""
        known = self._ledger.get(work.transaction_id)
        if known is not None and known.key == work.idempotency_key:
            return known.outcome
        amount = work.transaction.amount
        act = None if amount is None else self._TRIGGERS.get(amount.minor % 100)
        return self._approve(work) if act is None else await act(self, work)

    async def inquire(self, work: Submission) -> Outcome:
        """Return the truth; a pending transaction is executed by being asked for."""
        known = self._ledger.get(work.transaction_id)
        if known is None:
            return rejected(Reason.ORIGINAL_NOT_FOUND)
        if known.outcome.kind is OutcomeKind.PENDING:
            return self._approve(work)
        return known.outcome

    async def reverse(self, work: Submission) -> Outcome:
        """Undo it, or note that it must not happen any more."""
        self._book(work, rejected(Reason.REVERSED))
        return Outcome(kind=OutcomeKind.ACCEPTED, reason=Reason.APPROVED)

    async def cancel(self, work: Submission) -> Outcome:
        """Cancel what is pending; what is executed already stays so."""
        known = self._ledger.get(work.transaction_id)
        if known is None:
            return rejected(Reason.ORIGINAL_NOT_FOUND)
        if known.outcome.reason is not Reason.CANCELLED:
            if known.outcome.kind is not OutcomeKind.PENDING:
                return rejected(Reason.NO_ACTION_TAKEN)
            self._book(work, rejected(Reason.CANCELLED))
        return Outcome(kind=OutcomeKind.ACCEPTED, reason=Reason.CANCELLED)

    async def quote_fees(self, transaction: Transaction) -> tuple[Fee, ...]:
        """Ask nothing for zero, and one minor unit for everything else."""
        amount = transaction.amount
        if amount is None or amount.minor == 0:
            return ()
        return (Fee(amount=Money(1, amount.unit), type="bogus"),)

    def _approve(self, work: Submission) -> Outcome:
        return self._book(work, _approval(work))

    def _book(self, work: Submission, outcome: Outcome) -> Outcome:
        self._ledger[work.transaction_id] = _Entry(work.idempotency_key, outcome)
        if len(self._ledger) > self._settings.ledger_max:
            self._ledger.popitem(last=False)
        return outcome

    async def _decline(self, work: Submission) -> Outcome:
        assert work.transaction.amount is not None  # noqa: S101 - the amount chose this method
        code = f"{work.transaction.amount.minor % 100:02d}"
        reason = reason_of("de39", code, Reason.DO_NOT_HONOUR)
        return self._book(work, rejected(reason, response_code=code))

    async def _partial(self, work: Submission) -> Outcome:
        amount, full = work.transaction.amount, _approval(work)
        if amount is None or full.approval_code is None:
            return self._book(work, full)
        part = Money(amount.minor // 2, amount.unit)
        changes = {"reason": Reason.APPROVED_PARTIAL, "response_code": "10", "amount": part}
        return self._book(work, full.model_copy(update=changes))

    async def _lose_answer(self, work: Submission) -> Outcome:
        self._approve(work)
        await asyncio.sleep(work.timeout_s)
        return unknown(Reason.TIMED_OUT, "no answer before the deadline")

    async def _be_late(self, work: Submission) -> Outcome:
        if self._settings.late_s >= work.timeout_s:
            return await self._lose_answer(work)
        # Executed first: a reversal that comes during the pause undoes it.
        approved = self._approve(work)
        await asyncio.sleep(self._settings.late_s)
        return approved

    async def _defer(self, work: Submission) -> Outcome:
        return self._book(work, Outcome(kind=OutcomeKind.PENDING, reason=Reason.PENDING))

    async def _fail_once(self, work: Submission) -> Outcome:
        known = self._ledger.get(work.transaction_id)
        if known is not None:
            return self._approve(work)
        # Remembered under no key, so that the repetition of this one is not taken for a repeat.
        outcome = not_sent("not connected, this once")
        self._ledger[work.transaction_id] = _Entry("", outcome)
        return outcome

    async def _talk_rubbish(self, work: Submission) -> Outcome:
        self._approve(work)
        return unknown(Reason.FORMAT_ERROR, "the answer cannot be read")

    async def _crash(self, work: Submission) -> Outcome:
        raise RuntimeError(f"amounts ending in 85 crash this adapter; attempt {work.attempt}")

    _TRIGGERS: ClassVar[dict[int, Callable[[Bogus, Submission], Awaitable[Outcome]]]] = {
        **dict.fromkeys(DECLINES, _decline),
        10: _partial,
        68: _lose_answer,
        81: _be_late,
        82: _defer,
        83: _fail_once,
        84: _talk_rubbish,
        85: _crash,
    }


_APPROVAL = Outcome(
    kind=OutcomeKind.ACCEPTED,
    reason=Reason.APPROVED,
    provider="bogus",
    response_code="00",
)


def _approval(work: Submission) -> Outcome:
    # A copy is not validated again, which is what makes this fast; both texts obey their rules.
    number = crc32(work.idempotency_key.encode())
    own: dict[str, str] = {"provider_reference": f"bogus-{number:08x}"}
    if work.transaction.kind in CARD_KINDS:
        own["approval_code"] = ApprovalCode(f"{number % 1_000_000:06d}")
    return _APPROVAL.model_copy(update=own)
