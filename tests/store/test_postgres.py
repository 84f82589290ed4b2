"""What holds for PostgreSQL alone: lost connections, slow servers, several writers."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import asyncpg
import pytest
from tests.store.samples import CHAIN_KEY, NOON_US, claimed, execute, moved

from msggw.canonical import State
from msggw.errors import ConfigurationError, Unavailable
from msggw.store import Change, JournalEntry, Result, Verdict, postgres, postgres_writer, schema
from msggw.store.postgres import PostgresStore

HANG_SECONDS_MAX = 20
KILL = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def url(migrated_postgres: str) -> str:
    """A database with the current schema."""
    return migrated_postgres


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locks are not waited for long."""
    monkeypatch.setattr(postgres_writer, "LOCK_MS_MAX", 100)


@pytest.fixture
async def store(url: str, impatient: None) -> AsyncIterator[PostgresStore]:
    """A store that is open."""
    store = PostgresStore(url, "gateway-1", CHAIN_KEY)
    await store.start()
    yield store
    await store.close()


async def test_lost_connection_heals(store: PostgresStore, url: str) -> None:
    """Who waits when the server hangs up is told or served; what was answered is there."""
    answered, errors = [], []

    async def commit(part: int) -> None:
        for n in range(40):
            try:
                (result,) = await store.commit([claimed(f"t{part}-{n}")])
            except Unavailable as error:
                errors.append(error)
            else:
                answered.append(result)

    async def hang_up() -> None:
        for _ in range(3):
            await asyncio.sleep(0.03)
            await execute(url, KILL)

    async with asyncio.timeout(HANG_SECONDS_MAX):
        await asyncio.gather(hang_up(), *(commit(part) for part in range(10)))
    (last,) = await store.commit([claimed("last")])
    await store.ping()
    held, broken = await store.verify_journal()
    present = {row[0] for row in await execute(url, "SELECT transaction_id FROM states")}

    assert {r.verdict for r in [*answered, last]} == {Verdict.DONE}
    assert {r.transaction_id for r in answered} <= present
    assert (held, broken) == (len(present), None)


async def test_idle_connections_heal(store: PostgresStore, url: str) -> None:
    """A server that was restarted while nobody asked is noticed by nobody."""
    await store.commit([claimed("t1")])
    await execute(url, KILL)
    await asyncio.sleep(0.1)

    assert await store.commit([moved("t1", State.SENT)]) == [Result(Verdict.DONE, "t1")]
    assert await store.load("t1") is not None


async def test_absent_server_is_unavailable() -> None:
    """The place is named, the password is not."""
    store = PostgresStore("postgresql://user:hunter2@127.0.0.1:1/d", "gateway-1", CHAIN_KEY)
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1:1:") as caught:
        await store.start()

    assert "hunter2" not in str(caught.value)


async def test_silent_server_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the connection and says nothing is not waited for."""
    monkeypatch.setattr(postgres_writer, "CONNECT_SECONDS_MAX", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = PostgresStore(f"postgresql://u@127.0.0.1:{port}/d", "gateway-1", CHAIN_KEY)
        with pytest.raises(Unavailable, match="TimeoutError"):
            await store.start()


async def test_pool_that_cannot_be_had_is_unavailable(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If only the first connection succeeds nothing stays open."""

    async def fail(*_: object, **__: object) -> None:
        raise asyncpg.TooManyConnectionsError("sorry")

    monkeypatch.setattr(asyncpg, "create_pool", fail)
    with pytest.raises(Unavailable, match="TooManyConnectionsError"):
        await PostgresStore(url, "gateway-1", CHAIN_KEY).start()
    monkeypatch.undo()
    store = PostgresStore(url, "gateway-1", CHAIN_KEY)
    await store.start()
    await store.close()


async def test_connection_lost_while_opening(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that goes between the first words is unavailable."""

    async def reset(_: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(schema, "postgres_revision", reset)
    with pytest.raises(Unavailable, match="ConnectionResetError"):
        await PostgresStore(url, "gateway-1", CHAIN_KEY).start()


async def test_closing_does_not_wait_for_ever(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is still at work after the limit is cut."""
    monkeypatch.setattr(postgres, "CLOSE_SECONDS_MAX", 0.05)
    pool = store._pool  # noqa: SLF001 - to keep one of its connections busy
    assert pool is not None
    async with pool.acquire():
        await store.close()
    with pytest.raises(Unavailable):
        await store.ping()


async def test_blocked_write_is_unavailable(store: PostgresStore, url: str) -> None:
    """A write that waits for a lock gives up, and the next one succeeds."""
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Unavailable, match="LockNotAvailableError"):
                await store.commit([claimed("t1")])
    finally:
        await other.close()

    assert await store.commit([claimed("t1")]) == [Result(Verdict.DONE, "t1")]


async def test_slow_write_is_unavailable(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes too long is cut off, and the next one succeeds."""
    monkeypatch.setattr(postgres_writer, "WRITE_SECONDS_MAX", 0.3)
    store = PostgresStore(url, "gateway-1", CHAIN_KEY)
    await store.start()
    other = await asyncpg.connect(url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE transactions IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(Unavailable, match="TimeoutError"):
                await store.commit([claimed("t1")])
    finally:
        await other.close()

    assert await store.commit([claimed("t2")]) == [Result(Verdict.DONE, "t2")]
    await store.close()


async def test_second_process_with_the_same_chain_name_does_not_start(
    store: PostgresStore, url: str
) -> None:
    """The chain is taken as long as its process is connected."""
    twin = PostgresStore(url, "gateway-1", CHAIN_KEY)
    with pytest.raises(ConfigurationError, match="gateway-1"):
        await twin.start()
    await store.close()
    await twin.start()
    await twin.close()


async def test_chain_taken_over_while_we_were_away(store: PostgresStore, url: str) -> None:
    """If another process has our chain when we come back we write nothing until it goes."""
    await execute(url, KILL)
    await asyncio.sleep(0.1)
    twin = PostgresStore(url, "gateway-1", CHAIN_KEY)
    await twin.start()
    await twin.commit([claimed("t1")])
    with pytest.raises(Unavailable, match="gateway-1"):
        await store.commit([claimed("t2")])
    await twin.close()
    await store.commit([claimed("t2")])

    assert await store.verify_journal() == (2, None)


async def test_chain_written_past_the_lock(store: PostgresStore, url: str) -> None:
    """Whoever gets past the lock cannot fork the chain: the same number is refused."""
    await execute(
        url, "INSERT INTO journal VALUES ('gateway-1', 1, 't0', 'forged', 0, '{}', '', '')"
    )
    with pytest.raises(ConfigurationError, match="gateway-1"):
        await store.commit([claimed("t1")])

    assert await store.load("t1") is None


async def test_schema_that_went_away(store: PostgresStore, url: str) -> None:
    """A running process does not stop for it: it may be the wrong server for a moment."""
    await execute(url, "ALTER TABLE alembic_version RENAME TO away", KILL)
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable, match="db upgrade"):
        await store.commit([claimed("t1")])
    await execute(url, "ALTER TABLE away RENAME TO alembic_version")

    assert await store.commit([claimed("t1")]) == [Result(Verdict.DONE, "t1")]


async def test_race_that_never_ends_is_unavailable(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group is judged anew only so often."""
    monkeypatch.setattr(postgres_writer, "RACES_MAX", 1)
    await store.commit([claimed("t1")])
    with pytest.raises(Unavailable, match="quicker"):
        await store.commit([claimed("t2", message_key="key-t1")])


async def test_version_that_moved_on_is_judged_again(store: PostgresStore, url: str) -> None:
    """A move whose transaction was changed between read and write sees the change."""
    await store.commit([claimed("t1")])
    other = PostgresStore(url, "worker-1", CHAIN_KEY)
    await other.start()
    rounds = 30
    for n in range(rounds):
        back = moved("t1", State.ROUTED, expected=frozenset({State.SENT}))
        there = moved("t1", State.SENT)
        results = await asyncio.gather(
            store.commit([there, back]), other.commit([there, back]), store.commit([there, back])
        )

        assert {r.verdict for part in results for r in part} == {Verdict.DONE}, n
    await other.close()
    stored = await store.load("t1")

    assert stored is not None
    assert stored.version == 1 + rounds * 6


async def test_several_writers_have_a_chain_each(url: str) -> None:
    """Groups are committed side by side; a transaction's changes still come in order."""
    store = PostgresStore(url, "gateway-1", CHAIN_KEY, group_max=5, writers=2)
    await store.start()

    async def live(name: str) -> list[Verdict]:
        changes = [claimed(name), moved(name, State.SENT)]
        return [(await store.commit([change]))[0].verdict for change in changes]

    verdicts = await asyncio.gather(*(live(f"t{n}") for n in range(60)))
    twice = await asyncio.gather(
        *(store.commit([claimed(f"a{n}", message_key=f"k{n // 2}")]) for n in range(60))
    )
    held, broken = await store.verify_journal()
    chains = await execute(url, "SELECT DISTINCT chain FROM journal ORDER BY chain")
    await store.close()

    assert {tuple(part) for part in verdicts} == {(Verdict.DONE, Verdict.DONE)}
    assert sorted(r.verdict for (r,) in twice) == [Verdict.DONE] * 30 + [Verdict.DUPLICATE] * 30
    assert (held, broken) == (150, None)
    assert chains == [("gateway-1",), ("gateway-1#2",)]


async def test_text_with_a_nul_is_refused(store: PostgresStore) -> None:
    """PostgreSQL's text has no NUL; the caller is told without the text being quoted."""
    bad = Change("t1", journal=(JournalEntry("se\x00cret", NOON_US, "{}"),))
    with pytest.raises(ValueError, match="cannot be written") as caught:
        await store.commit([bad])
    with pytest.raises(ValueError, match="cannot be written"):
        await store.load("se\x00cret")

    assert "cret" not in str(caught.value)
    assert caught.value.__cause__ is None
