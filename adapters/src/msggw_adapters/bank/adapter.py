"""The adapter: submissions become messages, answers become outcomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msggw.adapter import Capabilities, Context, Health, HealthStatus, Submission
from msggw.adapter.answers import not_sent, read_settings, rejected, unknown
from msggw.canonical import Outcome, OutcomeKind, Reason
from msggw.errors import Refused
from msggw_adapters.bank.client import Answered, Doubt, HttpClient, NotSent
from msggw_adapters.bank.config import Settings
from msggw_adapters.bank.mapping import (
    KINDS,
    build_cancellation,
    build_inquiry,
    build_submission,
    message_id_of,
    outcome_of,
    sent_as,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["Bank", "create"]

PROVIDER = "bank"
_FAILURES_BEFORE_DOWN = 3
_TRY_LATER = frozenset({301, 302, 303, 307, 308, 425, 429})
"""The bank says that it did not take the message (RFC 9110, RFC 8470, RFC 6585)."""
_REFUSED_WITH_REPORT = frozenset({400, 422})
_IN_DOUBT = frozenset({408, 409})
_UNAUTHENTICATED = frozenset({401, 403})


def create(settings: Mapping[str, Any], context: Context) -> Bank:
    """Make the adapter; raise `ConfigurationError` for wrong settings."""
    return Bank(read_settings(Settings, PROVIDER, settings), context)


class Bank:
    """Credit transfers and what follows them, as ISO 20022 messages over HTTP."""

    capabilities = Capabilities(
        kinds=KINDS,
        idempotent_submit=True,
        status_inquiry=True,
        cancellation=True,
        notes="pacs.008, pacs.004, pacs.028 and camt.056; the answer comes in the response.",
    )

    def __init__(self, settings: Settings, context: Context) -> None:
        """Open nothing yet."""
        self.name = PROVIDER
        self._settings = settings
        self._context = context
        self._http = HttpClient(settings)
        self._failures = 0
        self._trouble = "not started"
        self._started = False

    async def start(self) -> None:
        """Make the pool of connections; the bank need not be there yet."""
        self._http.start()
        self._started = True

    async def stop(self) -> None:
        """Close the pool; the worker has waited for what was under way."""
        self._started = False
        await self._http.stop()

    def health(self) -> Health:
        """Judge by the last exchanges."""
        if not self._started:
            return Health(HealthStatus.DOWN, "not started")
        if self._failures >= _FAILURES_BEFORE_DOWN:
            return Health(HealthStatus.DOWN, self._trouble)
        if self._failures:
            return Health(HealthStatus.DEGRADED, self._trouble)
        return Health(HealthStatus.HEALTHY)

    async def submit(self, work: Submission) -> Outcome:
        """Send pacs.008, pacs.004, pacs.028 or camt.056, as the kind asks."""
        about = message_id_of(work.idempotency_key)
        outcome = await self._exchange(work, build_submission, about)
        return outcome.model_copy(update={"provider_reference": about})

    async def inquire(self, work: Submission) -> Outcome:
        """Ask by pacs.028; a bank that never had it answers NOOR, which is a definite no."""
        about = sent_as(work)
        outcome = await self._exchange(work, build_inquiry, about)
        if not outcome.fields:
            # Not a report: what befell the question says nothing about the payment.
            outcome = unknown(outcome.reason, outcome.detail or "not sent", provider=PROVIDER)
        return outcome.model_copy(update={"provider_reference": about})

    async def cancel(self, work: Submission) -> Outcome:
        """Ask by camt.056; ACCEPTED means it is cancelled."""
        outcome = await self._exchange(work, build_cancellation, work.provider_reference)
        if outcome.kind is not OutcomeKind.ACCEPTED:
            return outcome
        return outcome.model_copy(update={"reason": Reason.CANCELLED})

    async def _exchange(
        self,
        work: Submission,
        build: Callable[[Submission, Settings, datetime], bytes],
        about: str | None,
    ) -> Outcome:
        try:
            data = build(work, self._settings, self._now())
        except Refused as refusal:
            return rejected(Reason.FORMAT_ERROR, detail=str(refusal)[:140], provider=PROVIDER)
        try:
            answer = await self._http.post(data, work.timeout_s)
        except NotSent as error:
            self._note(f"cannot connect: {error}")
            return not_sent(f"cannot connect: {error}", provider=PROVIDER)
        except Doubt as error:
            self._note(f"no answer: {error}")
            return unknown(Reason.TIMED_OUT, f"no answer: {error}", provider=PROVIDER)
        return self._read(work, answer, about)

    def _read(self, work: Submission, answer: Answered, about: str | None) -> Outcome:
        status, detail = answer.status, f"HTTP status {answer.status}"
        if 200 <= status < 300 or status in _REFUSED_WITH_REPORT:
            self._failures = 0
            outcome = self._reported(work, answer, about)
            if status in _REFUSED_WITH_REPORT and outcome.kind is OutcomeKind.UNKNOWN:
                return rejected(Reason.FORMAT_ERROR, detail=detail, provider=PROVIDER)
            return outcome
        if status in _TRY_LATER:
            self._note(detail)
            return not_sent(detail, provider=PROVIDER)
        if status >= 500 or status in _IN_DOUBT:
            self._note(detail)
            return unknown(Reason.SYSTEM_MALFUNCTION, detail, provider=PROVIDER)
        reason = Reason.AUTHENTICATION if status in _UNAUTHENTICATED else Reason.FORMAT_ERROR
        return rejected(reason, detail=detail, provider=PROVIDER)

    def _reported(self, work: Submission, answer: Answered, about: str | None) -> Outcome:
        outcome = outcome_of(work, answer.body, self._now(), about=about)
        if outcome.kind is OutcomeKind.UNKNOWN:
            size = len(answer.body)
            self._context.log("bank.answer.unusable", size=size, why=outcome.detail)
        return outcome.model_copy(update={"provider": PROVIDER})

    def _note(self, trouble: str) -> None:
        self._failures += 1
        self._trouble = trouble
        self._context.log("bank.exchange.failed", why=trouble)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._context.now(), UTC)
