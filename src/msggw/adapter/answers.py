"""What adapters say in the same words: outcomes, soft refusals and settings.

An adapter of a third party may use these or build `Outcome` itself; the contract tests judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from msggw.canonical import Outcome, OutcomeKind, Reason, build
from msggw.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SOFT", "not_sent", "read_settings", "rejected", "unknown"]

_M = TypeVar("_M", bound=BaseModel)

SOFT = frozenset(
    {
        Reason.ERROR,
        Reason.RE_ENTER,
        Reason.BANK_NOT_SUPPORTED,
        Reason.CUT_OFF,
        Reason.ISSUER_UNAVAILABLE,
        Reason.NO_ROUTE,
        Reason.SYSTEM_MALFUNCTION,
    }
)
"""Refusals by a system rather than by an issuer or a bank: the same request may succeed later or
elsewhere. A refusal for want of funds is not among them; only the customer can change that."""


def rejected(reason: Reason, **more: Any) -> Outcome:
    """Return a definite no, soft if the reason is in `SOFT`."""
    return Outcome(kind=OutcomeKind.REJECTED, reason=reason, soft=reason in SOFT, **more)


def not_sent(detail: str, **more: Any) -> Outcome:
    """Return that no byte reached the system; it may be tried again or elsewhere."""
    kind, reason = OutcomeKind.NOT_SENT, Reason.ISSUER_UNAVAILABLE
    return Outcome(kind=kind, reason=reason, detail=detail, **more)


def unknown(reason: Reason, detail: str, **more: Any) -> Outcome:
    """Return that the system may or may not have executed it."""
    return Outcome(kind=OutcomeKind.UNKNOWN, reason=reason, detail=detail, **more)


def read_settings(model: type[_M], name: str, settings: Mapping[str, Any]) -> _M:
    """Build an adapter's settings; raise `ConfigurationError` that names every wrong one."""
    try:
        return build(model, dict(settings), f"adapters.{name}")
    except Refused as refusal:
        raise ConfigurationError(str(refusal)) from None
