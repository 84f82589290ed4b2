"""Both stores keep the contract, each on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.store.contract import Contract


class TestSqlite(Contract):
    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        """A file that is not there yet."""
        return f"sqlite:///{tmp_path}/gateway.db"


class TestPostgres(Contract):
    @pytest.fixture
    def url(self, postgres_database: str) -> str:
        """A database of the test's own."""
        return postgres_database

    @pytest.fixture
    def migrated(self, migrated_postgres: str) -> str:
        """A database with the schema, cleared by every test."""
        return migrated_postgres
