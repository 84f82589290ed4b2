"""The status of one transaction in an answer, and how our states and reasons become one."""

from __future__ import annotations

from dataclasses import dataclass

from msggw.canonical import Reason, State, answer_for

__all__ = ["INFO_LENGTH_MAX", "Status", "information", "reason_code", "status_of"]

INFO_LENGTH_MAX = 105
"""Max105Text, the type of AddtlInf."""

_PENDING = "PDNG"
_NARRATIVE = "NARR"


@dataclass(frozen=True, slots=True)
class Status:
    """An ExternalPaymentTransactionStatus1Code, why, and what else the sender may know."""

    code: str
    reason: Reason | None = None
    details: tuple[str, ...] = ()


def status_of(state: State, reason: Reason) -> Status:
    """Return the status the sender of a transfer is told.

    A transfer whose fate is not known is pending: nothing undoes a transfer, so a refusal must be
    certain.
    """
    if state is State.APPROVED:
        return Status(answer_for(reason).status if not answer_for(reason).iso20022 else "ACSC")
    if state in {State.DECLINED, State.EXPIRED, State.REVERSED}:
        return Status("RJCT", reason)
    return Status(_PENDING)


def reason_code(status: Status) -> str | None:
    """Return the ExternalStatusReason1Code of a status, if it has one."""
    return answer_for(status.reason).iso20022 or None if status.reason is not None else None


def information(status: Status) -> tuple[str, ...]:
    """Return the lines of AddtlInf; a narrative reason always has one (ISO StatusReasonRule)."""
    lines = tuple(filter(None, map(_line, status.details)))
    if not lines and status.reason is not None and reason_code(status) == _NARRATIVE:
        return (answer_for(status.reason).text,)
    return lines


def _line(text: str) -> str:
    # What others wrote may hold what XML or a reader cannot take.
    printable = "".join(char for char in text if char.isprintable())
    return printable.strip()[:INFO_LENGTH_MAX].strip()
