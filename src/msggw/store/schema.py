"""Bringing a database to the schema this release needs.

The stores themselves only compare the revision found in the database with `HEAD`, so the migration
tool, which is slow to import, is loaded when a migration is asked for and not before.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg

from msggw.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

__all__ = [
    "HEAD",
    "check",
    "check_revision",
    "current",
    "downgrade",
    "missing",
    "postgres_revision",
    "sqlite_path",
    "sqlite_revision",
    "sqlite_unavailable",
    "upgrade",
]

HEAD = "0001"
"""The revision this release works with: the newest one in `migrations/versions`."""

REVISION_SQL = "SELECT version_num FROM alembic_version"
CONNECT_SECONDS_MAX = 5
LOCK = 7_206_114_001
"""PostgreSQL advisory lock: one process migrates, the others wait and find nothing to do."""


def upgrade(url: str) -> None:
    """Create the schema or bring it to `HEAD`. Blocks; from a coroutine use `asyncio.to_thread`.

    Raises `ConfigurationError` for a URL that is neither SQLite nor PostgreSQL, `Unavailable`
    if the database does not answer.
    """
    _migrate(url, "head", up=True)


def downgrade(url: str, revision: str) -> None:
    """Go back to an older revision, or to "base" (nothing). Data of what is undone is lost."""
    _migrate(url, revision, up=False)


def current(url: str) -> str | None:
    """Return the revision of the database, None if there is no schema. Blocks."""
    path = sqlite_path(url)
    if path is None:
        return asyncio.run(_postgres_revision(url))
    if path != ":memory:" and not Path(path).exists():
        return None
    with closing(sqlite3.connect(path, timeout=CONNECT_SECONDS_MAX)) as connection:
        try:
            return sqlite_revision(connection)
        except sqlite3.DatabaseError as error:
            raise sqlite_unavailable(error) from None


def check(url: str) -> None:
    """Raise `ConfigurationError` unless the database's schema is the one of this release."""
    check_revision(current(url))


def check_revision(found: str | None) -> None:
    """Raise `ConfigurationError` unless this is the revision of this release."""
    if found is None:
        raise missing()
    if found != HEAD:
        msg = f"the database has schema {found}, not {HEAD}; run `msggw db upgrade`"
        raise ConfigurationError(msg)


def missing() -> ConfigurationError:
    """Return the error for a database that is not there or empty."""
    return ConfigurationError("the database has no schema; run `msggw db upgrade`")


def sqlite_path(url: str) -> str | None:
    """Return the path of a `sqlite:///path` URL, None for a PostgreSQL URL.

    As usual, `sqlite:///gateway.db` is relative and `sqlite:////var/lib/gateway.db` absolute.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite" and url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url.removeprefix("sqlite:///")
    if scheme in {"postgresql", "postgres"}:
        return None
    msg = "the store is named by `sqlite:///path` or `postgresql://user@host:port/database`"
    raise ConfigurationError(msg)


def sqlite_revision(connection: sqlite3.Connection) -> str | None:
    """Return the revision found in an open SQLite database."""
    table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if connection.execute(table).fetchone() is None:
        return None
    row = connection.execute(REVISION_SQL).fetchone()
    return None if row is None else str(row[0])


def sqlite_unavailable(error: sqlite3.Error) -> Unavailable:
    """Return the error for trouble with the file: SQLite's word for it quotes no values."""
    return Unavailable(f"SQLite: {getattr(error, 'sqlite_errorname', type(error).__name__)}")


async def postgres_revision(connection: asyncpg.Connection) -> str | None:
    """Return the revision found in a PostgreSQL database."""
    try:
        found = await connection.fetchval(REVISION_SQL)
    except asyncpg.UndefinedTableError:
        return None
    return None if found is None else str(found)


async def connect_postgres(url: str) -> asyncpg.Connection:
    """Connect; raise `Unavailable` if the server does not answer or does not let us in."""
    try:
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS_MAX)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        place = urlsplit(url)
        msg = f"PostgreSQL at {place.hostname}:{place.port or 5432}: {type(error).__name__}"
        raise Unavailable(msg) from None


async def _postgres_revision(url: str) -> str | None:
    connection = await connect_postgres(url)
    try:
        return await postgres_revision(connection)
    finally:
        await connection.close()


def _migrate(url: str, revision: str, *, up: bool) -> None:
    from alembic.util import CommandError  # noqa: PLC0415 - slow to import, seldom needed
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - slow to import, seldom needed

    path = sqlite_path(url)
    try:
        if path is None:
            asyncio.run(_migrate_postgres(url, revision, up=up))
        else:
            _migrate_sqlite(path, revision, up=up)
    except DBAPIError as error:
        msg = f"the database could not be migrated: {type(error.orig).__name__}"
        raise Unavailable(msg) from None
    except CommandError:
        msg = f"the database has a schema this release does not know; it knows up to {HEAD}"
        raise ConfigurationError(msg) from None


def _migrate_sqlite(path: str, revision: str, *, up: bool) -> None:
    """Migrate in one `BEGIN IMMEDIATE`: pysqlite on its own would commit at every statement."""
    from sqlalchemy import create_engine, event  # noqa: PLC0415 - slow to import, seldom needed
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - slow to import, seldom needed

    Path(path).parent.mkdir(parents=True, exist_ok=True)

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=CONNECT_SECONDS_MAX)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", lambda begun: begun.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        _run(connection, revision, up=up)


async def _migrate_postgres(url: str, revision: str, *, up: bool) -> None:
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - slow to import, seldom needed
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - slow to import, seldom needed

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: connect_postgres(url), poolclass=NullPool
    )
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        await connection.run_sync(lambda plain: _run(plain, revision, up=up))
    await engine.dispose()


def _run(connection: Connection, revision: str, *, up: bool) -> None:
    from alembic import command  # noqa: PLC0415 - slow to import, seldom needed

    config = alembic_config()
    config.attributes["connection"] = connection
    (command.upgrade if up else command.downgrade)(config, revision)


def alembic_config() -> Config:
    """Return the migration tool's configuration; there is no ini file."""
    from alembic.config import Config  # noqa: PLC0415 - slow to import, seldom needed

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
