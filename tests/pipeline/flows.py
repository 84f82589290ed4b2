"""Flows for the tests of the pipeline."""

from datetime import UTC, datetime, timedelta

from msggw.canonical import Card, Envelope, Kind, Source, Standard, State, Transaction
from msggw.pipeline import Facts, Flow, OriginalFact, Policy
from msggw.routing import RouteTable
from msggw.screening import NameList, Rulebook
from msggw.values import Money, Pan

NOW = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)
RULES = {
    "version": "t",
    "amounts": [{"name": "a", "max": {"KZT": "10.00"}}],
    "kyc": [{"name": "k", "kyc_level": 0, "max": {"KZT": "5.00"}}],
    "windows": [{"name": "w", "window_s": 60, "count_max": 1}],
}
ROUTES = {"version": "t", "cards": [{"name": "four", "from": "4", "adapter": "visa"}]}
POLICY = Policy(
    Rulebook.build(RULES, NameList("demo", [("R1", "Ivan Sanctionov")])),
    RouteTable.build(ROUTES),
)
ORIGINAL = "txn_" + "a" * 32


def source(standard: Standard = Standard.JSON, partner: str = "acme") -> Source:
    """Where a message came from."""
    return Source(standard=standard, dialect="d", partner=partner, link="l")


def refund(amount: str = "10.00", pan: str = "4761739001010119", **parts: object) -> Transaction:
    """A refund within all limits."""
    return Transaction(
        kind=Kind.REFUND, amount=Money.parse(amount, "KZT"), card=Card(pan=Pan(pan)), **parts
    )


def flow(transaction: Transaction | None = None, **facts: object) -> Flow:
    """A flow at its beginning."""
    envelope = Envelope(
        id="txn_" + "0" * 32,
        source=source(),
        message_key="k",
        fingerprint="0" * 64,
        received_at=NOW,
        deadline_at=NOW + timedelta(seconds=20),
        instance="gateway-1",
        transaction=transaction or refund(),
    )
    return Flow(envelope, Facts(now=NOW, **facts), POLICY)


def about(kind: Kind, state: State | None, adapter: str = "visa") -> Flow:
    """A flow about an original in this state."""
    found = None if state is None else OriginalFact(ORIGINAL, "refund", state, adapter)
    return flow(Transaction(kind=kind), original=found)
