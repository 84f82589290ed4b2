"""Accepting a group: one look-up, the pure pipeline for each, one commit.

These functions turn prepared messages and what the store knows into decided cases, and those into
changes and work. They do no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msggw.canonical import Amounts, Outcome, State
from msggw.desk.clock import moment
from msggw.desk.journal import entry
from msggw.desk.records import reason_now
from msggw.desk.reversal import MAY_HAVE_REACHED, NEVER_US
from msggw.desk.work import Work, seal_work, work_id
from msggw.pipeline import Earlier, Facts, Flow, OriginalFact, run
from msggw.store import Change, Claim, LookUp, Move, Outbox, Stored, UsageOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from msggw.canonical import Envelope
    from msggw.desk.incoming import Prepared
    from msggw.desk.records import Records
    from msggw.pipeline import Effect, Policy
    from msggw.store import Found

__all__ = [
    "ANY_MARK",
    "Decided",
    "Tally",
    "acceptance",
    "decide",
    "ids_asked",
    "marks",
    "question",
    "work_of",
]

ANY_MARK = "reversed|any"
"""The key that every mark of a reversal without an original has beside its own."""

_US = 1_000_000
_NOT_SENT = frozenset({State.ROUTED, State.HELD, State.PARKED})
_REVERSAL_KINDS = frozenset({"reversal", "reversal_advice"})
_FORWARDED = _REVERSAL_KINDS | {"authorisation_advice", "financial_advice"}


class Decided(NamedTuple):
    """A message, what the pipeline decided, and the original it is about (if there is one)."""

    item: Prepared
    flow: Flow
    original: Stored | None


class Tally:
    """What is accepted but not yet in the store counts in velocity windows, too."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._usage: dict[str, tuple[int, int]] = {}

    def of(self, subject: str) -> tuple[int, int]:
        """Return (count, minor units) on the way."""
        return self._usage.get(subject, (0, 0))

    def add(self, item: Prepared, sign: int = 1) -> None:
        """Count the item in, or with -1 out."""
        amount = item.live.transaction.amount
        count, minor = self.of(item.subject)
        count, minor = count + sign, minor + sign * (0 if amount is None else amount.minor)
        if count:
            self._usage[item.subject] = (count, minor)
        else:
            del self._usage[item.subject]

    def forget(self, decided: Iterable[Decided]) -> None:
        """Count out what was counted in when it was decided."""
        for item, flow, _ in decided:
            if item.subject and flow.effect.adapter is not None:
                self.add(item, -1)


def question(group: Iterable[Prepared], policy: Policy, met: Iterable[Prepared]) -> LookUp:
    """Ask what the group's decisions depend on.

    Whether a message was here before is asked only for those that the store has `met`: for all
    others the commit itself tells, which costs nothing when they are new.
    """
    originals = [ANY_MARK]
    usage: list[UsageOf] = []
    for item in group:
        originals += _stored_keys(item.asked_keys)
        usage += _usage_of(item, policy)
    inbox = tuple(item.inbox_key for item in met)
    return LookUp(inbox, tuple(dict.fromkeys(originals)), tuple(dict.fromkeys(usage)))


def marks(group: Iterable[Prepared]) -> LookUp:
    """Ask for the marks of reversals that came before their originals."""
    keys = [key for item in group for key in _reversed(item.own_keys)]
    return LookUp(originals=tuple(keys))


def decide(
    item: Prepared,
    found: Found,
    policy: Policy,
    tally: Tally,
    records: Records,
) -> Decided:
    """Run the pipeline; `tally` carries what the store does not count yet."""
    earlier = found.inbox.get(item.inbox_key)
    usage = {}
    coming, coming_minor = tally.of(item.subject)
    for window, asked in zip(policy.rules.windows, _usage_of(item, policy), strict=False):
        count, minor = found.usage.get(asked, (0, 0))
        usage[window.name] = (count + coming, minor + coming_minor)
    original = _original(item, found)
    facts = Facts(
        now=moment(item.received_us),
        earlier=None if earlier is None else Earlier(earlier.transaction_id, earlier.fingerprint),
        original=None if original is None else _fact(original, records),
        reversal=_reversal(item, found),
        usage=usage,
    )
    flow = run(Flow(item.live, facts, policy))
    if item.subject and flow.effect.adapter is not None:
        tally.add(item)
    return Decided(item, flow, original)


def acceptance(decided: Decided, records: Records, lease_us: int) -> Change:
    """Return the change that stores the transaction, its decisions and its first outbox row."""
    item, flow = decided.item, decided.flow
    effect, envelope, key = flow.effect, item.live, item.inbox_key
    transaction = envelope.transaction
    amount = transaction.amount
    outcome = effect.outcome
    claim = Claim(
        source=key[0],
        message_key=key[1],
        fingerprint=envelope.fingerprint,
        kind=transaction.kind.value,
        partner=envelope.source.partner,
        match_keys=_stored_keys(item.own_keys) + _marks(decided),
        route=effect.adapter or "",
        state=effect.state,
        body=records.seal_body(envelope.id, item.rest),
        raw=records.seal_body(envelope.id, item.raw),
        outcome=None if outcome is None else records.seal_outcome(envelope.id, outcome),
        received_at_us=item.received_us,
        deadline_at_us=_deadline_us(flow),
        instance=envelope.instance,
        subject=item.subject,
        amount_minor=0 if amount is None else amount.minor,
        currency="" if amount is None else amount.unit.code,
    )
    noted = entry(
        "transaction.accepted",
        item.received_us,
        kind=transaction.kind.value,
        source=key[0],
        state=effect.state.value,
        decisions=[decision.as_dict() for decision in flow.decisions],
    )
    outbox: tuple[Outbox, ...] = ()
    if effect.adapter is not None:
        # The relay makes plain work again from what is stored here; only work about an original
        # has a body of its own.
        body = b""
        if effect.about is not None:
            body = seal_work(work_of(decided, records, item.rest), records.keys)
        identity = work_id(envelope.id, effect.operation, 1)
        outbox = (Outbox(identity, _route_of(decided), body, item.received_us + lease_us),)
    return Change(
        envelope.id, claim=claim, journal=(noted,), outbox=outbox, also=_also(effect, item)
    )


def work_of(decided: Decided, records: Records, envelope_json: bytes) -> Work:
    """Return the work of a routed transaction.

    A reversal or cancellation carries the envelope of the original, which is what the adapter's
    operation is about, and what the provider said to it.
    """
    item, flow, original = decided
    known: Outcome | None = None
    if flow.effect.about is not None and original is not None:
        envelope_json = _about(records.envelope(original), item.live)
        known = records.outcome(original)
    return Work(
        transaction_id=item.live.id,
        operation=flow.effect.operation,
        number=1,
        adapter=flow.effect.adapter or "",
        deadline_us=_deadline_us(flow),
        instance=item.live.instance,
        standard=item.live.source.standard.value,
        envelope=envelope_json,
        original_id=flow.effect.about or "",
        approval_code=None if known is None else known.approval_code,
        provider_reference=None if known is None else known.provider_reference,
    )


def _about(original: Envelope, asking: Envelope) -> bytes:
    # A partial reversal names its replacement amount itself (DE 95).
    amounts = asking.transaction.amounts
    if amounts is not None and amounts.replacement is not None:
        transaction = original.transaction
        kept = transaction.amounts or Amounts()
        replaced = kept.model_copy(update={"replacement": amounts.replacement})
        changed = transaction.model_copy(update={"amounts": replaced})
        original = original.model_copy(update={"transaction": changed})
    return original.model_dump_json(exclude_defaults=True).encode()


def _deadline_us(flow: Flow) -> int:
    # What is answered already, or is forwarded until it is accepted, has no deadline to miss.
    envelope = flow.envelope
    if flow.effect.outcome is not None or envelope.transaction.kind in _FORWARDED:
        return NEVER_US
    return int(envelope.deadline_at.timestamp() * _US)


def _route_of(decided: Decided) -> str:
    return f"pay.{decided.flow.effect.adapter}.{decided.item.live.transaction.kind}"


def _also(effect: Effect, item: Prepared) -> tuple[Change, ...]:
    if effect.expire is not None:
        noted = entry("transaction.expired", item.received_us, by=item.live.id)
        move = Move(_NOT_SENT, State.EXPIRED, deadline_at_us=NEVER_US)
        return (Change(effect.expire, move=move, journal=(noted,)),)
    if effect.operation == "reverse" and effect.about is not None:
        noted = entry("transaction.reversing", item.received_us, by=item.live.id)
        move = Move(MAY_HAVE_REACHED, State.REVERSING)
        return (Change(effect.about, move=move, journal=(noted,)),)
    return ()


def _usage_of(item: Prepared, policy: Policy) -> Sequence[UsageOf]:
    if not item.subject:
        return ()
    # Whole seconds, so that one group asks about one subject once.
    now_s = item.received_us // _US
    return [
        UsageOf(item.subject, (now_s - window.window_s) * _US) for window in policy.rules.windows
    ]


def ids_asked(group: Iterable[Prepared]) -> dict[str, str]:
    """Return the gateway's own ids that messages ask about, by the key they ask with."""
    return {
        key: key.rpartition("|")[2]
        for item in group
        for key in item.asked_keys
        if key.startswith("id|")
    }


def _stored_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    # A transaction is found by its own id without a match key.
    return tuple([key for key in keys if not key.startswith("id|")])


def _reversed(keys: Iterable[str]) -> tuple[str, ...]:
    # The marks that a reversal leaves for an original that may come after it.
    return tuple([f"reversed|{key}" for key in keys if key.startswith("stan|")])


def _marks(decided: Decided) -> tuple[str, ...]:
    kind = decided.item.live.transaction.kind
    if kind not in _REVERSAL_KINDS or decided.original is not None:
        return ()
    return (*_reversed(decided.item.asked_keys), ANY_MARK)


def _original(item: Prepared, found: Found) -> Stored | None:
    partner = item.live.source.partner
    for key in item.asked_keys:
        stored = found.originals.get(key)
        # Another partner's transaction is as absent as none at all.
        if stored is not None and stored.partner == partner and stored.kind not in _REVERSAL_KINDS:
            return stored
    return None


def _fact(stored: Stored, records: Records) -> OriginalFact:
    reason = reason_now(stored.state, records.outcome(stored), answered=stored.answered)
    return OriginalFact(stored.transaction_id, stored.kind, stored.state, stored.route, reason)


def _reversal(item: Prepared, found: Found) -> str | None:
    for key in _reversed(item.own_keys):
        stored = found.originals.get(key)
        if stored is not None:
            return stored.transaction_id
    return None
