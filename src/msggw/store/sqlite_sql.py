"""The statements for SQLite. Many keys are handed over as one JSON text."""

from __future__ import annotations

from msggw.store import rows

__all__ = [
    "ADD_KEY",
    "ADD_PARTNER",
    "ATTEMPTS",
    "ATTEMPTS_TAKEN",
    "ATTEMPT_ENDS",
    "BY_INBOX",
    "BY_MATCH_KEY",
    "DUE",
    "HEAD",
    "INBOX",
    "INSERTS",
    "LEASE",
    "LOAD",
    "OUTBOX_GONE",
    "OVERDUE",
    "PARK",
    "STATES",
    "TIMELINE",
    "USAGE",
    "SumOfDigits",
]

FROM_BOTH = "FROM transactions t JOIN states s ON s.transaction_id = t.transaction_id"
LOAD = f"SELECT {rows.STORED} {FROM_BOTH} WHERE t.transaction_id = ?"
BY_INBOX = f"""
    SELECT {rows.STORED} FROM json_each(?) k CROSS JOIN transactions t
    ON t.source = json_extract(k.value, '$[0]') AND t.message_key = json_extract(k.value, '$[1]')
    JOIN states s ON s.transaction_id = t.transaction_id
"""  # noqa: S608 - our own names
BY_MATCH_KEY = f"""
    SELECT {rows.STORED}, k.value FROM json_each(?) k CROSS JOIN transactions t
    ON t.transaction_id = {rows.NEWEST_BY_MATCH_KEY.format(key="k.value")}
    JOIN states s ON s.transaction_id = t.transaction_id
"""  # noqa: S608 - our own names
USAGE = """
    SELECT k.key, count(*), sum_of_digits(t.amount_minor) FROM json_each(?) k
    CROSS JOIN transactions t ON t.counted AND t.subject = json_extract(k.value, '$[0]')
    AND t.received_at_us >= json_extract(k.value, '$[1]') GROUP BY k.key
"""
OVERDUE = f"""
    SELECT {rows.STORED} FROM states s JOIN transactions t ON t.transaction_id = s.transaction_id
    WHERE s.state IN (SELECT value FROM json_each(?)) AND s.answered IN (?, ?)
    AND s.deadline_at_us < ? AND s.deadline_at_us < {rows.NEVER_US}
    ORDER BY s.deadline_at_us, s.transaction_id LIMIT ?
"""  # noqa: S608 - our own names
TIMELINE = f"""
    SELECT {rows.JOURNAL} FROM journal WHERE transaction_id = ? ORDER BY at_us, chain, seq
"""  # noqa: S608 - our own names
ATTEMPTS = f"""
    SELECT {rows.ATTEMPTS} FROM attempts WHERE transaction_id = ?
    ORDER BY started_at_us, operation, number
"""  # noqa: S608 - our own names
DUE = f"SELECT {rows.OUTBOX} FROM outbox WHERE due_at_us <= ? ORDER BY due_at_us, id LIMIT ?"  # noqa: S608 - our own names
LEASE = "UPDATE outbox SET due_at_us = ? WHERE id IN (SELECT value FROM json_each(?))"
PARK = f"INSERT OR REPLACE INTO parked ({rows.PARKED}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names
ADD_PARTNER = f"INSERT OR IGNORE INTO partners ({rows.PARTNERS}) VALUES (?, ?, ?)"  # noqa: S608 - our own names
ADD_KEY = f"INSERT INTO api_keys ({rows.API_KEYS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own names

REPLACING = {
    "states": "ON CONFLICT (transaction_id) DO UPDATE SET state = excluded.state,"
    " version = excluded.version, answered = excluded.answered,"
    " deadline_at_us = excluded.deadline_at_us, updated_at_us = excluded.updated_at_us",
    "outbox": "ON CONFLICT (id) DO UPDATE SET transaction_id = excluded.transaction_id,"
    " route = excluded.route, body = excluded.body, attempt = excluded.attempt,"
    " due_at_us = excluded.due_at_us",
}

INBOX = """
    SELECT t.source, t.message_key, t.transaction_id FROM json_each(?) k
    CROSS JOIN transactions t
    ON t.source = json_extract(k.value, '$[0]') AND t.message_key = json_extract(k.value, '$[1]')
"""
STATES = """
    SELECT s.transaction_id, s.state, s.version, s.answered, s.deadline_at_us, s.updated_at_us
    FROM json_each(?) k CROSS JOIN states s ON s.transaction_id = k.value
"""
ATTEMPTS_TAKEN = """
    SELECT a.transaction_id, a.operation, a.number FROM json_each(?) k
    CROSS JOIN attempts a ON a.transaction_id = json_extract(k.value, '$[0]')
    AND a.operation = json_extract(k.value, '$[1]') AND a.number = json_extract(k.value, '$[2]')
"""
ATTEMPT_ENDS = """
    UPDATE attempts SET finished_at_us = json_extract(k.value, '$[3]'),
    outcome = json_extract(k.value, '$[4]') FROM json_each(?) k
    WHERE attempts.transaction_id = json_extract(k.value, '$[0]')
    AND attempts.operation = json_extract(k.value, '$[1]')
    AND attempts.number = json_extract(k.value, '$[2]')
"""
OUTBOX_GONE = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))"
HEAD = "SELECT seq, hash FROM journal WHERE chain = ? ORDER BY seq DESC LIMIT 1"

ROWS_PER_STATEMENT = (128, 64, 32, 16, 8, 4, 2, 1)
"""Any number of rows is a sum of these, so few texts of statements are ever compiled."""


class SumOfDigits:
    """An aggregate for sums beyond 64 bits: amounts are text of up to 36 digits."""

    def __init__(self) -> None:
        self._sum = 0

    def step(self, digits: str) -> None:
        """Add one amount."""
        self._sum += int(digits)

    def finalize(self) -> str:
        """Return the sum."""
        return str(self._sum)


def _texts(table: str) -> list[tuple[int, str]]:
    """Return the insert statements of a table, for each number of rows."""
    columns = rows.COLUMNS[table]
    row = f"({', '.join('?' * len(columns))})"
    return [
        (
            size,
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * size)} "  # noqa: S608 - our own names
            + REPLACING.get(table, ""),
        )
        for size in ROWS_PER_STATEMENT
    ]


INSERTS = {table: _texts(table) for table in rows.COLUMNS}
