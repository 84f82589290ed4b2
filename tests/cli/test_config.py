"""`msggw config show`: what is in force, with secrets masked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.command import msggw

pytestmark = pytest.mark.usefixtures("folder")


def test_the_text_is_the_document() -> None:
    """Both forms say the same, and with nothing set they are the defaults."""
    told = msggw("config", "show", "--json").json()

    assert told == json.loads(msggw("config", "show").out)
    assert ("gateway-1", "memory:") == (told["instance"], told["broker"]["url"])
    assert ["acquirer"] == [link["name"] for link in told["links"]]


def test_secrets_are_masked() -> None:
    """Passwords in URLs and settings that are named like secrets are not shown."""
    Path("msggw.toml").write_text(
        """
        broker = {url = "amqp://user:hidden-1@mq/"}
        store = {url = "postgresql://user:hidden-2@db/msggw"}
        [adapters.bogus]
        api_key = "hidden-3"
        """
    )
    done = msggw("config", "show", "--json")

    assert "hidden" not in done.out
    assert "amqp://user:***@mq/" == done.json()["broker"]["url"]
    assert "***" == done.json()["adapters"]["bogus"]["api_key"]
    assert "var/keys.json" == done.json()["keys"]["file"]


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options win over the environment, which wins over the file, which wins over defaults."""
    Path("mine.toml").write_text('instance = "of-file"\nlog_level = "debug"\n')
    monkeypatch.setenv("MSGGW_INSTANCE", "of-environment")
    given = ("config", "show", "--json", "--config", "mine.toml")
    options = ("--broker", "amqp://mq/", "--store", "sqlite:///x.db", "--instance", "of-option")
    all_three = msggw(*given, *options).json()

    assert "of-environment" == msggw(*given).json()["instance"]
    assert ("of-option", "amqp://mq/", "sqlite:///x.db", "debug") == (
        all_three["instance"],
        all_three["broker"]["url"],
        all_three["store"]["url"],
        all_three["log_level"],
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("no_such_key = 1", "no_such_key"),
        ("[http]\nprot = 1", "http.prot"),
        ("[http]\nport = 70000", "http.port"),
        ("instance = \n", "line 1"),
    ],
)
def test_a_wrong_key_is_named(text: str, named: str) -> None:
    """An unknown key, a bad value and a file that is no TOML end with 2 and say where."""
    Path("msggw.toml").write_text(text)
    done = msggw("config", "show", "--json")

    assert (2, "configuration") == (done.code, done.problem()["code"])
    assert named in done.problem()["detail"]


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt variable is not silently without effect."""
    monkeypatch.setenv("MSGGW_BORKER__URL", "amqp://x")

    assert "MSGGW_BORKER__URL" in msggw("config", "show", "--json").problem()["detail"]
