"""How a benchmark judges itself: a value, its limit, and whether it was met."""

from __future__ import annotations

from typing import Any

__all__ = ["at_least", "at_most", "judged"]

Threshold = dict[str, Any]


def at_least(name: str, value: float | None, limit: float) -> Threshold:
    """A threshold that is met by this value or more. No value does not meet it."""
    return _threshold(name, value, limit, "at_least", met=value is not None and value >= limit)


def at_most(name: str, value: float | None, limit: float) -> Threshold:
    """A threshold that is met by this value or less. No value does not meet it."""
    return _threshold(name, value, limit, "at_most", met=value is not None and value <= limit)


def judged(measured: dict[str, Any], *thresholds: Threshold) -> dict[str, Any]:
    """The result of one benchmark: what was measured, its thresholds, and `met` for all of them."""
    return {
        "met": all(threshold["met"] for threshold in thresholds),
        "thresholds": list(thresholds),
        **measured,
    }


def _threshold(name: str, value: float | None, limit: float, kind: str, *, met: bool) -> Threshold:
    shown = None if value is None else round(value, 3)
    return {"name": name, "value": shown, kind: limit, "met": met}
