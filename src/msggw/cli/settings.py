"""From options to settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from msggw.config import load_settings

if TYPE_CHECKING:
    from msggw.config import Settings

__all__ = ["settings_from"]

DEFAULT_FILE = Path("msggw.toml")


def settings_from(
    config_file: Path | None, broker: str | None, store: str | None, instance: str | None
) -> Settings:
    """Read the settings; `msggw.toml` of this folder is used if it is there."""
    if config_file is None and DEFAULT_FILE.is_file():
        config_file = DEFAULT_FILE
    overrides: dict[str, Any] = {}
    if broker is not None:
        overrides["broker"] = {"url": broker}
    if store is not None:
        overrides["store"] = {"url": store}
    if instance is not None:
        overrides["instance"] = instance
    return load_settings(config_file, overrides)
