"""The stages, in the order in which they run. Each fits on a screen and returns a `Flow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import Event, Kind, Outcome, OutcomeKind, Reason, State
from msggw.pipeline.flow import Decision
from msggw.pipeline.identity import ABOUT_AN_ORIGINAL
from msggw.screening import check_amount, check_kyc, check_names, check_velocity

if TYPE_CHECKING:
    from collections.abc import Callable

    from msggw.pipeline.flow import Flow, OriginalFact
    from msggw.screening import Finding

__all__ = ["STAGES"]

_REVERSALS = frozenset({Kind.REVERSAL, Kind.REVERSAL_ADVICE})
_ON_THE_WAY = frozenset({State.SENT, State.PENDING, State.UNKNOWN, State.APPROVED})
_NOT_YET_SENT = frozenset({State.ROUTED, State.HELD, State.PARKED})


def duplicate(flow: Flow) -> Flow:
    """Answer a repeat from the store; refuse another message under a used key."""
    earlier = flow.facts.earlier
    if earlier is None:
        return flow.passed("duplicate", "first with this key")
    if earlier.fingerprint == flow.envelope.fingerprint:
        noted = flow.passed("duplicate", "a repeat: the stored answer", id=earlier.transaction_id)
        return noted._replace(
            ended=True, effect=noted.effect._replace(replay=earlier.transaction_id)
        )
    text = "the key was used for another message"
    decision = Decision(
        "duplicate",
        passed=False,
        text=text,
        reason=Reason.DUPLICATE,
        evidence={"id": earlier.transaction_id},
    )
    return flow.refused(decision, detail=text)


def original(flow: Flow) -> Flow:
    """Handle what is about an earlier transaction; refuse what was reversed before it came."""
    kind = flow.envelope.transaction.kind
    if kind not in ABOUT_AN_ORIGINAL:
        if flow.facts.reversal is None:
            return flow
        text = "its reversal came first"
        decision = Decision("original", passed=False, text=text, reason=Reason.REVERSED)
        return flow.refused(decision, detail=text)
    found = flow.facts.original
    if kind in _REVERSALS:
        return _reversal(flow, found)
    if found is None:
        text = "no such original"
        decision = Decision("original", passed=False, text=text, reason=Reason.ORIGINAL_NOT_FOUND)
        return flow.refused(decision, detail=text)
    if kind is Kind.STATUS_REQUEST:
        return _answered(flow, f"the original is {found.state}", found)
    return _cancellation(flow, found)


def _reversal(flow: Flow, found: OriginalFact | None) -> Flow:
    if found is None:
        return _answered(flow, "no such original: kept in case it still comes", None)
    if found.state in _NOT_YET_SENT:
        flow = _answered(flow, "the original was not sent yet and now never will be", found)
        return flow._replace(effect=flow.effect._replace(expire=found.transaction_id))
    if not _undoable(found):
        return _answered(flow, f"the original is {found.state}: nothing to undo", found)
    flow = flow.passed("original", f"the original is {found.state}", id=found.transaction_id)
    flow = flow.moved(Event.SCREEN).moved(Event.ROUTE)
    effect = flow.effect._replace(
        adapter=found.adapter,
        operation="reverse",
        about=found.transaction_id,
    )
    return flow._replace(ended=True, effect=effect)


def _cancellation(flow: Flow, found: OriginalFact) -> Flow:
    if found.state in _NOT_YET_SENT:
        flow = _answered(flow, "the original was not sent yet and now never will be", found)
        return flow._replace(effect=flow.effect._replace(expire=found.transaction_id))
    if not _undoable(found):
        text = f"the original is {found.state}"
        decision = Decision("original", passed=False, text=text, reason=Reason.NO_ACTION_TAKEN)
        return flow.refused(decision, detail=text)
    flow = flow.passed("original", f"the original is {found.state}", id=found.transaction_id)
    flow = flow.moved(Event.SCREEN).moved(Event.ROUTE)
    effect = flow.effect._replace(
        adapter=found.adapter, operation="cancel", about=found.transaction_id
    )
    return flow._replace(ended=True, effect=effect)


def _undoable(found: OriginalFact) -> bool:
    # What was answered here (a status request, say) is approved too, but no provider knows it.
    return found.state in _ON_THE_WAY and found.adapter != ""


def _answered(flow: Flow, text: str, found: OriginalFact | None) -> Flow:
    evidence = {} if found is None else {"id": found.transaction_id}
    fields = {} if found is None else {"original_state": found.state.value}
    if found is not None and found.reason is not None:
        fields["original_reason"] = found.reason.value
    outcome = Outcome(
        kind=OutcomeKind.ACCEPTED,
        reason=Reason.APPROVED,
        at=flow.facts.now,
        detail=text,
        fields=fields,
    )
    return flow.passed("original", text, **evidence).moved(Event.ANSWER).finished(outcome)


def kyc(flow: Flow) -> Flow:
    """Hold the amount against the customer's KYC level."""
    return _judged(flow, check_kyc(flow.envelope.transaction, flow.policy.rules))


def amount(flow: Flow) -> Flow:
    """Hold the amount against its limit."""
    return _judged(flow, check_amount(flow.envelope.transaction, flow.policy.rules))


def velocity(flow: Flow) -> Flow:
    """Hold count and sum against the windows."""
    transaction, usage = flow.envelope.transaction, flow.facts.usage
    return _judged(flow, check_velocity(transaction, usage, flow.policy.rules))


def sanctions(flow: Flow) -> Flow:
    """Hold every name against the list; with this the transaction is screened."""
    flow = _judged(flow, check_names(flow.envelope.transaction, flow.policy.rules))
    return flow if flow.ended else flow.moved(Event.SCREEN)


def route(flow: Flow) -> Flow:
    """Choose the adapter."""
    chosen = flow.policy.routes.choose(flow.envelope.transaction)
    if chosen is None:
        text = f"no route for this {flow.envelope.transaction.kind}"
        decision = Decision("route", passed=False, text=text, reason=Reason.NO_ROUTE)
        return flow.refused(decision, detail=text)
    flow = flow.passed("route", chosen.why, adapter=chosen.adapter).moved(Event.ROUTE)
    return flow._replace(ended=True, effect=flow.effect._replace(adapter=chosen.adapter))


def _judged(flow: Flow, finding: Finding) -> Flow:
    if finding.reason is None:
        return flow.passed(finding.check, finding.text, **finding.evidence)
    return flow.refused(
        Decision(
            finding.check,
            passed=False,
            text=finding.text,
            reason=finding.reason,
            evidence=finding.evidence,
        )
    )


STAGES: tuple[Callable[[Flow], Flow], ...] = (
    duplicate,
    original,
    kyc,
    amount,
    velocity,
    sanctions,
    route,
)
