"""The store in PostgreSQL: connections that write groups, and a small pool for everything else."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

from msggw.errors import Conflict, Unavailable
from msggw.store import journal, rows
from msggw.store import postgres_sql as sql
from msggw.store.commits import Commits
from msggw.store.port import Found
from msggw.store.postgres_writer import LOST, PostgresWriter, unavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, TypeVar

    from asyncpg.pool import PoolConnectionProxy

    from msggw.canonical import State
    from msggw.store.port import (
        ApiKey,
        Attempt,
        Change,
        JournalRow,
        LookUp,
        Outbox,
        OutboxRow,
        Parked,
        Partner,
        Result,
        Stored,
    )

    T = TypeVar("T")
    Connection = PoolConnectionProxy[asyncpg.Record]

__all__ = ["PostgresStore"]

POOL_MAX = 4
CONNECT_SECONDS_MAX = 2.0
READ_SECONDS_MAX = 5.0
CLOSE_SECONDS_MAX = 5.0
VERIFIED_AT_ONCE = 1_000
VERIFY_SECONDS_MAX = 60.0


class PostgresStore:
    """The `Store` port on PostgreSQL 15 or newer; see there.

    Args:
        dsn: A `postgresql://` URL as libpq takes it.
        chain: The name of this process's journal chain. No two processes may share one; a second
            writer appends `#2` to it.
        chain_key: The key of the chain's HMACs, 32 bytes or more.
        group_max: How many changes go into one commit at most.
        writers: How many groups are committed at the same time.
    """

    def __init__(
        self, dsn: str, chain: str, chain_key: bytes, group_max: int = 500, writers: int = 1
    ) -> None:
        journal.check_key(chain_key)
        self._dsn = dsn
        self._key = chain_key
        chains = [chain, *(f"{chain}#{number}" for number in range(2, writers + 1))]
        self._writers = [PostgresWriter(dsn, name, chain_key) for name in chains]
        self._commits = Commits([w.write for w in self._writers], group_max=group_max)
        self._pool: asyncpg.Pool | None = None

    async def start(self) -> None:
        """Connect.

        Raises `Unavailable` if the server does not answer and `ConfigurationError` if its schema
        is not the current one or another process writes this chain.
        """
        try:
            for writer in self._writers:
                await writer.open()
            self._pool = await asyncpg.create_pool(
                self._dsn,
                min_size=1,
                max_size=POOL_MAX,
                timeout=CONNECT_SECONDS_MAX,
                command_timeout=READ_SECONDS_MAX,
                server_settings=sql.SETTINGS,
                # Nothing here leaves a session changed; resetting it costs a round trip each time.
                reset=_leave_as_it_is,
            )
        except (*LOST, asyncpg.PostgresError) as error:
            await self.close()
            raise unavailable(self._dsn, error) from None
        except BaseException:
            await self.close()
            raise
        self._commits.start()

    async def close(self) -> None:
        """Finish what was handed in, then close."""
        await self._commits.close()
        pool, self._pool = self._pool, None
        if pool is not None:
            await _close(pool)
        for writer in self._writers:
            await writer.close()

    async def ping(self) -> None:
        """Do one trivial read; raise `Unavailable`."""
        await self._fetch("SELECT 1")

    async def commit(self, changes: Sequence[Change]) -> list[Result]:
        """Commit the changes durably, in one group with whatever else is waiting."""
        return await self._commits.commit(changes)

    async def look_up(self, question: LookUp) -> Found:
        """Answer a group's questions in one round trip each."""
        return await self._with_connection(lambda connection: _look_up(connection, question))

    async def load(self, transaction_id: str) -> Stored | None:
        """Return one transaction."""
        found = await self._fetch(sql.LOAD, transaction_id)
        return rows.stored(found[0]) if found else None

    async def timeline(self, transaction_id: str) -> list[JournalRow]:
        """Return the journal of one transaction in time order."""
        found = await self._fetch(sql.TIMELINE, transaction_id)
        return [journal.journal_row(row) for row in found]

    async def attempts(self, transaction_id: str) -> list[Attempt]:
        """Return the provider calls of one transaction in order."""
        return [rows.attempt(row) for row in await self._fetch(sql.ATTEMPTS, transaction_id)]

    async def due(self, now_us: int, lease_us: int, limit: int) -> list[OutboxRow]:
        """Claim outbox rows that are due by moving the time they are due to the lease's end."""
        found = await self._fetch(sql.DUE, now_us, now_us + lease_us, limit)
        return [rows.outbox_row(row) for row in found]

    async def overdue(
        self, states: frozenset[State], before_us: int, limit: int, *, unanswered: bool = False
    ) -> list[Stored]:
        """Return transactions in these states whose deadline is before that instant."""
        answered = [False] if unanswered else [False, True]
        found = await self._fetch(sql.OVERDUE, list(states), answered, before_us, limit)
        return [rows.stored(row) for row in found]

    async def park(self, parked: Parked) -> None:
        """Keep work that nobody could do; the same id replaces."""
        p = parked
        await self._fetch(
            sql.PARK, p.id, p.transaction_id, p.route, p.body, p.cause, p.attempts, p.at_us
        )

    async def parked(self, limit: int) -> list[Parked]:
        """Return parked work, oldest first."""
        text = f"SELECT {rows.PARKED} FROM parked ORDER BY at_us, id LIMIT $1"  # noqa: S608 - our own names
        return [rows.parked(row) for row in await self._fetch(text, limit)]

    async def release(self, parked_id: str, outbox: Outbox) -> bool:
        """Turn parked work into an outbox row; False if it is gone."""
        o = outbox
        row = (parked_id, o.id, o.route, o.body, o.attempt, o.due_at_us)
        return bool(await self._fetch(sql.RELEASE, *row))

    async def add_partner(self, partner: Partner, key: ApiKey) -> None:
        """Add a partner (or a further key for it); raise `Conflict` if the key's id is taken."""
        p, k = partner, key

        async def work(connection: Connection) -> None:
            async with connection.transaction():
                await connection.execute(sql.ADD_PARTNER, p.id, p.name, p.created_at_us)
                row = (k.id, k.partner, k.mac, k.hint, k.created_at_us, k.revoked_at_us)
                await connection.execute(sql.ADD_KEY, *row)

        try:
            await self._with_connection(work)
        except asyncpg.UniqueViolationError:
            raise Conflict("an API key of this id exists already") from None

    async def partners(self) -> list[Partner]:
        """Return all partners."""
        text = f"SELECT {rows.PARTNERS} FROM partners ORDER BY id"  # noqa: S608 - our own names
        return [rows.partner(row) for row in await self._fetch(text)]

    async def api_key(self, key_id: str) -> ApiKey | None:
        """Return a key by its public id."""
        text = f"SELECT {rows.API_KEYS} FROM api_keys WHERE id = $1"  # noqa: S608 - our own names
        found = await self._fetch(text, key_id)
        return rows.api_key(found[0]) if found else None

    async def verify_journal(self) -> tuple[int, JournalRow | None]:
        """Walk every chain; return how many rows hold and the first broken one."""
        verifier = await self._with_connection(self._verify)
        return verifier.held, verifier.broken

    async def _verify(self, connection: Connection) -> journal.Verifier:
        verifier = journal.Verifier(self._key)
        text = f"SELECT {rows.JOURNAL} FROM journal ORDER BY chain, seq"  # noqa: S608 - our own names
        async with connection.transaction(readonly=True):
            found = await connection.cursor(text, timeout=VERIFY_SECONDS_MAX)
            while batch := await found.fetch(VERIFIED_AT_ONCE):
                if not verifier.feed(map(tuple, batch)):
                    break
        return verifier

    async def _fetch(self, text: str, *arguments: object) -> list[tuple[Any, ...]]:
        async def work(connection: Connection) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in await connection.fetch(text, *arguments)]

        return await self._with_connection(work)

    async def _with_connection(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do some work on a pooled connection."""
        pool = self._pool
        if pool is None:
            raise Unavailable("the store is not open")
        try:
            async with pool.acquire(timeout=CONNECT_SECONDS_MAX) as connection:
                return await work(connection)
        except (ValueError, asyncpg.DataError):
            raise ValueError("a value cannot be written") from None
        except asyncpg.UniqueViolationError:
            raise
        except (*LOST, asyncpg.PostgresError) as error:
            raise unavailable(self._dsn, error) from None


async def _look_up(connection: Connection, question: LookUp) -> Found:
    found = Found({}, {}, dict.fromkeys(question.usage, (0, 0)))
    if question.inbox:
        for row in await connection.fetch(sql.BY_INBOX, *zip(*question.inbox, strict=True)):
            found.inbox[row[1], row[2]] = rows.stored(tuple(row))
    if question.originals:
        for row in await connection.fetch(sql.BY_MATCH_KEY, question.originals):
            found.originals[row[16]] = rows.stored(tuple(row))
    if question.usage:
        subjects = [usage.subject for usage in question.usage]
        since = [usage.since_us for usage in question.usage]
        for at, count, total in await connection.fetch(sql.USAGE, subjects, since):
            found.usage[question.usage[at]] = (count, int(total))
    return found


async def _leave_as_it_is(_: asyncpg.Connection) -> None:
    """Reset nothing."""


async def _close(pool: asyncpg.Pool) -> None:
    """Close the pool; connections that are still at work after the limit are cut."""
    with suppress(*LOST):
        async with asyncio.timeout(CLOSE_SECONDS_MAX):
            await pool.close()
            return
    pool.terminate()
