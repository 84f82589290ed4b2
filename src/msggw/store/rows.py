"""The tables' columns, and rows as the port shows them. Both databases share them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msggw.canonical import State
from msggw.store.port import ApiKey, Attempt, OutboxRow, Parked, Partner, Stored

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "API_KEYS",
    "ATTEMPTS",
    "COLUMNS",
    "JOURNAL",
    "NEVER_US",
    "NEWEST_BY_MATCH_KEY",
    "OUTBOX",
    "PARKED",
    "PARTNERS",
    "STORED",
    "api_key",
    "attempt",
    "outbox_row",
    "parked",
    "partner",
    "stored",
]

COLUMNS: dict[str, dict[str, str]] = {
    "transactions": {
        "transaction_id": "text",
        "source": "text",
        "message_key": "text",
        "fingerprint": "text",
        "kind": "text",
        "partner": "text",
        "route": "text",
        "body": "bytea",
        "raw": "bytea",
        "received_at_us": "bigint",
        "instance": "text",
        "subject": "text",
        "amount_minor": "text",
        "currency": "text",
        "counted": "boolean",
    },
    "states": {
        "transaction_id": "text",
        "state": "text",
        "version": "integer",
        "answered": "boolean",
        "deadline_at_us": "bigint",
        "updated_at_us": "bigint",
    },
    "outcomes": {"transaction_id": "text", "version": "integer", "outcome": "bytea"},
    "match_keys": {"match_key": "text", "received_at_us": "bigint", "transaction_id": "text"},
    "journal": {
        "chain": "text",
        "seq": "bigint",
        "transaction_id": "text",
        "event": "text",
        "at_us": "bigint",
        "data": "text",
        "prev": "bytea",
        "hash": "bytea",
    },
    "outbox": {
        "id": "text",
        "transaction_id": "text",
        "route": "text",
        "body": "bytea",
        "attempt": "integer",
        "due_at_us": "bigint",
    },
    "attempts": {
        "transaction_id": "text",
        "operation": "text",
        "number": "integer",
        "provider": "text",
        "idempotency_key": "text",
        "started_at_us": "bigint",
        "finished_at_us": "bigint",
        "outcome": "text",
    },
}
"""Table → column → type in PostgreSQL, in the order of the rows of a `Plan`."""

STORED = """
    t.transaction_id, t.source, t.message_key, t.fingerprint, t.kind, t.partner, t.route,
    s.state, s.version, s.answered, t.body,
    (SELECT outcome FROM outcomes o WHERE o.transaction_id = t.transaction_id
     ORDER BY o.version DESC LIMIT 1),
    t.received_at_us, s.updated_at_us, s.deadline_at_us, t.instance
"""
"""What `stored` reads, with `t` for transactions and `s` for states."""

NEVER_US = 2**62
"""A deadline that never comes; such rows are not in the index of what may be overdue."""

NEWEST_BY_MATCH_KEY = """
    (SELECT m.transaction_id FROM match_keys m WHERE m.match_key = {key}
     ORDER BY m.received_at_us DESC, m.transaction_id DESC LIMIT 1)
"""
OUTBOX = "id, transaction_id, route, body, attempt"
JOURNAL = ", ".join(COLUMNS["journal"])
ATTEMPTS = "provider, operation, number, idempotency_key, started_at_us, finished_at_us, outcome"
PARKED = "id, transaction_id, route, body, cause, attempts, at_us"
PARTNERS = "id, name, created_at_us"
API_KEYS = "id, partner, mac, hint, created_at_us, revoked_at_us"


def stored(row: Sequence[Any]) -> Stored:
    """Return a row of `STORED`; further columns are left alone."""
    values = list(row[:16])
    values[7], values[9] = State(values[7]), bool(values[9])
    return Stored(*values)


def outbox_row(row: Sequence[Any]) -> OutboxRow:
    """Return a row of `OUTBOX`."""
    return OutboxRow(*row)


def attempt(row: Sequence[Any]) -> Attempt:
    """Return a row of `ATTEMPTS`."""
    return Attempt(*row)


def parked(row: Sequence[Any]) -> Parked:
    """Return a row of `PARKED`."""
    return Parked(*row)


def partner(row: Sequence[Any]) -> Partner:
    """Return a row of `PARTNERS`."""
    return Partner(*row)


def api_key(row: Sequence[Any]) -> ApiKey:
    """Return a row of `API_KEYS`."""
    return ApiKey(*row)
