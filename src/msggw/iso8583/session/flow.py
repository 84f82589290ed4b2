"""Limits of a link over time, and the delay before the next attempt to connect."""

from __future__ import annotations

__all__ = ["Bucket", "backoff_s"]


class Bucket:
    """A token bucket: `per_s` a second on average, as many at once."""

    def __init__(self, per_s: int) -> None:
        """Start full."""
        self._per_s = per_s
        self._tokens = float(per_s)
        self._at: float | None = None

    def take(self, now: float) -> bool:
        """Take one; False if there is none."""
        if self._at is not None:
            gained = max(0.0, now - self._at) * self._per_s
            self._tokens = min(float(self._per_s), self._tokens + gained)
        self._at = now
        if self._tokens < 1.0:
            return False
        self._tokens -= 1.0
        return True


def backoff_s(attempt: int, *, base_s: float = 1.0, cap_s: float = 60.0, chance: float) -> float:
    """Return the delay before reconnecting after `attempt` failures (0 and up).

    It doubles each time up to `cap_s`; `chance`, in [0, 1), spreads links that fell together over
    the second half of the delay.
    """
    whole = min(cap_s, base_s * 2.0 ** min(attempt, 32))
    return whole * (0.5 + chance / 2)
