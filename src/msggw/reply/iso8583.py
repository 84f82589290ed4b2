"""An answer as ISO 8583: which of the provider's own fields belong to the response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import OutcomeKind

if TYPE_CHECKING:
    from msggw.canonical import Outcome
    from msggw.desk import Answer

__all__ = ["provider_outcome"]


def provider_outcome(answer: Answer) -> Outcome | None:
    """Return the outcome if the answer given is the provider's, else None."""
    # The provider's own fields belong to the answer only if the answer is the provider's.
    outcome = answer.outcome
    if outcome is None or outcome.reason is not answer.reason:
        return None
    return outcome if outcome.kind in {OutcomeKind.ACCEPTED, OutcomeKind.REJECTED} else None
