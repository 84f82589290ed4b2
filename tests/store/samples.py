"""Changes as the pipeline makes them, and a way behind the store's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import asyncpg

from msggw.canonical import State
from msggw.store import AttemptStart, Change, Claim, JournalEntry, Move, Outbox, schema
from msggw.store.rows import COLUMNS

CHAIN_KEY = bytes(range(32))
NOON_US = 1_700_000_000_000_000
ROUTED = frozenset({State.ROUTED})


def claim_of(name: str, **changed: Any) -> Claim:
    """A claim whose keys are made of this name."""
    plain = Claim(
        source="acquirer-1",
        message_key=f"key-{name}",
        fingerprint="5e" * 32,
        kind="authorisation",
        partner="bank-a",
        match_keys=(f"match-{name}",),
        route="visa",
        state=State.ROUTED,
        body=b"sealed body",
        raw=b"sealed raw \x00\xff",
        outcome=None,
        received_at_us=NOON_US,
        deadline_at_us=NOON_US + 30_000_000,
        instance="gateway-1",
    )
    return replace(plain, **changed)


def claimed(name: str, **changed: Any) -> Change:
    """A message accepted: claim, journal line and outbox row."""
    return Change(
        name,
        claim=claim_of(name, **changed),
        journal=(JournalEntry("accepted", NOON_US, '{"by":"test"}'),),
        outbox=(Outbox(f"out-{name}", "pay.visa.authorisation", b"sealed work", NOON_US),),
    )


def moved(name: str, state: State, **changed: Any) -> Change:
    """A move from ROUTED, with a journal line a second later."""
    move = replace(Move(ROUTED, state), **changed)
    return Change(name, move=move, journal=(JournalEntry(str(state), NOON_US + 1_000_000, "{}"),))


def begun(name: str, number: int = 1) -> Change:
    """A provider call about to be made."""
    start = AttemptStart("visa", "submit", number, f"idem-{name}-{number}", NOON_US + number)
    return Change(name, attempt=start)


async def execute(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """Run statements behind the store's back, and return the rows of the last one."""
    path = schema.sqlite_path(url)
    rows: list[Any] = []
    if path is not None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
        return rows
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            rows = await connection.fetch(statement)
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


async def unguard_journal(url: str) -> None:
    """Take the triggers off the journal, as one may who owns the database."""
    if schema.sqlite_path(url) is None:
        await execute(url, "ALTER TABLE journal DISABLE TRIGGER USER")
    else:
        names = ("journal_no_update", "journal_no_delete")
        await execute(url, *(f"DROP TRIGGER IF EXISTS {name}" for name in names))


async def empty(url: str) -> None:
    """Remove all rows, and what a test may have done to the schema."""
    await unguard_journal(url)
    tables = (*COLUMNS, "parked", "api_keys", "partners")
    await execute(url, *(f"DELETE FROM {table}" for table in tables))  # noqa: S608 - our own names
    await execute(url, f"UPDATE alembic_version SET version_num = '{schema.HEAD}'")  # noqa: S608 - as above
    if schema.sqlite_path(url) is None:
        await execute(url, "ALTER TABLE journal ENABLE TRIGGER USER")
