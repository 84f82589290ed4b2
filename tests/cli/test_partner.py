"""`msggw partner`: a key is shown once, opens the API, and is stored as an HMAC only."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from tests.cli.command import EXAMPLES, msggw, serving
from tests.cli.conftest import ON_FREE_PORTS, ROUTES


@pytest.mark.usefixtures("folder")
def test_a_key_is_shown_once() -> None:
    """Adding prints the key; listing does not; a partner may have further keys."""
    added = msggw("partner", "add", "my-service", "--name", "My service", "--json").json()
    further = msggw("partner", "add", "my-service", "--live")
    listed = msggw("partner", "list")

    assert "my-service" == added["partner"]
    assert added["api_key"].startswith("mg_test_")
    assert "my-service: mg_live_" in further.out
    assert "This key is shown once" in further.out
    assert "my-service\tMy service\n" == listed.out
    assert [{"partner": "my-service", "name": "My service"}] == msggw(
        "partner", "list", "--json"
    ).json()


def test_only_an_hmac_is_stored(folder: Path) -> None:
    """Neither the key nor its secret part is anywhere in the folder."""
    key = msggw("partner", "add", "my-service", "--json").json()["api_key"]
    with sqlite3.connect("var/msggw.db") as database:
        stored = database.execute("SELECT partner, length(mac) FROM api_keys").fetchall()
    database.close()
    secret = key.split("_", 3)[3][:43].encode()
    files = [path for path in folder.rglob("*") if path.is_file()]

    assert [("my-service", 64)] == stored
    assert files
    assert [] == [path for path in files if secret in path.read_bytes()]


@pytest.mark.usefixtures("folder")
def test_a_partner_has_a_proper_name() -> None:
    """An id that is none is refused with its rule, and nothing is made."""
    done = msggw("partner", "add", "Not An Id", "--json")

    assert 3 == done.code
    assert [] == list(Path().iterdir())


def test_a_key_opens_the_api(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway in the same folder takes the key, from the option and from the environment."""
    (folder / "routes.yaml").write_text(ROUTES)
    key = msggw("partner", "add", "my-service", "--json").json()["api_key"]
    with serving(folder, "run", **ON_FREE_PORTS) as server:
        url = f"http://127.0.0.1:{server.started()['port_http']}"
        to = ("send", EXAMPLES / "transaction.json", "--to", url, "--json")
        refused, taken = msggw(*to), msggw(*to, "--api-key", key)
        monkeypatch.setenv("MSGGW_API_KEY", key)
        from_environment = msggw(*to)
        server.stop()

    assert 401 == refused.json()["status"]
    assert [200, 200] == [one.json()["status"] for one in (taken, from_environment)]
    assert key not in json.dumps(server.lines())


def test_partners_live_in_postgres_too(folder: Path, postgres_database: str) -> None:
    """With a shared store the schema is made on purpose; then partners are added the same way."""
    store = ("--store", postgres_database)

    assert 2 == msggw("partner", "add", "one", *store).code
    assert 0 == msggw("db", "upgrade", *store).code
    assert 0 == msggw("partner", "add", "one", *store).code
    assert "one\tone\n" == msggw("partner", "list", *store).out
    assert [] == list(folder.rglob("*.db"))
