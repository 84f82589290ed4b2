"""What holds for SQLite alone: one file, one writer, power cuts and `kill -9`."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.store.samples import CHAIN_KEY, NOON_US, begun, claimed, execute, moved

from msggw.canonical import State
from msggw.errors import ConfigurationError, Unavailable
from msggw.store import LookUp, Verdict, schema, sqlite_writer
from msggw.store.sqlite import SqliteStore

KILLED_AFTER = 300


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A file with the current schema."""
    path = tmp_path / "gateway.db"
    schema.upgrade(f"sqlite:///{path}")
    return str(path)


@pytest.fixture
async def store(path: str) -> AsyncIterator[SqliteStore]:
    """A store that is open."""
    store = SqliteStore(path, "gateway-1", CHAIN_KEY)
    await store.start()
    yield store
    await store.close()


async def test_what_is_answered_survives_a_power_cut(store: SqliteStore) -> None:
    """The log is forced to the disk at every commit."""
    pragmas = await store._transact(  # noqa: SLF001 - only this connection knows
        lambda c: [c.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS]
    )

    assert pragmas == ["wal", 2]


_PRAGMAS = ("journal_mode", "synchronous")


async def test_group_of_any_size_is_written(store: SqliteStore) -> None:
    """Rows that fill several statements all arrive, moved or new."""
    names = [f"t{n}" for n in range(391)]
    results = await store.commit([claimed(name) for name in names])
    results += await store.commit([moved(name, State.SENT) for name in names])
    found = await store.look_up(LookUp(originals=tuple(f"match-{name}" for name in names)))

    assert {r.verdict for r in results} == {Verdict.DONE}
    assert {s.state for s in found.originals.values()} == {State.SENT}
    assert len(found.originals) == 391
    assert await store.verify_journal() == (782, None)


async def test_second_process_with_the_same_chain_name_fails(store: SqliteStore, path: str) -> None:
    """Who finds a head that is not its own writes nothing: a chain never forks."""
    twin = SqliteStore(path, "gateway-1", CHAIN_KEY)
    await twin.start()
    await store.commit([claimed("t1")])
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="gateway-1"):
            await twin.commit([claimed("t2")])
    await twin.close()

    assert await store.load("t2") is None
    assert await store.verify_journal() == (1, None)


async def test_commit_whose_end_is_unknown(store: SqliteStore) -> None:
    """If the disk fails in the commit it may have been written; the chain goes on either way."""
    writer = store._file  # noqa: SLF001 - SQLite cannot be made to fail at will
    for lands in (True, False):
        real = writer._connection  # noqa: SLF001 - as above
        writer._connection = _Failing(real, lands=lands)  # noqa: SLF001 - as above
        with pytest.raises(Unavailable):
            await store.commit([claimed(f"lands-{lands}")])
        writer._connection = real  # noqa: SLF001 - as above
        await store.commit([claimed(f"after-{lands}")])

    assert await store.load("lands-True") is not None
    assert await store.load("lands-False") is None
    assert await store.verify_journal() == (3, None)


class _Failing:
    """A connection whose commit fails, after it was written or before."""

    def __init__(self, real: Any, *, lands: bool) -> None:
        self._real = real
        self._lands = lands

    @property
    def in_transaction(self) -> bool:
        return bool(self._real.in_transaction)

    def execute(self, text: str, *arguments: Any) -> Any:
        if text != "COMMIT":
            return self._real.execute(text, *arguments)
        if self._lands:
            self._real.execute(text)
        raise sqlite3.OperationalError


def test_closed_file_is_not_written(path: str) -> None:
    """A writer that was not opened, or was closed again, does nothing."""
    writer = sqlite_writer.SqliteWriter(path, "gateway-1", CHAIN_KEY)
    writer.close()
    with pytest.raises(Unavailable):
        writer.write([claimed("t1")])


async def test_locked_file_is_unavailable(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for another writer in vain is told; later the same call succeeds."""
    monkeypatch.setattr(sqlite_writer, "BUSY_MS_MAX", 10)
    store = SqliteStore(path, "gateway-1", CHAIN_KEY)
    await store.start()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="SQLITE_BUSY"):
            await store.commit([claimed("t1")])
    (result,) = await store.commit([claimed("t1")])
    await store.close()

    assert result.verdict is Verdict.DONE


async def test_locked_file_cannot_be_opened(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch to the write-ahead log needs the file for itself, and does not wait for ever."""
    monkeypatch.setattr(sqlite_writer, "BUSY_MS_MAX", 10)
    monkeypatch.setattr(sqlite_writer, "BUSY_POLL_SECONDS", 0.001)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="SQLITE_BUSY"):
            await SqliteStore(path, "gateway-1", CHAIN_KEY).start()


async def test_two_processes_may_open_a_new_file_at_once(path: str) -> None:
    """Both want to switch the log on; neither fails."""
    stores = [SqliteStore(path, f"gateway-{n}", CHAIN_KEY) for n in range(4)]
    await asyncio.gather(*(store.start() for store in stores))
    await asyncio.gather(*(s.commit([claimed(f"t{n}")]) for n, s in enumerate(stores)))
    await asyncio.gather(*(store.close() for store in stores))

    assert await execute(f"sqlite:///{path}", "SELECT count(*) FROM journal") == [(4,)]


async def test_damaged_database_is_unavailable(store: SqliteStore, path: str) -> None:
    """Trouble with the file is our trouble, for reads and for writes."""
    await execute(f"sqlite:///{path}", "DROP TABLE states")
    with pytest.raises(Unavailable, match="SQLITE_ERROR"):
        await store.load("t1")
    with pytest.raises(Unavailable, match="SQLITE_ERROR"):
        await store.commit([claimed("t1")])


async def test_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    """It is neither opened nor overwritten."""
    path = tmp_path / "gateway.db"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(Unavailable, match="SQLITE_NOTADB"):
        await SqliteStore(str(path), "gateway-1", CHAIN_KEY).start()


@pytest.mark.parametrize("wrong", ["\ud800", 2**70, object()], ids=["surrogate", "int", "object"])
async def test_values_that_sqlite_does_not_take(store: SqliteStore, wrong: object) -> None:
    """They are refused as a defect of the caller, without being quoted."""
    with pytest.raises(ValueError, match="cannot be written") as caught:
        await store.commit([claimed("t1", kind=wrong)])

    assert caught.value.__cause__ is None


async def test_killed_process_leaves_everything_it_answered(path: str) -> None:
    """After `kill -9` in mid-stream all that was answered is there, and no half of anything."""
    answered, status = await asyncio.to_thread(_answered_before_killed, path)
    store = SqliteStore(path, "gateway-1", CHAIN_KEY)
    await store.start()
    found = await execute(f"sqlite:///{path}", _WHOLE)
    held, broken = await store.verify_journal()
    (result,) = await store.commit([claimed("after")])
    await store.close()
    whole = {name for name, *parts in found if parts == [1, 1, 1, 1, 1]}

    assert status == -signal.SIGKILL
    assert len(found) == len(whole)
    assert set(answered) <= whole
    assert {f"{name}-original" for name in whole if "-" not in name} <= whole
    assert (held, broken) == (len(found), None)
    assert result.verdict is Verdict.DONE


def _answered_before_killed(path: str) -> tuple[list[str], int]:
    with subprocess.Popen(
        [sys.executable, "-c", _STREAM, path], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        answered = [process.stdout.readline().strip() for _ in range(KILLED_AFTER)]
        process.send_signal(signal.SIGKILL)
        answered += [line.strip() for line in process.stdout if line.endswith("\n")]
    return answered, process.returncode


_WHOLE = """
    SELECT t.transaction_id,
    (SELECT count(*) FROM states s WHERE s.transaction_id = t.transaction_id),
    (SELECT count(*) FROM journal j WHERE j.transaction_id = t.transaction_id),
    (SELECT count(*) FROM outbox o WHERE o.transaction_id = t.transaction_id),
    (SELECT count(*) FROM match_keys m WHERE m.transaction_id = t.transaction_id),
    (SELECT count(*) FROM outcomes o WHERE o.transaction_id = t.transaction_id)
    FROM transactions t
"""

_STREAM = """
import asyncio, sys
from dataclasses import replace
from itertools import count
sys.path.insert(0, ".")
from msggw.store.sqlite import SqliteStore
from tests.store.samples import CHAIN_KEY, claimed

async def main():
    store = SqliteStore(sys.argv[1], "gateway-1", CHAIN_KEY)
    await store.start()
    names = count()

    async def commit():
        while True:
            name = f"t{next(names)}"
            other = claimed(f"{name}-original", outcome=b"x")
            await store.commit([replace(claimed(name, outcome=b"x"), also=(other,))])
            print(name, flush=True)

    await asyncio.gather(*(commit() for _ in range(20)))

asyncio.run(main())
"""


async def test_attempts_of_many_transactions_end_together(store: SqliteStore) -> None:
    """Ends of attempts are noted row by row, each where it belongs."""
    await store.commit([begun(f"t{n}", n) for n in range(3)])
    ends = [begun(f"t{n}", n) for n in range(3)]
    results = await store.commit(ends)

    assert [r.verdict for r in results] == [Verdict.CONFLICT] * 3
    assert [a.started_at_us for a in await store.attempts("t2")] == [NOON_US + 2]
