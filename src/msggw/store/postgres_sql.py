"""The statements for PostgreSQL, and the one statement that writes a group.

That statement is put together from the parts a group needs (claims need others than moves), so
there are few texts, each prepared once per connection.
"""

from __future__ import annotations

from functools import cache
from itertools import count, islice
from typing import TYPE_CHECKING, Any

from msggw.store import rows
from msggw.store.rows import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from msggw.store.plan import Plan

__all__ = [
    "ADD_KEY",
    "ADD_PARTNER",
    "ATTEMPTS",
    "ATTEMPTS_TAKEN",
    "BY_INBOX",
    "BY_MATCH_KEY",
    "DUE",
    "HEAD",
    "INBOX",
    "LOAD",
    "OVERDUE",
    "PARK",
    "RELEASE",
    "SETTINGS",
    "STATES",
    "TIMELINE",
    "USAGE",
    "statement",
]

INBOX = """
    SELECT t.source, t.message_key, t.transaction_id FROM unnest($1::text[], $2::text[]) k (s, m)
    JOIN transactions t ON t.source = k.s AND t.message_key = k.m
"""
STATES = """
    SELECT transaction_id, state, version, answered, deadline_at_us, updated_at_us
    FROM states WHERE transaction_id = ANY($1::text[])
"""
ATTEMPTS_TAKEN = """
    SELECT a.transaction_id, a.operation, a.number
    FROM unnest($1::text[], $2::text[], $3::integer[]) k (t, o, n) JOIN attempts a
    ON a.transaction_id = k.t AND a.operation = k.o AND a.number = k.n
"""
SETTINGS = {
    # Everything is found by index. A plan made while a table was empty must not scan it later.
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    # One plan for every group: planning such a statement costs more than running it.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
"""Of every connection of the store."""

HEAD = "SELECT seq, hash FROM journal WHERE chain = $1 ORDER BY seq DESC LIMIT 1"

FROM_BOTH = "FROM transactions t JOIN states s ON s.transaction_id = t.transaction_id"
LOAD = f"SELECT {rows.STORED} {FROM_BOTH} WHERE t.transaction_id = $1"
BY_INBOX = f"""
    SELECT {rows.STORED} FROM unnest($1::text[], $2::text[]) k (s, m)
    JOIN transactions t ON t.source = k.s AND t.message_key = k.m
    JOIN states s ON s.transaction_id = t.transaction_id
"""  # noqa: S608 - our own names
BY_MATCH_KEY = f"""
    SELECT {rows.STORED}, k.k FROM unnest($1::text[]) k (k) JOIN transactions t
    ON t.transaction_id = {rows.NEWEST_BY_MATCH_KEY.format(key="k.k")}
    JOIN states s ON s.transaction_id = t.transaction_id
"""  # noqa: S608 - our own names
USAGE = """
    SELECT k.at - 1, u.many, u.total
    FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY k (s, since, at)
    CROSS JOIN LATERAL (
        SELECT count(*) AS many, sum(t.amount_minor::numeric) AS total FROM transactions t
        WHERE t.counted AND t.subject = k.s AND t.received_at_us >= k.since
    ) u WHERE u.many > 0
"""
OVERDUE = f"""
    SELECT {rows.STORED} FROM states s JOIN transactions t ON t.transaction_id = s.transaction_id
    WHERE s.state = ANY($1::text[]) AND s.answered = ANY($2::boolean[]) AND s.deadline_at_us < $3
    AND s.deadline_at_us < {rows.NEVER_US}
    ORDER BY s.deadline_at_us, s.transaction_id LIMIT $4
"""  # noqa: S608 - our own names
TIMELINE = f"""
    SELECT {rows.JOURNAL} FROM journal WHERE transaction_id = $1 ORDER BY at_us, chain, seq
"""  # noqa: S608 - our own names
ATTEMPTS = f"""
    SELECT {rows.ATTEMPTS} FROM attempts WHERE transaction_id = $1
    ORDER BY started_at_us, operation, number
"""  # noqa: S608 - our own names
DUE = """
    WITH due AS (
        SELECT id, due_at_us FROM outbox WHERE due_at_us <= $1
        ORDER BY due_at_us, id LIMIT $3 FOR UPDATE SKIP LOCKED
    ), leased AS (
        UPDATE outbox o SET due_at_us = $2 FROM due WHERE o.id = due.id
        RETURNING o.id, o.transaction_id, o.route, o.body, o.attempt, due.due_at_us AS was_due
    )
    SELECT id, transaction_id, route, body, attempt FROM leased ORDER BY was_due, id
"""
PARK = f"""
    INSERT INTO parked ({rows.PARKED}) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (id) DO UPDATE SET transaction_id = excluded.transaction_id,
    route = excluded.route, body = excluded.body, cause = excluded.cause,
    attempts = excluded.attempts, at_us = excluded.at_us
"""  # noqa: S608 - our own names
ADD_PARTNER = f"INSERT INTO partners ({rows.PARTNERS}) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
ADD_KEY = f"INSERT INTO api_keys ({rows.API_KEYS}) VALUES ($1, $2, $3, $4, $5, $6)"  # noqa: S608 - our own names

REPLACE_OUTBOX = """
    ON CONFLICT (id) DO UPDATE SET transaction_id = excluded.transaction_id,
    route = excluded.route, body = excluded.body, attempt = excluded.attempt,
    due_at_us = excluded.due_at_us
"""
RELEASE = f"""
    WITH gone AS (DELETE FROM parked WHERE id = $1 RETURNING transaction_id)
    INSERT INTO outbox (id, transaction_id, route, body, attempt, due_at_us)
    SELECT $2, transaction_id, $3, $4, $5, $6 FROM gone {REPLACE_OUTBOX} RETURNING id
"""  # noqa: S608 - our own names

MOVES = """
    UPDATE states s SET state = k.state, version = k.version, answered = k.answered,
    deadline_at_us = k.deadline, updated_at_us = k.updated
    FROM unnest({0}::integer[], {1}::text[], {2}::text[], {3}::integer[], {4}::boolean[],
    {5}::bigint[], {6}::bigint[]) k (base, id, state, version, answered, deadline, updated)
    WHERE s.transaction_id = k.id AND s.version = k.base RETURNING 1
"""
ATTEMPT_ENDS = """
    UPDATE attempts a SET finished_at_us = k.at, outcome = k.outcome
    FROM unnest({0}::text[], {1}::text[], {2}::integer[], {3}::bigint[], {4}::text[])
    k (t, o, n, at, outcome)
    WHERE a.transaction_id = k.t AND a.operation = k.o AND a.number = k.n
"""
OUTBOX_GONE = "DELETE FROM outbox WHERE id = ANY({0}::text[])"
ALL_MOVED = "SELECT 1 / (CASE WHEN (SELECT count(*) FROM write_moves) = {0} THEN 1 ELSE 0 END)"
"""Fails the statement, and with it the group, if a version has moved on since it was read."""


def _insert(table: str, then: str = "") -> tuple[str, int]:
    columns = COLUMNS[table]
    arrays = ", ".join(f"{{{at}}}::{kind}[]" for at, kind in enumerate(columns.values()))
    text = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays}) {then}"  # noqa: S608 - our own names
    return text, len(columns)


PARTS: dict[str, tuple[str, int]] = {
    "transactions": _insert("transactions"),
    "states": _insert("states"),
    "moves": (MOVES, 7),
    "outcomes": _insert("outcomes"),
    "match_keys": _insert("match_keys"),
    "journal": _insert("journal"),
    "outbox": _insert("outbox", REPLACE_OUTBOX),
    "outbox_gone": (OUTBOX_GONE, 1),
    "attempts": _insert("attempts"),
    "attempt_ends": (ATTEMPT_ENDS, 5),
}
"""Each part with the number of arrays it takes."""


def statement(plan: Plan, lines: Sequence[tuple[Any, ...]]) -> tuple[str, list[Any]]:
    """Return the statement that writes this plan and these journal lines, and its arguments.

    The text is empty if there is nothing to write.
    """
    new, moved = plan.states()
    # One statement may not delete a row and write it: what is written replaces the row anyway.
    gone = [(id_,) for id_ in plan.outbox_gone if id_ not in plan.outbox]
    parts: dict[str, Sequence[tuple[Any, ...]]] = {
        "transactions": plan.transactions,
        "states": new,
        "moves": moved,
        "outcomes": plan.outcomes,
        "match_keys": plan.match_keys,
        "journal": lines,
        "outbox": list(plan.outbox.values()),
        "outbox_gone": gone,
        "attempts": list(plan.attempts.values()),
        "attempt_ends": list(plan.attempt_ends.values()),
    }
    arguments: list[Any] = []
    for part in parts.values():
        arguments.extend(zip(*part, strict=True))
    if moved:
        arguments.append(len(moved))
    return _text(tuple(name for name, part in parts.items() if part)), arguments


@cache
def _text(names: tuple[str, ...]) -> str:
    if not names:
        return ""
    numbers = (f"${number}" for number in count(1))
    parts = []
    for name in names:
        text, width = PARTS[name]
        # A name of its own, so that no part hides the table it writes to.
        parts.append(f"write_{name} AS ({text.format(*islice(numbers, width))})")
    last = ALL_MOVED.format(f"{next(numbers)}::bigint") if "moves" in names else "SELECT 1"
    return f"WITH {', '.join(parts)} {last}"
