"""What goes through the pipeline, and what comes out: decisions and effects, both data.

A stage takes a `Flow` and returns a `Flow`. It never does I/O; what it needs to know was looked up
before (`Facts`), what should happen is said in effects, which the shells carry out.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from msggw.canonical import Event, Outcome, OutcomeKind, State, after

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from msggw.canonical import Envelope, Reason
    from msggw.routing import RouteTable
    from msggw.screening import Rulebook

__all__ = ["Decision", "Earlier", "Effect", "Facts", "Flow", "OriginalFact", "Policy"]


_NOTHING: Mapping[str, str | int] = MappingProxyType({})
_UNUSED: Mapping[str, tuple[int, int]] = MappingProxyType({})


class Earlier(NamedTuple):
    """The transaction that has this message key already."""

    transaction_id: str
    fingerprint: str


class OriginalFact(NamedTuple):
    """The transaction that a reversal, status or cancellation request is about."""

    transaction_id: str
    kind: str
    state: State
    adapter: str
    reason: Reason | None = None
    """What its sender was told, or would be told now."""


class Facts(NamedTuple):
    """Everything a decision may depend on beside the message and the policy."""

    now: datetime
    earlier: Earlier | None = None
    original: OriginalFact | None = None
    reversal: str | None = None
    """A reversal of exactly this transaction that came before it."""
    usage: Mapping[str, tuple[int, int]] = _UNUSED


class Policy(NamedTuple):
    """The rules and routes in force."""

    rules: Rulebook
    routes: RouteTable


class Decision(NamedTuple):
    """What one stage decided and why."""

    stage: str
    passed: bool
    text: str
    reason: Reason | None = None
    evidence: Mapping[str, str | int] = _NOTHING

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form for the journal and the timeline."""
        out: dict[str, object] = {"stage": self.stage, "passed": self.passed, "text": self.text}
        if self.reason is not None:
            out["reason"] = self.reason.value
        if self.evidence:
            out["evidence"] = dict(self.evidence)
        return out


class Effect(NamedTuple):
    """What the shell must make true.

    `replay`: answer with the stored transaction of that id and store nothing. Otherwise a new
    transaction is stored in `state`; with `adapter` it is published for `operation`; `outcome` is
    its answer if there is one already; `expire` names an original that never will be sent now;
    `about` is the original that `operation` concerns, which `reverse` moves along.
    """

    state: State = State.RECEIVED
    replay: str | None = None
    outcome: Outcome | None = None
    adapter: str | None = None
    operation: str = "submit"
    expire: str | None = None
    about: str | None = None


class Flow(NamedTuple):
    """An envelope on its way through the stages."""

    envelope: Envelope
    facts: Facts
    policy: Policy
    decisions: tuple[Decision, ...] = ()
    effect: Effect = Effect()
    ended: bool = False

    def passed(self, stage: str, text: str, **evidence: str | int) -> Flow:
        """Note a decision and go on."""
        return self._noted(Decision(stage, passed=True, text=text, evidence=evidence))

    def moved(self, event: Event) -> Flow:
        """Move the state by the table."""
        return self._replace(effect=self.effect._replace(state=after(self.effect.state, event)))

    def refused(self, decision: Decision, *, detail: str | None = None) -> Flow:
        """End with a refusal; the sender sees the reason, the journal the decision."""
        reason = decision.reason
        if reason is None:
            msg = "a refusal needs a reason"
            raise ValueError(msg)
        outcome = Outcome(
            kind=OutcomeKind.REJECTED, reason=reason, at=self.facts.now, detail=detail
        )
        return self._noted(decision).moved(Event.REFUSE).finished(outcome)

    def finished(self, outcome: Outcome | None = None) -> Flow:
        """End here; `outcome` is the answer if it is known."""
        return self._replace(ended=True, effect=self.effect._replace(outcome=outcome))

    def _noted(self, decision: Decision) -> Flow:
        return self._replace(decisions=(*self.decisions, decision))
