from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from tests.store.samples import execute

from msggw.errors import ConfigurationError, Unavailable
from msggw.store import schema
from msggw.store.rows import COLUMNS


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file whose folder is not there yet either."""
    return f"sqlite:///{tmp_path}/new folder/gateway.db"


@pytest.fixture(params=["sqlite_url", "postgres_database"])
def url(request: pytest.FixtureRequest, sqlite_url: str, postgres_database: str) -> str:
    """An empty database of either kind."""
    return {"sqlite_url": sqlite_url, "postgres_database": postgres_database}[request.param]


def test_head_is_the_newest_revision() -> None:
    """The stores compare with a constant, so that they need not load the migration tool."""
    script = ScriptDirectory.from_config(schema.alembic_config())

    assert script.get_current_head() == schema.HEAD


def test_migration_tool_is_not_loaded_by_the_stores() -> None:
    """Opening a store does not import what only migrations need."""
    code = (
        "import sys; from msggw.store.opening import open_store; "
        "open_store('postgresql://h/d', 'c', bytes(32)); "
        "print([n for n in ('alembic', 'sqlalchemy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout.strip() == "[]"


def test_new_database_is_made(url: str) -> None:
    """There is nothing, then there is the schema of this release; again changes nothing."""
    assert schema.current(url) is None
    with pytest.raises(ConfigurationError, match="no schema"):
        schema.check(url)
    schema.upgrade(url)
    schema.upgrade(url)
    schema.check(url)

    assert schema.current(url) == schema.HEAD


def test_two_may_upgrade_at_once(url: str) -> None:
    """One migrates, the other waits and finds nothing to do."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(schema.upgrade, [url, url]))

    assert schema.current(url) == schema.HEAD


async def test_rows_are_in_the_order_of_the_columns(url: str) -> None:
    """What is written by position agrees with the tables."""
    await asyncio.to_thread(schema.upgrade, url)
    for table, columns in COLUMNS.items():
        names = ", ".join(columns)

        assert await execute(url, f"SELECT {names} FROM {table}") == []  # noqa: S608 - our own names


async def test_schema_of_a_newer_release_is_refused(url: str) -> None:
    """What this release does not know it does not touch."""
    await asyncio.to_thread(schema.upgrade, url)
    await execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigurationError, match="does not know"):
        await asyncio.to_thread(schema.upgrade, url)

    assert await asyncio.to_thread(schema.current, url) == "9999"


def test_absent_server_is_unavailable() -> None:
    """The place is named, the password is not."""
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1:") as caught:
        schema.current("postgresql://user:hunter2@127.0.0.1:1/gateway")

    assert "hunter2" not in str(caught.value)


def test_unreadable_file_is_unavailable(tmp_path: Path) -> None:
    """A file that is no database is not touched."""
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable, match="SQLITE_NOTADB"):
        schema.current(f"sqlite:///{path}")
    with pytest.raises(Unavailable):
        schema.upgrade(f"sqlite:///{path}")
