"""Choosing the store by its URL. What was asked for is opened or refused, never replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.store import schema
from msggw.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from msggw.store.port import Store

__all__ = ["open_store"]


def open_store(url: str, chain: str, chain_key: bytes) -> Store:
    """Return the store of a `sqlite:///path` or `postgresql://…` URL, not yet started.

    `chain` names this process's journal chain: no two running processes may use the same.
    Raises `ConfigurationError` for any other URL.
    """
    path = schema.sqlite_path(url)
    if path is not None:
        return SqliteStore(path, chain, chain_key)
    from msggw.store.postgres import PostgresStore  # noqa: PLC0415 - unused beside SQLite

    return PostgresStore(url, chain, chain_key)
