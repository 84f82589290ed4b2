"""One PostgreSQL database for all tests here that want the schema: making databases is slow."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from tests import services
from tests.store.samples import empty

from msggw.store import schema


@pytest.fixture(scope="session")
def shared_postgres(postgres_url: str) -> Iterator[str]:
    """A database with the current schema and what earlier tests left in it."""
    name = f"msggw_{secrets.token_hex(6)}"
    with services.postgres_database_at(postgres_url, name) as url:
        schema.upgrade(url)
        yield url


@pytest.fixture
async def migrated_postgres(shared_postgres: str) -> str:
    """A database with the current schema and nothing in it."""
    await empty(shared_postgres)
    return shared_postgres
