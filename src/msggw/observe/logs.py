"""Structured logs: JSON lines (or readable ones on a terminal) on stderr, through the PAN guard."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

from msggw.observe.panguard import guard

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["logger", "setup_logs"]


def setup_logs(level: str = "info", *, pretty: bool = False) -> None:
    """Configure structlog and the standard library's loggers to one guarded stream."""
    exceptions, renderer = _readable() if pretty else _json()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        exceptions,
        guard,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def logger(**bound: object) -> Callable[..., None]:
    """Return `log(event, **values)`, with values bound to every line."""
    # Not bound before it is used: whatever is configured then, with its guard, counts.
    proxy = structlog.get_logger(**bound)

    def log(event: str, **values: object) -> None:
        proxy.info(event, **values)

    return log


def _json() -> tuple[Any, Any]:
    # show_locals stays off: locals of a traceback may hold anything.
    transformer = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    exceptions = structlog.processors.ExceptionRenderer(transformer)
    return exceptions, structlog.processors.JSONRenderer()


def _readable() -> tuple[Any, Any]:
    plain = structlog.dev.plain_traceback
    renderer = structlog.dev.ConsoleRenderer(colors=True, exception_formatter=plain)
    return structlog.processors.format_exc_info, renderer
