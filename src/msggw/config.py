"""Settings: command line over environment over `msggw.toml` over defaults. Unknown keys are errors.

Environment names are `MSGGW_` and the path with two underscores: `MSGGW_BROKER__URL`. Secrets come
from files (`keys.file`) or the environment; `msggw config show` masks what it prints.
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from msggw.errors import ConfigurationError

__all__ = ["Bind", "Link", "Settings", "load_settings", "masked_url"]

_SANDBOX: dict[str, dict[str, Any]] = {
    "bogus": {},
    "visa": {"host": "127.0.0.1", "port": 8650},
    "bank": {"url": "http://127.0.0.1:8660/", "sender": "MSGGKZKA", "receiver": "BANKKZKA"},
}
"""The adapters of the embedded default: they reach what `msggw sandbox` plays."""

_PREFIX = "MSGGW_"
_NOT_SETTINGS = ("MSGGW_DATA", "MSGGW_API_KEY", "MSGGW_TEST_")
"""Variables that other modules and the test suite read."""
_TOML_PLACE = re.compile(r"\(at [a-z0-9, ]+\)")
# From the first colon after the user's name to the last @: a password may hold what it should not.
_PASSWORD = re.compile(r"^([^:/?#]+://[^:@/?#]*:).*@", re.DOTALL)
_PASSWORD_PARAMETER = re.compile(r"([?&][a-z_]*(?:password|secret|token)=)[^&#]*", re.IGNORECASE)

_MODEL = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Bind(BaseModel):
    """An address to listen on."""

    model_config = _MODEL
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)


class Link(BaseModel):
    """One ISO 8583 link: where it listens, what it speaks, and its limits."""

    model_config = _MODEL
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    partner: str = Field(default="demo-acquirer", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    host: str = "127.0.0.1"
    port: int = Field(default=8583, ge=0, le=65535)
    spec: str = "iso87-ascii"
    framing: str = "binary-2"
    tolerances: tuple[str, ...] = ()
    frame_bytes_max: int = Field(default=8192, ge=64, le=65535)
    connections_max: int = Field(default=1024, ge=1)
    in_flight_max: int = Field(default=1000, ge=1)
    frames_per_s_max: int = Field(default=5000, ge=1)
    timeout_s: float = Field(default=20.0, gt=0, le=120)
    echo_after_s: float = Field(default=300.0, gt=0)
    sign_on_required: bool = False


class Http(Bind):
    """The HTTP side: JSON, ISO 20022, health and metrics."""

    body_bytes_max: int = Field(default=262_144, ge=1024)
    receive_timeout_s: float = Field(default=10.0, gt=0)
    answer_timeout_s: float = Field(default=25.0, gt=0, le=120)
    bic: str = Field(default="MSGGKZKA", pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")
    open_partner: str | None = None
    """A partner as whom requests without an API key are served: for the demo only."""


class StoreSettings(BaseModel):
    """Which database."""

    model_config = _MODEL
    url: str = "sqlite:///var/msggw.db"


class BrokerSettings(BaseModel):
    """Which broker."""

    model_config = _MODEL
    url: str = "memory:"
    prefix: str = Field(default="mg", pattern=r"^[a-z0-9_-]{1,40}$")
    prefetch: int = Field(default=64, ge=1, le=1000)


class KeySettings(BaseModel):
    """Where the root keys are."""

    model_config = _MODEL
    file: Path = Path("var/keys.json")


class Rules(BaseModel):
    """Which rules, routes and lists are in force."""

    model_config = _MODEL
    rules: str = "specs/rules/default.yaml"
    routes: str = "specs/routes/default.yaml"
    sanctions: str = "specs/lists/sanctions-demo.csv"


def _named(value: object) -> object:
    if value != "auto":
        return value
    return re.sub(r"[^a-z0-9_-]", "-", socket.gethostname().lower())[:40].lstrip("-_")


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        nested_model_default_partial_update=True,
    )
    instance: Annotated[str, BeforeValidator(_named)] = Field(
        default="gateway-1", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"
    )
    """The name of this process; `auto` is the name of the host (a container's is its own)."""
    log_level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")
    drain_timeout_s: float = Field(default=10.0, ge=0)
    worker: Bind = Bind(port=8081)
    """Where a worker that runs alone serves health and metrics."""
    links: tuple[Link, ...] = (Link(name="acquirer"),)
    http: Http = Http()
    store: StoreSettings = StoreSettings()
    broker: BrokerSettings = BrokerSettings()
    keys: KeySettings = KeySettings()
    policy: Rules = Rules()
    adapters: dict[str, dict[str, Any]] = Field(
        default_factory=lambda: {name: dict(values) for name, values in _SANDBOX.items()}
    )
    """Adapters to run, by name, each with its own settings."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; there is no dot-env file."""
        del dotenv_settings, file_secret_settings
        file = TomlConfigSettingsSource(settings_cls, _file.path)
        return init_settings, env_settings, file


class _File:
    path: Path | None = None


_file = _File()


def load_settings(path: Path | None, overrides: dict[str, Any]) -> Settings:
    """Read the settings; raise `ConfigurationError` naming every wrong key, quoting no value."""
    if path is not None and not path.is_file():
        msg = f"there is no configuration file {path}"
        raise ConfigurationError(msg)
    _refuse_unknown_variables()
    _file.path = path
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
            for item in error.errors(include_url=False, include_input=False)
        )
        msg = f"configuration: {wrong}"
        raise ConfigurationError(msg) from None
    except SettingsError as error:  # a variable that should hold JSON; the text names the setting
        msg = f"configuration: {error}"
        raise ConfigurationError(msg) from None
    except (ValueError, OSError) as error:
        msg = f"the configuration file cannot be read: {type(error).__name__}{_place(error)}"
        raise ConfigurationError(msg) from None
    finally:
        _file.path = None


def _refuse_unknown_variables() -> None:
    # Pydantic looks only for names it knows, so a misspelt one would go unnoticed.
    for name in sorted(os.environ):
        setting = name.upper().removeprefix(_PREFIX).partition("__")[0].lower()
        ours = name.upper().startswith(_PREFIX) and not name.startswith(_NOT_SETTINGS)
        if ours and setting not in Settings.model_fields:
            msg = f"configuration: {name}: there is no setting {setting}"
            raise ConfigurationError(msg)


def _place(error: Exception) -> str:
    # Of tomllib's message only the place: the rest may quote the file.
    found = _TOML_PLACE.search(str(error))
    return f" {found[0]}" if found else ""


def masked_url(url: str) -> str:
    """Return the URL without its password, and without those in its query."""
    return _PASSWORD_PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***@", url))
