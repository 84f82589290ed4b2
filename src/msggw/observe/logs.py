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
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # show_locals stays off: locals of a traceback may hold anything.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
        guard,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True) if pretty else structlog.processors.JSONRenderer()
    )
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
    bound_logger = structlog.get_logger().bind(**bound)

    def log(event: str, **values: object) -> None:
        bound_logger.info(event, **values)

    return log
