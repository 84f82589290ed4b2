"""The adapter port: how the gateway speaks to one outside system.

An adapter is found through the entry-point group `msggw.adapters`; the entry point names a factory
`create(settings, context) -> Adapter`. It declares what it can do as data (`Capabilities`); the
optional operations are protocols of their own, so that nobody has to answer "not implemented".

An operation returns an `Outcome` for everything that can be said about the payment. It raises only
on a defect of its own, and the worker then has to assume UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from msggw.canonical import Fee, Kind, Outcome, Transaction

__all__ = [
    "Adapter",
    "Cancels",
    "Capabilities",
    "Context",
    "Factory",
    "Health",
    "HealthStatus",
    "Inquires",
    "Operation",
    "QuotesFees",
    "Reverses",
    "Submission",
]


class Operation(StrEnum):
    """What the worker asks of an adapter."""

    SUBMIT = "submit"
    INQUIRE = "inquire"
    REVERSE = "reverse"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an adapter declares about itself and its system."""

    kinds: frozenset[Kind]
    idempotent_submit: bool = False
    """The system recognises a repeated idempotency key and does nothing twice."""
    status_inquiry: bool = False
    reversal: bool = False
    cancellation: bool = False
    fee_quotes: bool = False
    currencies: frozenset[str] = frozenset()
    """ISO 4217 codes; empty means all."""
    notes: str = ""


class HealthStatus(StrEnum):
    """How well the outside system serves."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """Health with its reason in words."""

    status: HealthStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Submission:
    """One operation on one transaction.

    `idempotency_key` is stable over crashes and retries of one attempt group. `timeout_s` is what
    is left until the sender must be answered. For `reverse`, `inquire` and `cancel`, `transaction`
    is the transaction concerned and `reason` says why. `approval_code` and `provider_reference`
    come from the outcome of the original, if there was one.
    """

    transaction_id: str
    idempotency_key: str
    transaction: Transaction
    timeout_s: float
    attempt: int = 1
    reason: str = ""
    approval_code: str | None = None
    provider_reference: str | None = None


@dataclass(frozen=True)
class Context:
    """What the gateway lends an adapter: clocks, randomness, ids and a logger."""

    now: Callable[[], float]
    """Seconds since the epoch."""
    monotonic: Callable[[], float]
    random: Callable[[], float]
    """A number in [0, 1)."""
    log: Callable[..., None] = field(default=lambda *_args, **_kwargs: None)
    """Structured log: `log("event", key=value)`."""


class Adapter(Protocol):
    """What every adapter has."""

    name: str
    capabilities: Capabilities

    async def start(self) -> None:
        """Open what is needed; return even if the system is down (health tells)."""

    async def stop(self) -> None:
        """Finish what is under way within a limit, then close."""

    async def submit(self, work: Submission) -> Outcome:
        """Send the transaction to the system."""

    def health(self) -> Health:
        """Say how the system does, without I/O."""


@runtime_checkable
class Inquires(Protocol):
    """An adapter whose system can be asked what became of a submission."""

    async def inquire(self, work: Submission) -> Outcome:
        """Return the definite outcome, PENDING, or UNKNOWN."""


@runtime_checkable
class Reverses(Protocol):
    """An adapter that can undo an approved or doubtful submission."""

    async def reverse(self, work: Submission) -> Outcome:
        """ACCEPTED means it is undone, or never happened. Safe to repeat."""


@runtime_checkable
class Cancels(Protocol):
    """An adapter whose system takes requests to cancel a pending submission."""

    async def cancel(self, work: Submission) -> Outcome:
        """Ask for cancellation."""


@runtime_checkable
class QuotesFees(Protocol):
    """An adapter that can say beforehand what a transaction will cost."""

    async def quote_fees(self, transaction: Transaction) -> tuple[Fee, ...]:
        """Return the fees."""


Factory = Callable[[Mapping[str, Any], Context], Adapter]
