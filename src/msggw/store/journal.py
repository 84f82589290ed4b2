"""The journal's hash chain: each line's hash covers the line before it.

`hash = HMAC-SHA256(chain key, previous hash ‖ content)` (RFC 2104). Who has no key can neither
edit, remove nor reorder lines unnoticed. Lines cut off at the very end leave no trace in the
chain itself. Each process writes a chain of its own, so no two processes wait for each other.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msggw.errors import ConfigurationError
from msggw.store.port import JournalRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msggw.store.port import JournalEntry

__all__ = ["START", "Head", "Verifier", "forked", "journal_row", "link"]

CHAIN_KEY_BYTES_MIN = 32


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a chain: its number, from 1, and its hash."""

    seq: int
    hash: bytes


START = Head(0, bytes(32))


def check_key(key: bytes) -> None:
    """Refuse a chain key that is shorter than the hash (RFC 2104 section 3)."""
    if len(key) < CHAIN_KEY_BYTES_MIN:
        msg = f"the journal's chain key has {len(key)} bytes; give it {CHAIN_KEY_BYTES_MIN} or more"
        raise ConfigurationError(msg)


def link(
    chain: str, key: bytes, head: Head, entries: Iterable[tuple[str, JournalEntry]]
) -> tuple[list[tuple[Any, ...]], Head]:
    """Return the rows of these (transaction id, entry) pairs linked to `head`, and the new head."""
    rows: list[tuple[Any, ...]] = []
    seq, previous = head.seq, head.hash
    for transaction_id, entry in entries:
        seq += 1
        line = (chain, seq, transaction_id, entry.event, entry.at_us, entry.data)
        digest = hmac.digest(key, previous + _content(line), "sha256")
        rows.append((*line, previous, digest))
        previous = digest
    return rows, Head(seq, previous)


def _content(line: tuple[str, int, str, str, int, str]) -> bytes:
    """Return the line as bytes; lengths stand before the words, so no two lines look the same."""
    chain, seq, transaction_id, event, at_us, data = line
    return (
        f"{len(chain)}:{chain}{seq}:{len(transaction_id)}:{transaction_id}"
        f"{len(event)}:{event}{at_us}:{data}"
    ).encode()


class Verifier:
    """Walks rows in the order of (chain, seq); `broken` is the first that does not hold."""

    def __init__(self, key: bytes) -> None:
        self.held = 0
        self.broken: JournalRow | None = None
        self._key = key
        self._chain: str | None = None
        self._head = START

    def feed(self, rows: Iterable[tuple[Any, ...]]) -> bool:
        """Check some more rows; False once one is broken."""
        for row in rows:
            chain, seq, transaction_id, event, at_us, data, previous, digest = row
            line = (chain, seq, transaction_id, event, at_us, data)
            if chain != self._chain:
                self._chain, self._head = chain, START
            expected = hmac.digest(self._key, self._head.hash + _content(line), "sha256")
            if (
                seq != self._head.seq + 1
                or previous != self._head.hash
                or not hmac.compare_digest(digest, expected)
            ):
                self.broken = journal_row(row)
                return False
            self._head = Head(seq, digest)
            self.held += 1
        return True


def journal_row(row: tuple[Any, ...]) -> JournalRow:
    """Return a row of the table as the port shows it, hashes in hex."""
    chain, seq, transaction_id, event, at_us, data, previous, digest = row
    return JournalRow(chain, seq, transaction_id, event, at_us, data, previous.hex(), digest.hex())


def forked(chain: str) -> ConfigurationError:
    """Return the error for a chain that somebody else writes too."""
    return ConfigurationError(
        f"another process writes the journal chain {chain!r}; give each process a name of its own"
    )
