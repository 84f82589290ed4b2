"""Calls into the AMQP library."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["library_calls"]


@contextmanager
def library_calls() -> Iterator[None]:
    """Tell the library's cancellation from ours.

    When a connection ends, the library raises `CancelledError` in whatever waits for it. Nobody
    asked this task to end, so that becomes a `ConnectionResetError`. And when this task is asked to
    end while it connects, the library raises an error of its own: that becomes `CancelledError`.
    """
    try:
        yield
    except asyncio.CancelledError:
        if _asked_to_end():
            raise
        raise ConnectionResetError("the connection ended") from None
    except Exception:
        if _asked_to_end():
            raise asyncio.CancelledError from None
        raise


def _asked_to_end() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
