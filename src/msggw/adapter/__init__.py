"""The adapter port, its contract tests, and the adapter that is always there."""

from msggw.adapter.port import (
    Adapter,
    Cancels,
    Capabilities,
    Context,
    Factory,
    Health,
    HealthStatus,
    Inquires,
    Operation,
    QuotesFees,
    Reverses,
    Submission,
)

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
