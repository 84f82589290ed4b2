"""`msggw partner add|list`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from msggw.cli.output import emit, json_option, settings_options
from msggw.cli.settings import settings_from

if TYPE_CHECKING:
    from pathlib import Path

    from msggw.config import Settings
    from msggw.keys import Keys
    from msggw.store import Partner, Store

__all__ = ["partner"]


@click.group()
def partner() -> None:
    """Add partners and their API keys."""


@partner.command()
@click.argument("partner_id")
@click.option("--name", help="The partner's name for people.")
@click.option("--live", is_flag=True, help="A key for live traffic instead of a test key.")
@settings_options
@json_option
def add(
    partner_id: str,
    name: str | None,
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    live: bool,
    as_json: bool,
) -> None:
    """Add PARTNER_ID (or a further key for it) and show its API key, once."""
    from msggw.values import PartnerId

    checked = PartnerId(partner_id)
    settings = settings_from(config_file, broker, store, instance)
    text = asyncio.run(_add(settings, checked, name or partner_id, "live" if live else "test"))
    shown = f"{checked}: {text}\nThis key is shown once. Send it as Authorization: Bearer."
    emit({"partner": checked, "api_key": text}, shown, as_json=as_json)


@partner.command("list")
@settings_options
@json_option
def list_partners(
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    as_json: bool,
) -> None:
    """List the partners."""
    settings = settings_from(config_file, broker, store, instance)
    found = asyncio.run(_list(settings))
    rows = [{"partner": item.id, "name": item.name} for item in found]
    emit(rows, "\n".join(f"{item.id}\t{item.name}" for item in found), as_json=as_json)


async def _add(settings: Settings, partner_id: str, name: str, mode: str) -> str:
    from msggw.desk import system_clock
    from msggw.ingress.apikey import new_key
    from msggw.keys import FileKeys
    from msggw.store import Partner

    keys = FileKeys.load_or_create(settings.keys.file)
    now_us = system_clock().now_us()
    text, key = new_key(partner_id, keys, now_us, mode=mode)
    store = _store(settings, keys)
    await store.start()
    try:
        await store.add_partner(Partner(partner_id, name, now_us), key)
    finally:
        await store.close()
    return text


async def _list(settings: Settings) -> list[Partner]:
    from msggw.keys import FileKeys

    store = _store(settings, FileKeys.load_or_create(settings.keys.file))
    await store.start()
    try:
        return await store.partners()
    finally:
        await store.close()


def _store(settings: Settings, keys: Keys) -> Store:
    from msggw.keys import Purpose
    from msggw.store.opening import open_store
    from msggw.store.schema import upgrade

    if settings.store.url.startswith("sqlite:"):
        upgrade(settings.store.url)
    chain_key = keys.mac(Purpose.JOURNAL, b"chain")
    return open_store(settings.store.url, f"{settings.instance}.partner", chain_key)
