"""What a simulated system has really done, whatever it answered.

The ledger is the truth that a test compares the gateway's own books with. With a file, every
event is one JSON line written in one call before the answer leaves, so that nothing is missing
after `kill -9` of anybody.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Entry", "Ledger"]

ENTRIES_MAX = 1_000_000


@dataclass
class Entry:
    """One thing asked of the system. `state` is booked, declined, pending or reversed."""

    key: str
    state: str
    operation: str
    amount_minor: int
    currency: str
    reference: str
    answer: str = ""
    code: str = ""
    times_asked: int = 1
    facts: dict[str, str] = field(default_factory=dict)


class Ledger:
    """Entries by key, and found again by reference; the oldest go first beyond the limit."""

    def __init__(
        self, path: Path | None, now: Callable[[], float], *, entries_max: int = ENTRIES_MAX
    ) -> None:
        """Keep events in memory, and append them to the file if one is named."""
        self._file = None if path is None else path.open("ab", buffering=0)
        self._now = now
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._by_reference: dict[str, list[str]] = {}
        self._entries_max = entries_max
        self._counts: Counter[str] = Counter()

    def get(self, key: str) -> Entry | None:
        """Return the entry with this key."""
        return self._entries.get(key)

    def find(self, reference: str) -> list[Entry]:
        """Return the entries with this reference, oldest first."""
        return [self._entries[key] for key in self._by_reference.get(reference, ())]

    def add(self, entry: Entry) -> None:
        """Write a new entry."""
        self._entries[entry.key] = entry
        self._by_reference.setdefault(entry.reference, []).append(entry.key)
        if len(self._entries) > self._entries_max:
            key, oldest = self._entries.popitem(last=False)
            self._by_reference[oldest.reference].remove(key)
        self._write(entry.state, entry)

    def move(self, entry: Entry, state: str) -> None:
        """Write that an entry has another state now."""
        entry.state = state
        self._write(state, entry)

    def again(self, entry: Entry) -> None:
        """Write that the same thing was asked again; it is not done again."""
        entry.times_asked += 1
        self._write("asked_again", entry)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def as_dict(self) -> dict[str, Any]:
        """Return counts of events and all entries."""
        return {
            "events": dict(self._counts),
            "entries": [asdict(entry) for entry in self._entries.values()],
        }

    def _write(self, event: str, entry: Entry) -> None:
        self._counts[event] += 1
        if self._file is not None:
            line = {"at": self._now(), "event": event, **asdict(entry)}
            self._file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
