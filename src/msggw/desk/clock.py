"""The clocks and ids that the shells hand to the core."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uuid_utils

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock", "system_clock"]


def _new_id() -> str:
    return f"txn_{uuid_utils.uuid7().hex}"


@dataclass(frozen=True, slots=True)
class Clock:
    """Wall time (microseconds), monotonic time (seconds), and ids (UUID version 7)."""

    now_us: Callable[[], int]
    monotonic: Callable[[], float]
    new_id: Callable[[], str]

    def now(self) -> datetime:
        """Return the wall time as an aware datetime."""
        return moment(self.now_us())


def moment(us: int) -> datetime:
    """Return microseconds since the epoch as an aware datetime."""
    return datetime.fromtimestamp(us / 1_000_000, UTC)


def system_clock() -> Clock:
    """Return the real clocks."""
    return Clock(lambda: time.time_ns() // 1000, time.monotonic, _new_id)
