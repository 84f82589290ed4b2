import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.config import Settings, load_settings, masked_url
from msggw.errors import ConfigurationError

SECRET = "hunter2-4761739001010119"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the machine."""
    for name in list(os.environ):
        if name.startswith("MSGGW_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration file."""
    path = tmp_path / "msggw.toml"
    path.write_text('instance = "file"\n[http]\nport = 1\n[broker]\nurl = "file:"\nprefix = "f"\n')
    return path


def test_the_defaults_are_the_embedded_gateway() -> None:
    """SQLite and the in-process broker, one link, our own adapters."""
    settings = load_settings(None, {})

    assert Settings() == settings
    assert ("sqlite", "memory:") == (settings.store.url.partition(":")[0], settings.broker.url)
    assert {"bogus", "visa", "bank"} == set(settings.adapters)


def test_command_line_over_environment_over_file_over_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key by key, also inside of a table."""
    monkeypatch.setenv("MSGGW_HTTP__PORT", "2")
    monkeypatch.setenv("MSGGW_BROKER__URL", "env:")
    settings = load_settings(file, {"broker": {"url": "cli:"}})

    assert ("cli:", "f", 2, "127.0.0.1", "file", 64) == (
        settings.broker.url,
        settings.broker.prefix,
        settings.http.port,
        settings.http.host,
        settings.instance,
        settings.broker.prefetch,
    )
    assert "gateway-1" == load_settings(None, {}).instance


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "colour"),
        ("[http]\ncolour = 1", "http.colour"),
        (f'[http]\nport = "{SECRET}"', "http.port"),
        (f'[[links]]\nname = "{SECRET} "', "links.0.name"),
        (f'log_level = "{SECRET}"', "log_level"),
        (f"instance = {SECRET}", r"TOMLDecodeError \(at line 1, column"),
        ("instance = '\x00'", "TOMLDecodeError"),
    ],
)
def test_a_wrong_file_is_named_and_not_quoted(tmp_path: Path, text: str, named: str) -> None:
    """The key and the rule, or the place; never what stands there."""
    path = tmp_path / "msggw.toml"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=named) as caught:
        load_settings(path, {})
    assert SECRET not in str(caught.value)


def test_every_wrong_key_is_named_at_once() -> None:
    """Not one per start."""
    with pytest.raises(ConfigurationError, match=r"worker\.port.*http\.port"):
        load_settings(None, {"http": {"port": -1}, "worker": {"port": -1}})


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("MSGGW_COLOUR", "1", "MSGGW_COLOUR: there is no setting colour"),
        ("MSGGW_BROKER__COLOUR", "1", r"broker\.colour"),
        ("MSGGW_HTTP__PORT", SECRET, r"http\.port"),
        ("MSGGW_LINKS", SECRET, "links"),
    ],
)
def test_a_wrong_variable_is_named_and_not_quoted(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    """A misspelt one too; those of other modules are none of ours."""
    monkeypatch.setenv("MSGGW_DATA", "/")
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=named) as caught:
        load_settings(None, {})
    assert SECRET not in str(caught.value)


def test_a_file_that_is_not_there_is_no_default(tmp_path: Path) -> None:
    """Asked-for and absent is an error."""
    with pytest.raises(ConfigurationError, match="no configuration file"):
        load_settings(tmp_path / "none.toml", {})


def test_a_file_that_cannot_be_read_is_an_error(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Said as a wrong setting, not as a defect."""

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(SECRET)

    monkeypatch.setattr(Path, "open", denied)

    with pytest.raises(ConfigurationError, match="PermissionError"):
        load_settings(file, {})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///var/msggw.db", "sqlite:///var/msggw.db"),
        ("memory:", "memory:"),
        ("amqp://host:5672/", "amqp://host:5672/"),
        ("amqp://user@host:5672/", "amqp://user@host:5672/"),
        ("amqp://user:secret@host:5672/vh", "amqp://user:***@host:5672/vh"),
        ("postgresql://:secret@[::1]:5432/db", "postgresql://:***@[::1]:5432/db"),
        ("postgresql://u:sec/r@et@host/db", "postgresql://u:***@host/db"),
        ("postgresql:///db?user=u&password=secret", "postgresql:///db?user=u&password=***"),
        ("amqps://h/?SSLPassword=secret&x=1", "amqps://h/?SSLPassword=***&x=1"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    """Host, path and user stay readable."""
    assert shown == masked_url(url)


@given(st.text(min_size=1))
def test_no_password_survives(password: str) -> None:
    """Whatever characters it has."""
    assert "amqp://u:***@h/" == masked_url(f"amqp://u:{password}@h/")


def test_auto_instance_is_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container needs no name of its own: `auto` is the host's, as far as names allow."""
    monkeypatch.setattr("socket.gethostname", lambda: "_Node.7F3A.example")

    assert "node-7f3a-example" == load_settings(None, {"instance": "auto"}).instance
