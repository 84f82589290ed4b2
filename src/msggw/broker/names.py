"""Routing keys and the names that may stand in them."""

from __future__ import annotations

import re

from msggw.errors import ConfigurationError, Unroutable

__all__ = ["adapter_of", "checked"]

# No dot: it separates the words of a routing key. No '*' or '#': they are wildcards in a binding.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def checked(what: str, name: str) -> str:
    """Return the name if it can be one word of a routing key; raise `ConfigurationError`."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{what} must be 1 to 64 letters, digits, '-' or '_'")
    return name


def adapter_of(route: str) -> str:
    """Return the adapter in `pay.<adapter>.<kind>`; raise `Unroutable` for any other shape."""
    words = route.split(".")
    if len(words) != 3 or words[0] != "pay" or not all(map(_NAME.fullmatch, words)):
        raise Unroutable("a routing key has the form pay.<adapter>.<kind>")
    return words[1]
