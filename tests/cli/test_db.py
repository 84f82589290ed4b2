"""`msggw db`: the schema on both databases, and a journal that was tampered with."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

import asyncpg
import pytest
from tests.cli.command import EXAMPLES, msggw, serving
from tests.cli.conftest import ON_FREE_PORTS, ROUTES

TAMPER = "UPDATE journal SET data = data || ' ' WHERE seq = 1 AND chain LIKE '%.gateway'"


def test_upgrade_makes_a_sqlite_file(folder: Path) -> None:
    """It names the version, does so again without a change, and the empty journal holds."""
    told = msggw("db", "upgrade", "--json")
    again = msggw("db", "upgrade")

    assert {"store", "version"} == set(told.json())
    assert f"{told.json()['store']} is at {told.json()['version']}\n" == again.out
    assert (folder / "var" / "msggw.db").is_file()


def test_verify_needs_the_keys_of_the_installation(folder: Path) -> None:
    """The chains are made with a key: without the key file there is nothing to check them by."""
    msggw("db", "upgrade")

    assert 2 == msggw("db", "verify").code
    assert not (folder / "var" / "keys.json").exists()


def worked(folder: Path, **environment: str) -> None:
    """Let a gateway book a transaction in this folder's store."""
    (folder / "routes.yaml").write_text(ROUTES)
    open_partner = {"MSGGW_HTTP__OPEN_PARTNER": "demo"}
    with serving(folder, "run", **ON_FREE_PORTS, **open_partner, **environment) as server:
        url = f"http://127.0.0.1:{server.started()['port_http']}"
        msggw("send", EXAMPLES / "transaction.json", "--to", url)
        assert 0 == server.stop()


def test_verify_finds_a_changed_row_in_sqlite(folder: Path) -> None:
    """An untouched journal holds; a changed row is named, and ends with 3."""
    worked(folder)
    sound = msggw("db", "verify", "--json")
    shutil.copy("var/msggw.db", "copy.db")
    with sqlite3.connect("copy.db") as database:
        database.execute("DROP TRIGGER journal_no_update")
        changed = database.execute(TAMPER).rowcount
    database.close()
    tampered = ("db", "verify", "--store", "sqlite:///copy.db")
    told, shown = msggw(*tampered, "--json"), msggw(*tampered)

    assert (0, True) == (sound.code, sound.json()["intact"])
    assert sound.json()["rows"] > 1
    assert f"{sound.json()['rows']} journal rows hold\n" == msggw("db", "verify").out
    assert 1 == changed
    assert 3 == told.code
    assert ("gateway-1.gateway 1", False) == (told.json()["broken"], told.json()["intact"])
    assert 3 == shown.code
    assert "broken at gateway-1.gateway 1" in shown.out


@pytest.mark.slow
def test_verify_finds_a_changed_row_in_postgres(folder: Path, postgres_database: str) -> None:
    """As in SQLite; the URL is shown without its password."""
    store = ("--store", postgres_database)
    upgraded = msggw("db", "upgrade", *store)
    worked(folder, MSGGW_STORE__URL=postgres_database)
    sound = msggw("db", "verify", *store, "--json")
    asyncio.run(tamper(postgres_database))
    told = msggw("db", "verify", *store, "--json")

    assert 0 == upgraded.code
    assert (0, True) == (sound.code, sound.json()["intact"])
    assert (3, "gateway-1.gateway 1") == (told.code, told.json()["broken"])


async def tamper(url: str) -> None:
    """Change a row as the owner of the database could."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ALTER TABLE journal DISABLE TRIGGER ALL")
        await connection.execute(TAMPER)
    finally:
        await connection.close()


@pytest.mark.usefixtures("folder")
def test_a_database_that_is_away_ends_with_5() -> None:
    """Nobody listens there; the password is not shown."""
    done = msggw("db", "upgrade", "--store", "postgresql://user:hidden@127.0.0.1:1/x", "--json")

    assert 5 == done.code
    assert "hidden" not in done.err
