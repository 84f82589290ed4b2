"""The connection that writes groups to PostgreSQL: one statement per group, one round trip.

A group is written by a single statement of data-modifying CTEs over `unnest()` arrays, which is a
transaction of its own. It is written *optimistically*: nothing is locked beforehand. If another
process was quicker (a unique key exists, a version has moved on), the statement fails as a whole,
the group is judged again from what the database says now, and written again. A group of claims
alone does not even ask first, because duplicates are found by `look_up` before they come here.

An advisory lock is held on the chain's name as long as the connection lives. It keeps a second
process off the chain, and after a broken connection it tells when the old one's last commit is
over, so that the head of the chain can be trusted again.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import asyncpg

from msggw.errors import ConfigurationError, Unavailable
from msggw.store import journal, schema
from msggw.store.plan import Known, Standing, decide, touched_by
from msggw.store.port import Verdict
from msggw.store.postgres_sql import ATTEMPTS_TAKEN, HEAD, INBOX, SETTINGS, STATES, statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msggw.store.plan import Plan, Touched
    from msggw.store.port import Change, Result

__all__ = ["LOST", "PostgresWriter", "unavailable"]

CONNECT_SECONDS_MAX = 2.0
WRITE_SECONDS_MAX = 10.0
LOCK_MS_MAX = 3_000
RACES_MAX = 50

LOST = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)
"""The server is away, too slow, or the connection is in an unknown state."""
RACE = (
    asyncpg.UniqueViolationError,
    asyncpg.DivisionByZeroError,  # a version has moved on, see `postgres_sql`
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)
"""Another process was quicker: judge again."""
REFUSED = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""The value cannot be written by anybody."""

_log = logging.getLogger(__name__)


class PostgresWriter:
    """Writes groups of changes to one journal chain over one connection."""

    def __init__(self, dsn: str, chain: str, chain_key: bytes) -> None:
        self._dsn = dsn
        self._chain = chain
        self._key = chain_key
        self._head = journal.START
        self._connection: asyncpg.Connection | None = None

    async def open(self) -> None:
        """Connect, check the schema, take the chain.

        Raises `Unavailable` if the server does not answer, `ConfigurationError` if the schema is
        not the current one or another process has the chain.
        """
        connection = await self._connect()
        try:
            schema.check_revision(await schema.postgres_revision(connection))
            await self._take_chain(connection)
        except BaseException as error:
            connection.terminate()
            if isinstance(error, LOST):
                raise unavailable(self._dsn, error) from None
            raise
        self._connection = connection

    async def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(*LOST):
                await connection.close(timeout=CONNECT_SECONDS_MAX)

    async def write(self, changes: list[Change]) -> list[Result]:
        """Write a group; see `Commits`. Connects again if the connection was lost."""
        if self._connection is None or self._connection.is_closed():
            await self._reopen()
        connection = self._connection
        assert connection is not None  # noqa: S101 - `_reopen` raises otherwise
        try:
            return await self._write(connection, changes)
        except REFUSED as error:
            raise ValueError(f"a value cannot be written: {type(error).__name__}") from None
        except ValueError as error:
            # The library quotes the value that it cannot encode; our own errors do not.
            if isinstance(error, asyncpg.InterfaceError):
                raise ValueError("a value cannot be written") from None  # noqa: TRY004 - it is one
            raise
        except (*LOST, asyncpg.PostgresError) as error:
            # Whether the group is in the database is not known, and neither is the chain's head.
            connection.terminate()
            self._connection = None
            raise unavailable(self._dsn, error) from None

    async def _write(self, connection: asyncpg.Connection, changes: list[Change]) -> list[Result]:
        touched, ask_all = touched_by(changes), False
        for _ in range(RACES_MAX):
            known = await _known(connection, touched, ask_all=ask_all)
            plan = decide(changes, known)
            if not ask_all and _is_doubtful(plan, touched):
                ask_all = True
                continue
            lines, head = journal.link(self._chain, self._key, self._head, plan.journal)
            text, arguments = statement(plan, lines)
            try:
                if text:
                    await connection.fetchval(text, *arguments)
            except RACE as race:
                if getattr(race, "table_name", None) == "journal":
                    raise journal.forked(self._chain) from None
                ask_all = True
            else:
                self._head = head
                return plan.results
        msg = f"{RACES_MAX} times another process was quicker"
        raise Unavailable(msg)

    async def _reopen(self) -> None:
        try:
            await self.open()
        except ConfigurationError as error:
            # At the start this stops the process; now it must not, it may be a failing-over server.
            raise Unavailable(*error.args) from None
        _log.info("the connection to PostgreSQL is back")

    async def _connect(self) -> asyncpg.Connection:
        try:
            return await asyncpg.connect(
                self._dsn,
                timeout=CONNECT_SECONDS_MAX,
                command_timeout=WRITE_SECONDS_MAX,
                server_settings={**SETTINGS, "lock_timeout": str(LOCK_MS_MAX)},
            )
        except (*LOST, asyncpg.PostgresError) as error:
            raise unavailable(self._dsn, error) from None

    async def _take_chain(self, connection: asyncpg.Connection) -> None:
        digest = hashlib.sha256(b"msggw journal " + self._chain.encode()).digest()
        lock = int.from_bytes(digest[:8], "big", signed=True)
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", lock)
        except asyncpg.LockNotAvailableError:
            raise journal.forked(self._chain) from None
        row = await connection.fetchrow(HEAD, self._chain)
        self._head = journal.START if row is None else journal.Head(*row)


def _is_doubtful(plan: Plan, touched: Touched) -> bool:
    """Tell whether a verdict may be another one when everything is known.

    A repeated reversal is a duplicate; that its original does not move again is not the reason.
    """
    failed = any(result.verdict is not Verdict.DONE for result in plan.results)
    return failed and bool(touched.claimed or touched.attempts)


async def _known(connection: asyncpg.Connection, touched: Touched, *, ask_all: bool) -> Known:
    """Ask what the group touches: of the states what it moves, the rest only if need be."""
    known = Known()
    ids = touched.moved
    if ask_all:
        ids = ids + touched.claimed + [key[0] for key in touched.attempts]
        for source, key, transaction_id in await _ask(connection, INBOX, touched.inbox, 2):
            known.inbox[source, key] = transaction_id
        known.attempts.update(
            map(tuple, await _ask(connection, ATTEMPTS_TAKEN, touched.attempts, 3))
        )
    if ids:
        for row in await connection.fetch(STATES, ids):
            key, state, version, answered, deadline, updated = row
            known.states[key] = Standing(state, version, answered, deadline, updated, version)
    return known


async def _ask(
    connection: asyncpg.Connection, text: str, keys: Iterable[tuple[Any, ...]], width: int
) -> list[asyncpg.Record]:
    columns = list(zip(*keys, strict=True)) or [()] * width
    return await connection.fetch(text, *columns)


def unavailable(dsn: str, error: Exception) -> Unavailable:
    """Return the error for a server that does not do its work; it quotes no values."""
    place = urlsplit(dsn)
    where = f"{place.hostname}:{place.port or 5432}"
    return Unavailable(f"PostgreSQL at {where}: {type(error).__name__}")
