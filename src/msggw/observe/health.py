"""Health: is the process alive, and is it ready for traffic?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msggw.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Health"]

CHECK_TIMEOUT_S = 2.0


class Health:
    """Runs the named checks; a draining process is never ready."""

    def __init__(self, checks: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
        """Take checks that raise if their part does not serve."""
        self._checks = dict(checks)
        self.draining = False
        self.started = False

    async def readiness(self) -> tuple[bool, dict[str, str]]:
        """Return whether traffic may come, and each part's state in a word or a cause."""
        results = await asyncio.gather(*(self._check(check) for check in self._checks.values()))
        parts = dict(zip(self._checks, results, strict=True))
        if self.draining or not self.started:
            parts["process"] = "draining" if self.draining else "starting"
        return all(state == "ok" for state in parts.values()), parts

    async def _check(self, check: Callable[[], Awaitable[None]]) -> str:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_S):
                await check()
        except (GatewayError, OSError, TimeoutError) as error:
            return str(error) or type(error).__name__
        return "ok"
