"""Finds adapters: the entry points of the group `msggw.adapters`, from any distribution."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

from msggw.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.adapter.port import Adapter, Context, Factory

__all__ = ["GROUP", "available", "load"]

GROUP = "msggw.adapters"


def available() -> tuple[str, ...]:
    """Return the names of all installed adapters, sorted."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load(
    name: str, settings: Mapping[str, Any], context: Context, *, kind: str | None = None
) -> Adapter:
    """Make the adapter `name`; nothing is opened before its `start`.

    `kind` is the entry point if it is not the name: two links to one scheme are two adapters of
    one kind. Raises `ConfigurationError` if there is no such adapter, if it cannot be imported,
    or if a setting is wrong.
    """
    adapter = _factory(kind or name)(settings, context)
    adapter.name = name
    return adapter


def _factory(kind: str) -> Factory:
    found = tuple(entry_points(group=GROUP, name=kind))
    if not found:
        known = ", ".join(available()) or "none"
        raise ConfigurationError(f"no adapter {kind!r} is installed; installed are: {known}")
    try:
        return cast("Factory", found[0].load())
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(f"adapter {kind!r} cannot be loaded: {error}") from error
