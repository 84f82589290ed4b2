"""The files made for the compose file are those it asks for, and the gateway can use them."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from msggw.keys import FileKeys

ROOT = Path(__file__).parents[2]


def make(folder: Path) -> None:
    """Run the tool as a user does."""
    command = [sys.executable, ROOT / "tools" / "compose_secrets.py", folder]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of fresh secrets."""
    make(tmp_path / "secrets")
    return tmp_path / "secrets"


def read_all(folder: Path) -> dict[str, str]:
    """Name and text of every file."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_tool_makes_what_compose_asks_for(folder: Path) -> None:
    """No file is missing and none is made for nobody."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    asked = {Path(secret["file"]).name for secret in compose["secrets"].values()}
    asked |= {Path(name).name for name in compose["services"]["gateway"]["env_file"]}

    assert asked == set(read_all(folder))


def test_the_gateway_reads_the_key(folder: Path) -> None:
    """The key file is of the form the gateway expects."""
    assert isinstance(FileKeys.load(folder / "msggw_keys"), FileKeys)


def test_urls_and_servers_agree_on_the_passwords(folder: Path) -> None:
    """The gateway logs in with the password the server was given."""
    files = read_all(folder)
    urls = dict(line.split("=", 1) for line in files["gateway.env"].splitlines())
    server = dict(line.split(" = ") for line in files["rabbitmq_user"].splitlines())

    broker, store = urlsplit(urls["MSGGW_BROKER__URL"]), urlsplit(urls["MSGGW_STORE__URL"])
    assert (broker.username, broker.password) == (server["default_user"], server["default_pass"])
    assert (store.username, store.password) == ("msggw", files["postgres_password"])


def test_nobody_else_may_look_into_the_folder(folder: Path) -> None:
    """Only the owner opens the folder."""
    assert 0o700 == folder.stat().st_mode & 0o777


def test_a_second_run_changes_nothing(folder: Path) -> None:
    """A password in use and a key that sealed something stay as they are."""
    before = read_all(folder)
    make(folder)

    assert before == read_all(folder)
