from __future__ import annotations

import pytest
from tests.store.samples import CHAIN_KEY

from msggw.errors import ConfigurationError
from msggw.store.opening import open_store
from msggw.store.postgres import PostgresStore
from msggw.store.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("sqlite:///gateway.db", SqliteStore),
        ("sqlite:////var/lib/msggw/gateway.db", SqliteStore),
        ("postgresql://user@host:5432/gateway", PostgresStore),
        ("postgres://user@host/gateway", PostgresStore),
    ],
)
def test_url_chooses_the_store(url: str, kind: type) -> None:
    """The scheme alone decides."""
    assert type(open_store(url, "gateway-1", CHAIN_KEY)) is kind


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///", "sqlite:gateway.db", "mysql://host/db", "gateway.db"]
)
def test_other_urls_are_refused(url: str) -> None:
    """What is neither is refused with the two forms there are."""
    with pytest.raises(ConfigurationError, match="sqlite:///path"):
        open_store(url, "gateway-1", CHAIN_KEY)
