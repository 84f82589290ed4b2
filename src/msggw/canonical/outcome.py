"""What an outside system did with a submission. UNKNOWN is an outcome, not an error.

| kind     | what it means                                   | may be tried again or failed over |
|----------|-------------------------------------------------|-----------------------------------|
| NOT_SENT | no byte reached the provider                    | yes                               |
| REJECTED | a definite no; `soft` if it may change later    | only if soft                      |
| ACCEPTED | a definite yes                                  | no                                |
| PENDING  | the provider has it and will say later          | no: inquire                       |
| UNKNOWN  | it may or may not have happened                 | no: inquire, or reverse (cards)   |
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from msggw.canonical.base import Flag, Model, Text35, Text140
from msggw.canonical.reasons import Reason
from msggw.values import ApprovalCode, Money

__all__ = ["Outcome", "OutcomeKind"]


class OutcomeKind(StrEnum):
    """The taxonomy of the module's docstring."""

    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    PENDING = "pending"
    UNKNOWN = "unknown"


class Outcome(Model):
    """One answer of one adapter to one operation."""

    kind: OutcomeKind
    reason: Reason
    soft: Flag = False
    approval_code: ApprovalCode | None = None
    amount: Money | None = None
    provider: Text35 | None = None
    provider_reference: Text35 | None = None
    response_code: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{2,4}$")] | None = None
    detail: Text140 | None = None
    at: datetime | None = None
    fields: dict[str, Annotated[str, StringConstraints(max_length=2048)]] = Field(
        default_factory=dict, max_length=32
    )

    @property
    def may_retry(self) -> bool:
        """Whether the operation may be sent again, here or elsewhere, without double effect."""
        return self.kind is OutcomeKind.NOT_SENT or (
            self.kind is OutcomeKind.REJECTED and self.soft
        )
