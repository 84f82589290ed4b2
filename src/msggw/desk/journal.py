"""Journal entries: one event word and JSON data, keys sorted so that the chain is reproducible."""

from __future__ import annotations

import orjson

from msggw.store import JournalEntry

__all__ = ["entry"]


def entry(event: str, at_us: int, **data: object) -> JournalEntry:
    """Return a journal entry. `data` must hold no secret: names of rules, ids, counts, reasons."""
    return JournalEntry(event, at_us, orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode())
