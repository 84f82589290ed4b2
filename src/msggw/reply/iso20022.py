"""An answer as ISO 20022: the status of each transaction and the one time of the report."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msggw.canonical import Kind, Reason, State
from msggw.iso20022 import Status, status_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from msggw.desk import Answer

__all__ = ["answered_at", "status_for"]


def status_for(given: Answer) -> Status:
    """Return the status of one transaction; of its original, if it is a status request."""
    if given.conflict:
        detail = "another message had this identification"
        return Status("RJCT", Reason.DUPLICATE, (detail,))
    outcome = given.outcome
    about_original = given.envelope.transaction.kind is Kind.STATUS_REQUEST
    if about_original and outcome is not None and "original_state" in outcome.fields:
        state = State(outcome.fields["original_state"])
        return status_of(state, Reason(outcome.fields.get("original_reason", given.reason)))
    return status_of(given.state, given.reason)


def answered_at(answers: Sequence[Answer]) -> datetime:
    """Return when the last of them was decided: the same whenever the answer is made again."""
    moments = [
        one.outcome.at if one.outcome is not None and one.outcome.at else one.envelope.received_at
        for one in answers
    ]
    latest = max(moments)
    return latest - timedelta(microseconds=latest.microsecond)
