"""The naive gateway's tables in PostgreSQL: one commit per message in, one per outcome."""

from __future__ import annotations

import asyncpg

from benchmarks.naive.messages import AuthorisationRequest, AuthorisationResult

__all__ = ["Store"]

TABLES = """
CREATE TABLE IF NOT EXISTS inbox (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL,
    acquirer text NOT NULL,
    transmitted_at text NOT NULL,
    stan text NOT NULL,
    rrn text NOT NULL,
    message bytea NOT NULL,
    UNIQUE (acquirer, transmitted_at, stan, rrn)
);
CREATE TABLE IF NOT EXISTS transactions (
    id uuid PRIMARY KEY REFERENCES inbox (id),
    state text NOT NULL,
    masked_pan text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    document jsonb NOT NULL,
    response_code text,
    authorisation_code text,
    received_at timestamptz NOT NULL,
    finished_at timestamptz
);
"""

INSERT_INBOX = """
INSERT INTO inbox (id, received_at, acquirer, transmitted_at, stan, rrn, message)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

INSERT_TRANSACTION = """
INSERT INTO transactions
    (id, state, masked_pan, amount_minor, currency, document, received_at)
VALUES ($1, 'received', $2, $3, $4, $5, $6)
"""

UPDATE_OUTCOME = """
UPDATE transactions
SET state = $2, response_code = $3, authorisation_code = $4, finished_at = now()
WHERE id = $1 AND state = 'received'
"""


class Store:
    """A pool of connections and the three statements that are needed."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, url: str) -> Store:
        """Connect and make the tables if they are not there."""
        pool = await asyncpg.create_pool(url, min_size=10, max_size=10)
        await pool.execute(TABLES)
        return cls(pool)

    async def accept(self, request: AuthorisationRequest, frame: bytes) -> None:
        """Commit the message and its transaction. Raises `asyncpg.UniqueViolationError`."""
        keys = (request.acquirer, request.transmitted_at, request.stan, request.rrn)
        document = request.model_dump_json(exclude={"pan", "fields"})
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(INSERT_INBOX, request.id, request.received_at, *keys, frame)
            await connection.execute(
                INSERT_TRANSACTION,
                request.id,
                request.masked_pan,
                request.amount_minor,
                request.currency,
                document,
                request.received_at,
            )

    async def finish(self, result: AuthorisationResult) -> None:
        """Commit the outcome."""
        await self._pool.execute(
            UPDATE_OUTCOME,
            result.id,
            result.outcome,
            result.response_code,
            result.authorisation_code,
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()
