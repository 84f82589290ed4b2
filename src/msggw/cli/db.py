"""`msggw db upgrade|verify`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from msggw.cli.output import emit, json_option, settings_options
from msggw.cli.settings import settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from msggw.config import Settings
    from msggw.store import JournalRow

__all__ = ["db"]


@click.group()
def db() -> None:
    """Look after the database schema and the journal."""


@db.command()
@settings_options
@json_option
def upgrade(
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    as_json: bool,
) -> None:
    """Bring the schema to the version of this program."""
    from msggw.config import masked_url
    from msggw.store import schema

    settings = settings_from(config_file, broker, store, instance)
    schema.upgrade(settings.store.url)
    version = schema.current(settings.store.url)
    url = masked_url(settings.store.url)
    emit({"store": url, "version": version}, f"{url} is at {version}", as_json=as_json)


@db.command()
@settings_options
@json_option
def verify(
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    as_json: bool,
) -> None:
    """Walk the journal's hash chains and name the first row that was changed."""
    settings = settings_from(config_file, broker, store, instance)
    rows, broken = asyncio.run(_verify(settings))
    if broken is None:
        emit({"rows": rows, "intact": True}, f"{rows} journal rows hold", as_json=as_json)
        return
    place = f"{broken.chain} {broken.seq}"
    text = f"the journal is broken at {place} after {rows} good rows"
    emit({"rows": rows, "intact": False, "broken": place}, text, as_json=as_json)
    raise click.exceptions.Exit(3)


async def _verify(settings: Settings) -> tuple[int, JournalRow | None]:
    from msggw.keys import FileKeys, Purpose
    from msggw.store.opening import open_store

    keys = FileKeys.load(settings.keys.file)
    chain_key = keys.mac(Purpose.JOURNAL, b"chain")
    store = open_store(settings.store.url, f"{settings.instance}.verify", chain_key)
    await store.start()
    try:
        return await store.verify_journal()
    finally:
        await store.close()
