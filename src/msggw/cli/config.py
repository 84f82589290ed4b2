"""`msggw config show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from msggw.cli.output import emit, json_option, settings_options
from msggw.cli.settings import settings_from
from msggw.config import masked_url

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["config"]

_SECRET = ("password", "secret", "token", "key")


@click.group()
def config() -> None:
    """Show the settings in force."""


@config.command()
@settings_options
@json_option
def show(
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    as_json: bool,
) -> None:
    """Print every setting with what it is; passwords and secrets are masked."""
    settings = settings_from(config_file, broker, store, instance)
    data = _masked(settings.model_dump(mode="json"))
    emit(data, json.dumps(data, indent=2), as_json=as_json)


def _masked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, str):
        if any(word in name for word in _SECRET):
            return "***"
        return masked_url(value) if "://" in value else value
    return value
