"""The one connection that writes to SQLite. Everything here runs in the writer's thread.

A statement gives up the interpreter's lock and has to win it back, which takes milliseconds while
the event loop is busy. So rows are not written one by one: one statement writes many rows
(`VALUES (…), (…), …`), and a group is a few dozen statements whatever its size.
"""

from __future__ import annotations

import json
import sqlite3
import time
from itertools import chain as joined
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msggw.errors import ConfigurationError, Unavailable
from msggw.store import journal, schema
from msggw.store import sqlite_sql as sql
from msggw.store.plan import Known, Plan, Standing, decide, touched_by

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from msggw.store.port import Change, Result

    T = TypeVar("T")

__all__ = ["SqliteWriter", "connect"]

BUSY_MS_MAX = 5_000
BUSY_POLL_SECONDS = 0.05
CACHE_KIB = 16_384
CHECKPOINT_PAGES = 4_000
"""The log is copied into the database when it has grown to this (16 MB)."""
STATEMENTS_CACHED = 256


def connect(path: str) -> sqlite3.Connection:
    """Open an existing database for any thread; transactions are begun and ended by hand."""
    connection = sqlite3.connect(
        f"file:{quote(path)}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_MS_MAX / 1000,
        cached_statements=STATEMENTS_CACHED,
    )
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    return connection


class SqliteWriter:
    """Writes groups of changes, and anything else, each in one transaction."""

    def __init__(self, path: str, chain: str, chain_key: bytes) -> None:
        self._path = path
        self._chain = chain
        self._key = chain_key
        self._head: journal.Head | None = None
        self._committing = False
        self._connection: sqlite3.Connection | None = None

    def open(self) -> None:
        """Open the database; raise `ConfigurationError` if its schema is not the current one."""
        try:
            connection = connect(self._path)
        except sqlite3.OperationalError:
            raise schema.missing() from None
        self._connection = connection
        try:
            schema.check_revision(schema.sqlite_revision(connection))
            _use_log(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
            self._head = _head_of(connection, self._chain)
        except sqlite3.DatabaseError as error:
            self.close()
            raise schema.sqlite_unavailable(error) from None
        except ConfigurationError:
            self.close()
            raise

    def close(self) -> None:
        """Close the database; the last one to do so leaves no log behind."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def write(self, changes: list[Change]) -> list[Result]:
        """Write a group; see `Commits`."""
        try:
            results, head = self.transact(lambda connection: self._write(connection, changes))
        except Unavailable:
            if self._committing:
                # The commit failed and may have reached the disk nevertheless: look next time.
                self._head = None
            raise
        self._head = head
        return results

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in one transaction.

        Raises `Unavailable` for trouble with the file and `ValueError` for what cannot be written;
        nothing was written then.
        """
        connection = self._connection
        if connection is None:
            raise Unavailable("the store is not open")
        try:
            self._committing = False
            connection.execute("BEGIN IMMEDIATE")
            done = work(connection)
            self._committing = True
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise schema.sqlite_unavailable(error) from None
        except (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError) as error:
            raise ValueError(f"the database refused a row: {type(error).__name__}") from None
        except (sqlite3.ProgrammingError, OverflowError, UnicodeError) as error:
            raise ValueError(f"a value cannot be written: {type(error).__name__}") from None
        except sqlite3.DatabaseError as error:
            raise schema.sqlite_unavailable(error) from None
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        return done

    def _write(
        self, connection: sqlite3.Connection, changes: list[Change]
    ) -> tuple[list[Result], journal.Head]:
        found = _head_of(connection, self._chain)
        if self._head not in {None, found}:
            raise journal.forked(self._chain)
        plan = decide(changes, _known(connection, changes))
        lines, head = journal.link(self._chain, self._key, found, plan.journal)
        _put_all(connection, plan, lines)
        return plan.results, head


def _head_of(connection: sqlite3.Connection, chain: str) -> journal.Head:
    row = connection.execute(sql.HEAD, (chain,)).fetchone()
    return journal.START if row is None else journal.Head(*row)


def _use_log(connection: sqlite3.Connection) -> None:
    """Switch a new file to the write-ahead log. Who is in the way is not waited for by SQLite."""
    give_up = time.monotonic() + BUSY_MS_MAX / 1000
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(BUSY_POLL_SECONDS)


def _known(connection: sqlite3.Connection, changes: list[Change]) -> Known:
    touched, known = touched_by(changes), Known()
    if touched.inbox:
        for source, key, transaction_id in connection.execute(
            sql.INBOX, (json.dumps(touched.inbox),)
        ):
            known.inbox[source, key] = transaction_id
    ids = touched.claimed + touched.moved + [key[0] for key in touched.attempts]
    if ids:
        for row in connection.execute(sql.STATES, (json.dumps(ids),)):
            key, state, version, answered, deadline, updated = row
            known.states[key] = Standing(state, version, bool(answered), deadline, updated, version)
    if touched.attempts:
        rows = connection.execute(sql.ATTEMPTS_TAKEN, (json.dumps(touched.attempts),))
        known.attempts.update(rows)
    return known


def _put_all(connection: sqlite3.Connection, plan: Plan, lines: list[tuple[Any, ...]]) -> None:
    new, moved = plan.states()
    put(connection, "transactions", plan.transactions)
    put(connection, "states", new + [row[1:] for row in moved])
    put(connection, "outcomes", plan.outcomes)
    put(connection, "match_keys", plan.match_keys)
    put(connection, "journal", lines)
    if plan.outbox_gone:
        connection.execute(sql.OUTBOX_GONE, (json.dumps(plan.outbox_gone),))
    put(connection, "outbox", list(plan.outbox.values()))
    put(connection, "attempts", list(plan.attempts.values()))
    if plan.attempt_ends:
        connection.execute(sql.ATTEMPT_ENDS, (json.dumps(list(plan.attempt_ends.values())),))


def put(connection: sqlite3.Connection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, as many with one statement as there is a statement for."""
    at, left = 0, len(rows)
    if not left:
        return
    for size, text in sql.INSERTS[table]:
        while left >= size:
            connection.execute(text, tuple(joined.from_iterable(rows[at : at + size])))
            at += size
            left -= size
