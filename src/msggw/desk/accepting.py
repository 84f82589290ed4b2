"""Accepting a group: one look-up, the pure pipeline for each, one commit.

These functions turn prepared messages and what the store knows into flows, and flows into changes.
They do no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import State
from msggw.desk.clock import moment
from msggw.desk.journal import entry
from msggw.desk.reversal import MAY_HAVE_REACHED, NEVER_US
from msggw.desk.work import Work, seal_work, work_id
from msggw.pipeline import Earlier, Facts, Flow, OriginalFact, match_keys, original_keys, run
from msggw.store import Change, Claim, LookUp, Move, Outbox, UsageOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msggw.desk.incoming import Prepared
    from msggw.desk.records import Records
    from msggw.pipeline import Effect, Policy
    from msggw.store import Found, Stored

__all__ = ["acceptance", "decide", "inbox_key", "question", "work_of"]

_US = 1_000_000
_NOT_SENT = frozenset({State.ROUTED, State.HELD, State.PARKED})
_REVERSAL_KINDS = frozenset({"reversal", "reversal_advice"})
_FORWARDED = _REVERSAL_KINDS | {"authorisation_advice", "financial_advice"}


def inbox_key(prepared: Prepared) -> tuple[str, str]:
    """Return (source, message key), unique in the store."""
    source = prepared.live.source
    return f"{source.standard}:{source.partner}:{source.link}", prepared.live.message_key


def question(group: Iterable[Prepared], policy: Policy) -> LookUp:
    """Ask everything the group's decisions depend on."""
    inbox, originals, usage = [], [], []
    for item in group:
        envelope = item.live
        inbox.append(inbox_key(item))
        originals += original_keys(envelope.source, envelope.transaction)
        originals += _own_keys(item)
        usage += _usage_of(item, policy)
    return LookUp(tuple(inbox), tuple(dict.fromkeys(originals)), tuple(dict.fromkeys(usage)))


def decide(item: Prepared, found: Found, policy: Policy, tally: dict[UsageOf, list[int]]) -> Flow:
    """Run the pipeline; `tally` carries what earlier items of this group add to the windows."""
    earlier = found.inbox.get(inbox_key(item))
    usage = {}
    for window, asked in zip(policy.rules.windows, _usage_of(item, policy), strict=False):
        count, minor = found.usage.get(asked, (0, 0))
        extra = tally.setdefault(asked, [0, 0])
        usage[window.name] = (count + extra[0], minor + extra[1])
    facts = Facts(
        now=moment(item.received_us),
        earlier=None if earlier is None else Earlier(earlier.transaction_id, earlier.fingerprint),
        original=_original(item, found),
        reversal=_reversal(item, found),
        usage=usage,
    )
    flow = run(Flow(item.live, facts, policy))
    if flow.effect.adapter is not None:
        amount = item.live.transaction.amount
        for asked in _usage_of(item, policy):
            tally[asked][0] += 1
            tally[asked][1] += 0 if amount is None else amount.minor
    return flow


def acceptance(item: Prepared, flow: Flow, records: Records, lease_us: int) -> Change:
    """Return the change that stores the transaction, its decisions and its first outbox row."""
    effect, envelope, key = flow.effect, item.live, inbox_key(item)
    transaction = envelope.transaction
    amount = transaction.amount
    claim = Claim(
        source=key[0],
        message_key=key[1],
        fingerprint=envelope.fingerprint,
        kind=transaction.kind.value,
        partner=envelope.source.partner,
        match_keys=match_keys(envelope.source, transaction, envelope.id) + _reverses(item),
        route=effect.adapter or "",
        state=effect.state,
        body=records.seal_body(envelope.id, item.rest),
        raw=records.seal_body(envelope.id, item.raw),
        outcome=(
            None if effect.outcome is None else records.seal_outcome(envelope.id, effect.outcome)
        ),
        received_at_us=item.received_us,
        deadline_at_us=_deadline_us(flow),
        instance=envelope.instance,
        subject=item.subject,
        amount_minor=0 if amount is None else min(amount.minor, 2**62),
        currency="" if amount is None else amount.unit.code,
    )
    decisions = [decision.as_dict() for decision in flow.decisions]
    noted = entry(
        "transaction.accepted",
        item.received_us,
        kind=transaction.kind.value,
        source=key[0],
        state=effect.state.value,
        decisions=decisions,
    )
    outbox: tuple[Outbox, ...] = ()
    if effect.adapter is not None:
        body = seal_work(work_of(item, flow, item.rest), records.keys)
        identity = work_id(envelope.id, effect.operation, 1)
        outbox = (Outbox(identity, _route(item, effect), body, item.received_us + lease_us),)
    return Change(
        envelope.id, claim=claim, journal=(noted,), outbox=outbox, also=_also(effect, item)
    )


def work_of(item: Prepared, flow: Flow, envelope_json: bytes) -> Work:
    """Return the work of a routed transaction."""
    envelope, effect = item.live, flow.effect
    return Work(
        transaction_id=envelope.id,
        operation=effect.operation,
        number=1,
        adapter=effect.adapter or "",
        deadline_us=_deadline_us(flow),
        instance=envelope.instance,
        standard=envelope.source.standard.value,
        envelope=envelope_json,
        original_id=effect.reverse or "",
    )


def _deadline_us(flow: Flow) -> int:
    # What is answered already, or is forwarded until it is accepted, has no deadline to miss.
    envelope = flow.envelope
    if flow.effect.outcome is not None or envelope.transaction.kind in _FORWARDED:
        return NEVER_US
    return int(envelope.deadline_at.timestamp() * _US)


def _route(item: Prepared, effect: Effect) -> str:
    return f"pay.{effect.adapter}.{item.live.transaction.kind}"


def _also(effect: Effect, item: Prepared) -> tuple[Change, ...]:
    if effect.expire is not None:
        noted = entry("transaction.expired", item.received_us, by=item.live.id)
        return (Change(effect.expire, move=Move(_NOT_SENT, State.EXPIRED), journal=(noted,)),)
    if effect.reverse is not None:
        noted = entry("transaction.reversing", item.received_us, by=item.live.id)
        move = Move(MAY_HAVE_REACHED, State.REVERSING)
        return (Change(effect.reverse, move=move, journal=(noted,)),)
    return ()


def _usage_of(item: Prepared, policy: Policy) -> Sequence[UsageOf]:
    if not item.subject:
        return ()
    # Whole seconds, so that one group asks about one subject once.
    now_s = item.received_us // _US
    return [
        UsageOf(item.subject, (now_s - window.window_s) * _US) for window in policy.rules.windows
    ]


def _own_keys(item: Prepared) -> tuple[str, ...]:
    # The keys under which a reversal that came first would have left its mark.
    envelope = item.live
    keys = match_keys(envelope.source, envelope.transaction, envelope.id)
    return tuple(f"reversed|{key}" for key in keys if key.startswith("stan|"))


def _reverses(item: Prepared) -> tuple[str, ...]:
    envelope = item.live
    if envelope.transaction.kind not in _REVERSAL_KINDS:
        return ()
    keys = original_keys(envelope.source, envelope.transaction)
    return tuple(f"reversed|{key}" for key in keys if key.startswith("stan|"))


def _original(item: Prepared, found: Found) -> OriginalFact | None:
    envelope = item.live
    for key in original_keys(envelope.source, envelope.transaction):
        stored = found.originals.get(key)
        if stored is not None and _may_be_original(stored, envelope.id):
            return OriginalFact(stored.transaction_id, stored.kind, stored.state, stored.route)
    return None


def _may_be_original(stored: Stored, own_id: str) -> bool:
    return stored.transaction_id != own_id and stored.kind not in _REVERSAL_KINDS


def _reversal(item: Prepared, found: Found) -> str | None:
    for key in _own_keys(item):
        stored = found.originals.get(key)
        if stored is not None:
            return stored.transaction_id
    return None
