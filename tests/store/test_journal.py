"""The hash chain, without a database."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.samples import CHAIN_KEY

from msggw.errors import ConfigurationError
from msggw.store import JournalEntry
from msggw.store.journal import START, Head, Verifier, check_key, forked, journal_row, link

words = st.text(max_size=6)
entries = st.lists(
    st.tuples(words, st.builds(JournalEntry, event=words, at_us=st.integers(0, 99), data=words)),
    min_size=1,
    max_size=8,
)


@given(entries, entries)
def test_linked_rows_hold(first: list, second: list) -> None:
    """Rows linked in two goes are one chain, and another chain starts anew."""
    rows, head = link("a", CHAIN_KEY, START, first)
    more, end = link("a", CHAIN_KEY, head, second)
    others, _ = link("b", CHAIN_KEY, START, first)
    verifier = Verifier(CHAIN_KEY)

    assert verifier.feed(rows)
    assert verifier.feed(more + others)
    assert (verifier.held, verifier.broken) == (len(rows + more + others), None)
    assert end == Head(len(first + second), more[-1][-1])


@given(entries, st.data())
def test_any_change_is_found(lines: list, data: st.DataObject) -> None:
    """Whichever column of whichever row is changed, that row or the one after it does not hold."""
    rows, _ = link("a", CHAIN_KEY, START, lines)
    at = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, 7))
    row = list(rows[at])
    old = row[column]
    row[column] = old + (1 if isinstance(old, int) else "x" if isinstance(old, str) else b"x")
    rows[at] = tuple(row)
    verifier = Verifier(CHAIN_KEY)

    assert not verifier.feed(rows)
    assert verifier.held in {at, at + 1}
    assert verifier.broken == journal_row(rows[verifier.held])


def test_words_cannot_change_places() -> None:
    """What leaves one column and enters the next makes another hash."""
    one, _ = link("a", CHAIN_KEY, START, [("t1", JournalEntry("1x", 5, ""))])
    two, _ = link("a", CHAIN_KEY, START, [("t11", JournalEntry("x", 5, ""))])

    assert one[0][-1] != two[0][-1]


def test_hash_is_an_hmac_of_previous_hash_and_content() -> None:
    """The hash can be computed by anybody who has the key, with the standard library alone."""
    rows, _ = link("gw", CHAIN_KEY, START, [("t1", JournalEntry("accepted", 17, "{}"))])
    content = bytes(32) + b"2:gw1:2:t18:accepted17:{}"

    assert rows[0][-1] == hmac.new(CHAIN_KEY, content, hashlib.sha256).digest()


def test_another_key_does_not_verify() -> None:
    """Without the key nobody can write a chain that holds."""
    rows, _ = link("a", bytes(32), START, [("t1", JournalEntry("accepted", 17, "{}"))])
    verifier = Verifier(CHAIN_KEY)

    assert not verifier.feed(rows)


def test_short_key_is_refused() -> None:
    """RFC 2104 section 3: a key shorter than the hash weakens it."""
    check_key(bytes(32))
    with pytest.raises(ConfigurationError, match="31 bytes"):
        check_key(bytes(31))


def test_forked_chain_is_named() -> None:
    """The error tells which name is used twice."""
    assert "'gateway-1'" in str(forked("gateway-1"))
