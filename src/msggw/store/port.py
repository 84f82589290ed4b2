"""The store port: what is true about every transaction, committed in groups.

A `Change` is all that happens to one transaction at one moment. Many changes are committed in one
database transaction (*group commit*): while one commit is under way, the next group fills, and
there is no waiting window. A change whose claim fails (the message key exists already, or the state
is not the expected one) writes nothing at all and says so in its `Result`; the others are not
touched by it. Within a group, and within one call, changes are judged in the order they were handed
in, each seeing what the earlier ones did.

Bodies, raw copies and outcomes arrive here sealed (AES-256-GCM); the store never sees a PAN.
Times are microseconds since the epoch, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msggw.canonical import State

__all__ = [
    "ApiKey",
    "Attempt",
    "AttemptStart",
    "Change",
    "Claim",
    "Found",
    "JournalEntry",
    "JournalRow",
    "LookUp",
    "Move",
    "Outbox",
    "OutboxRow",
    "Parked",
    "Partner",
    "Result",
    "Store",
    "Stored",
    "UsageOf",
    "Verdict",
]


@dataclass(frozen=True, slots=True)
class Claim:
    """A new transaction and the inbox key that makes it the only one of its kind.

    `source` and `message_key` are unique together. `match_key` finds this transaction again as the
    original of a reversal, return or status request (not unique: the newest by `received_at_us`
    wins). `subject` and `amount_minor` (any number of digits) feed the velocity windows: a claim
    counts unless its subject is empty or it is DECLINED already. Amounts of one subject are simply
    added up, so a subject should name its currency.
    """

    source: str
    message_key: str
    fingerprint: str
    kind: str
    partner: str
    match_keys: tuple[str, ...]
    route: str
    state: State
    body: bytes
    raw: bytes
    outcome: bytes | None
    received_at_us: int
    deadline_at_us: int
    instance: str
    subject: str = ""
    amount_minor: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """A compare-and-set: only if the state is one of `expected` (and, if asked, `answered` so)."""

    expected: frozenset[State]
    state: State
    outcome: bytes | None = None
    """New sealed outcome; None leaves the stored one."""
    expected_answered: bool | None = None
    answered: bool | None = None
    deadline_at_us: int | None = None


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line of the append-only journal: `event` is a dotted word, `data` is JSON text."""

    event: str
    at_us: int
    data: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """Something to publish to the routing key `route`, due at `due_at_us`. The same id replaces."""

    id: str
    route: str
    body: bytes
    due_at_us: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class AttemptStart:
    """A provider call about to be made. (transaction, operation, number) is unique."""

    provider: str
    operation: str
    number: int
    idempotency_key: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Change:
    """All that happens to one transaction at one moment.

    It claims or moves the transaction, or neither. A repeated attempt number is a CONFLICT.
    """

    transaction_id: str
    claim: Claim | None = None
    move: Move | None = None
    journal: tuple[JournalEntry, ...] = ()
    outbox: tuple[Outbox, ...] = ()
    outbox_done: tuple[str, ...] = ()
    """Ids of outbox rows that are no longer needed; they go before `outbox` is written."""
    attempt: AttemptStart | None = None
    attempt_outcome: tuple[str, int, str, int] | None = None
    """(operation, number, outcome kind and reason as `kind:reason`, at_us) of a finished one."""
    also: tuple[Change, ...] = ()
    """Changes to other transactions that stand or fall with this one (a reversal's own claim).

    A transaction, and a message key, occurs once in a change and all its `also`.
    """


class Verdict(StrEnum):
    """What became of a change."""

    DONE = "done"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Result:
    """The verdict on a change and its `also`.

    For DUPLICATE `transaction_id` is the earlier one. For CONFLICT it is the transaction whose
    part failed, and `state` its state now (None: there is no such transaction).
    """

    verdict: Verdict
    transaction_id: str
    state: State | None = None


@dataclass(frozen=True, slots=True)
class UsageOf:
    """A velocity question: counted transactions of `subject` since `since_us`, inclusive."""

    subject: str
    since_us: int


@dataclass(frozen=True, slots=True)
class LookUp:
    """Everything a group of new messages needs to know, asked in one go."""

    inbox: tuple[tuple[str, str], ...] = ()
    originals: tuple[str, ...] = ()
    usage: tuple[UsageOf, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The answers to a `LookUp`; absent keys were not found. Every usage question is answered."""

    inbox: dict[tuple[str, str], Stored]
    originals: dict[str, Stored]
    usage: dict[UsageOf, tuple[int, int]]
    """(count, total amount in minor units)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A transaction as it stands. `body` and `outcome` are sealed.

    `version` is 1 after the claim and grows by one with each move. `updated_at_us` is the time of
    the last journal entry of the last move that had one.
    """

    transaction_id: str
    source: str
    message_key: str
    fingerprint: str
    kind: str
    partner: str
    route: str
    state: State
    version: int
    answered: bool
    body: bytes
    outcome: bytes | None
    received_at_us: int
    updated_at_us: int
    deadline_at_us: int
    instance: str


@dataclass(frozen=True, slots=True)
class JournalRow:
    """A journal line with its place in its chain: `hash = HMAC(key, prev ‖ content)`."""

    chain: str
    seq: int
    transaction_id: str
    event: str
    at_us: int
    data: str
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed outbox row."""

    id: str
    transaction_id: str
    route: str
    body: bytes
    attempt: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """A provider call; `outcome` is empty while it is under way (or was cut off by a crash)."""

    provider: str
    operation: str
    number: int
    idempotency_key: str
    started_at_us: int
    finished_at_us: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Parked:
    """Work that nobody could do, waiting for an operator."""

    id: str
    transaction_id: str
    route: str
    body: bytes
    cause: str
    attempts: int
    at_us: int


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner: `id` as in `values.PartnerId`."""

    id: str
    name: str
    created_at_us: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key at rest: its public id, HMAC (hex), a four-character hint and its partner."""

    id: str
    partner: str
    mac: str
    hint: str
    created_at_us: int
    revoked_at_us: int | None = None


class Store(Protocol):
    """The port. Both implementations pass the same contract tests."""

    async def start(self) -> None:
        """Open the database.

        Raises `ConfigurationError` if its schema is not the current one or another process writes
        this journal chain, `Unavailable` if it does not answer.
        """

    async def close(self) -> None:
        """Finish what was handed in, then close."""

    async def ping(self) -> None:
        """Do one trivial read; raise `Unavailable`."""

    async def commit(self, changes: Sequence[Change]) -> list[Result]:
        """Commit the changes durably, in one group with whatever else is waiting.

        The changes of one call stay together in one database transaction. Raises `Unavailable` if
        nothing of it was committed (or it cannot be known), `ValueError` if something in it can
        never be written (a number beyond 64 bits, a change that contradicts itself) and
        `ConfigurationError` if another process writes this journal chain: nothing was committed.
        """

    async def look_up(self, question: LookUp) -> Found:
        """Answer a group's questions in one round trip each."""

    async def load(self, transaction_id: str) -> Stored | None:
        """Return one transaction."""

    async def timeline(self, transaction_id: str) -> list[JournalRow]:
        """Return the journal of one transaction in time order."""

    async def attempts(self, transaction_id: str) -> list[Attempt]:
        """Return the provider calls of one transaction in order."""

    async def due(self, now_us: int, lease_us: int, limit: int) -> list[OutboxRow]:
        """Claim outbox rows due at `now_us` or earlier, longest due first.

        Nobody gets them again before the lease ends.
        """

    async def overdue(
        self, states: frozenset[State], before_us: int, limit: int, *, unanswered: bool = False
    ) -> list[Stored]:
        """Return transactions in these states with a deadline before that instant, oldest first."""

    async def park(self, parked: Parked) -> None:
        """Keep work that nobody could do; the same id replaces."""

    async def parked(self, limit: int) -> list[Parked]:
        """Return parked work, oldest first."""

    async def release(self, parked_id: str, outbox: Outbox) -> bool:
        """Turn parked work into an outbox row; False if it is gone."""

    async def add_partner(self, partner: Partner, key: ApiKey) -> None:
        """Add a partner (or a further key for it); raise `Conflict` if the key's id is taken."""

    async def partners(self) -> list[Partner]:
        """Return all partners."""

    async def api_key(self, key_id: str) -> ApiKey | None:
        """Return a key by its public id."""

    async def verify_journal(self) -> tuple[int, JournalRow | None]:
        """Walk every chain up to the first row that does not hold.

        Returns how many rows hold and that first broken one, which was edited itself or follows
        rows that were removed or reordered. Rows cut off at the end of a chain are not noticed.
        """
