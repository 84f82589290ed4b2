"""The store in one SQLite file: one thread writes, a few read.

Write-ahead log with `synchronous = FULL`, so what was answered survives a power cut; group commit
makes that affordable. Readers have connections of their own and never wait for the writer.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from msggw.errors import Conflict, Unavailable
from msggw.store import journal, rows, schema
from msggw.store import sqlite_sql as sql
from msggw.store.commits import Commits
from msggw.store.port import Found
from msggw.store.sqlite_writer import SqliteWriter, connect, put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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

__all__ = ["SqliteStore"]

T = TypeVar("T")

READERS = 2
SWITCH_SECONDS_MAX = 0.0001
VERIFIED_AT_ONCE = 1_000


class SqliteStore:
    """The `Store` port on one SQLite file; see there.

    Args:
        path: The file. `msggw.store.schema.upgrade` makes it.
        chain: The name of this process's journal chain. No two processes may share one.
        chain_key: The key of the chain's HMACs, 32 bytes or more.
        group_max: How many changes go into one commit at most.
    """

    def __init__(self, path: str, chain: str, chain_key: bytes, group_max: int = 200) -> None:
        journal.check_key(chain_key)
        self._path = path
        self._key = chain_key
        self._file = SqliteWriter(path, chain, chain_key)
        self._commits = Commits([self._write], group_max=group_max)
        self._writer: ThreadPoolExecutor | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def start(self) -> None:
        """Open the file; raise `ConfigurationError` if its schema is not the current one."""
        # A busy event loop lets go of the interpreter's lock for microseconds only; a thread that
        # wants it must be able to insist, or a commit can take seconds (measured: twenty).
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_SECONDS_MAX))
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        try:
            await self._run(self._writer, self._file.open)
        except BaseException:
            await self.close()
            raise
        self._commits.start()

    async def close(self) -> None:
        """Finish what was handed in, then close."""
        await self._commits.close()
        writer, self._writer = self._writer, None
        readers, self._readers = self._readers, None
        if readers is not None:
            await asyncio.to_thread(readers.shutdown)
        for connection in self._connections:
            connection.close()
        self._connections.clear()
        if writer is not None:
            await self._run(writer, self._file.close)
            writer.shutdown()

    async def ping(self) -> None:
        """Do one trivial read; raise `Unavailable`."""
        await self._read("SELECT version_num FROM alembic_version")

    async def commit(self, changes: Sequence[Change]) -> list[Result]:
        """Commit the changes durably, in one group with whatever else is waiting."""
        return await self._commits.commit(changes)

    async def look_up(self, question: LookUp) -> Found:
        """Answer a group's questions from one thread."""
        return await self._run(self._readers, self._look_up, question)

    async def load(self, transaction_id: str) -> Stored | None:
        """Return one transaction."""
        found = await self._read(sql.LOAD, transaction_id)
        return rows.stored(found[0]) if found else None

    async def timeline(self, transaction_id: str) -> list[JournalRow]:
        """Return the journal of one transaction in time order."""
        return [journal.journal_row(row) for row in await self._read(sql.TIMELINE, transaction_id)]

    async def attempts(self, transaction_id: str) -> list[Attempt]:
        """Return the provider calls of one transaction in order."""
        return [rows.attempt(row) for row in await self._read(sql.ATTEMPTS, transaction_id)]

    async def due(self, now_us: int, lease_us: int, limit: int) -> list[OutboxRow]:
        """Claim outbox rows that are due by moving the time they are due to the lease's end."""

        def work(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
            found = connection.execute(sql.DUE, (now_us, limit)).fetchall()
            connection.execute(
                sql.LEASE, (now_us + lease_us, json.dumps([row[0] for row in found]))
            )
            return found

        # Most polls find nothing; they need not wait for the disk.
        if not await self._read(sql.DUE, now_us, 1):
            return []
        return [rows.outbox_row(row) for row in await self._transact(work)]

    async def overdue(
        self, states: frozenset[State], before_us: int, limit: int, *, unanswered: bool = False
    ) -> list[Stored]:
        """Return transactions in these states whose deadline is before that instant."""
        names = json.dumps([str(state) for state in states])
        found = await self._read(sql.OVERDUE, names, 0, 0 if unanswered else 1, before_us, limit)
        return [rows.stored(row) for row in found]

    async def park(self, parked: Parked) -> None:
        """Keep work that nobody could do; the same id replaces."""
        p = parked
        row = (p.id, p.transaction_id, p.route, p.body, p.cause, p.attempts, p.at_us)
        await self._transact(lambda connection: connection.execute(sql.PARK, row))

    async def parked(self, limit: int) -> list[Parked]:
        """Return parked work, oldest first."""
        text = f"SELECT {rows.PARKED} FROM parked ORDER BY at_us, id LIMIT ?"  # noqa: S608 - our own names
        return [rows.parked(row) for row in await self._read(text, limit)]

    async def release(self, parked_id: str, outbox: Outbox) -> bool:
        """Turn parked work into an outbox row; False if it is gone."""

        def work(connection: sqlite3.Connection) -> bool:
            text = "DELETE FROM parked WHERE id = ? RETURNING transaction_id"
            found = connection.execute(text, (parked_id,)).fetchall()
            for (transaction_id,) in found:
                o = outbox
                row = (o.id, transaction_id, o.route, o.body, o.attempt, o.due_at_us)
                put(connection, "outbox", [row])
            return bool(found)

        return await self._transact(work)

    async def add_partner(self, partner: Partner, key: ApiKey) -> None:
        """Add a partner (or a further key for it); raise `Conflict` if the key's id is taken."""
        p, k = partner, key

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(sql.ADD_PARTNER, (p.id, p.name, p.created_at_us))
            row = (k.id, k.partner, k.mac, k.hint, k.created_at_us, k.revoked_at_us)
            connection.execute(sql.ADD_KEY, row)

        try:
            await self._transact(work)
        except ValueError:
            raise Conflict("an API key of this id exists already") from None

    async def partners(self) -> list[Partner]:
        """Return all partners."""
        text = f"SELECT {rows.PARTNERS} FROM partners ORDER BY id"  # noqa: S608 - our own names
        return [rows.partner(row) for row in await self._read(text)]

    async def api_key(self, key_id: str) -> ApiKey | None:
        """Return a key by its public id."""
        text = f"SELECT {rows.API_KEYS} FROM api_keys WHERE id = ?"  # noqa: S608 - our own names
        found = await self._read(text, key_id)
        return rows.api_key(found[0]) if found else None

    async def verify_journal(self) -> tuple[int, JournalRow | None]:
        """Walk every chain; return how many rows hold and the first broken one."""
        verifier = await self._run(self._readers, self._verify)
        return verifier.held, verifier.broken

    def _verify(self) -> journal.Verifier:
        verifier = journal.Verifier(self._key)
        text = f"SELECT {rows.JOURNAL} FROM journal ORDER BY chain, seq"  # noqa: S608 - our own names
        found = self._reader().execute(text)
        while batch := found.fetchmany(VERIFIED_AT_ONCE):
            if not verifier.feed(batch):
                break
        return verifier

    def _look_up(self, question: LookUp) -> Found:
        reader, found = self._reader(), Found({}, {}, dict.fromkeys(question.usage, (0, 0)))
        if question.inbox:
            for row in reader.execute(sql.BY_INBOX, (json.dumps(question.inbox),)):
                found.inbox[row[1], row[2]] = rows.stored(row)
        if question.originals:
            for row in reader.execute(sql.BY_MATCH_KEY, (json.dumps(question.originals),)):
                found.originals[row[16]] = rows.stored(row)
        if question.usage:
            asked = json.dumps([(usage.subject, usage.since_us) for usage in question.usage])
            for at, count, total in reader.execute(sql.USAGE, (asked,)):
                found.usage[question.usage[at]] = (count, int(total))
        return found

    async def _write(self, changes: list[Change]) -> list[Result]:
        return await self._run(self._writer, self._file.write, changes)

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await self._run(self._writer, self._file.transact, work)

    async def _read(self, text: str, *arguments: object) -> list[tuple[Any, ...]]:
        def work() -> list[tuple[Any, ...]]:
            return self._reader().execute(text, arguments).fetchall()

        return await self._run(self._readers, work)

    async def _run(
        self, threads: ThreadPoolExecutor | None, work: Callable[..., T], *arguments: object
    ) -> T:
        if threads is None:
            raise Unavailable("the store is not open")
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work, *arguments)
        except sqlite3.Error as error:
            raise schema.sqlite_unavailable(error) from None

    def _reader(self) -> sqlite3.Connection:
        """Return this thread's own connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = connect(self._path)
            connection.execute("PRAGMA query_only = ON")
            # The stubs ask for more than SQLite does: `step` takes the one argument declared here.
            connection.create_aggregate("sum_of_digits", 1, sql.SumOfDigits)  # type: ignore[arg-type]  # typeshed is narrow
            self._local.connection = connection
            self._connections.append(connection)
        return connection
