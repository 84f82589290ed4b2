"""`msggw.desk.grouping`: what must see another one stored never runs beside it."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from msggw.desk.grouping import Group, take

KEYS = st.lists(st.sampled_from("abcd"), max_size=2).map(tuple)


class Message(NamedTuple):
    """As much of a message as grouping looks at."""

    inbox_key: tuple[str, str]
    own_keys: tuple[str, ...] = ()
    asked_keys: tuple[str, ...] = ()


MESSAGES = st.lists(
    st.builds(Message, st.sampled_from("uvwxyz").map(lambda key: ("link", key)), KEYS, KEYS),
    max_size=12,
)


def clash(one: Message, other: Message) -> bool:
    """The law in its plainest form."""
    return (
        one.inbox_key == other.inbox_key
        or not set(one.own_keys).isdisjoint(other.asked_keys)
        or not set(one.asked_keys).isdisjoint(other.own_keys)
    )


def paired(messages: list[Message]) -> list[tuple[Message, Message]]:
    """What waits: each message with what is handed on for it, here itself."""
    return [(message, message) for message in messages]


@given(messages=MESSAGES, size_max=st.integers(1, 5))
def test_nothing_is_lost(messages: list[Message], size_max: int) -> None:
    """Every message is either taken or goes on waiting, and both keep their order."""
    group, later = take(paired(messages), [], size_max)

    rest = [message for message, _ in later]
    assert sorted(messages) == sorted(group.members + rest)
    assert len(group.members) <= size_max
    assert bool(group.members) is bool(messages)


@given(messages=MESSAGES)
def test_members_do_not_clash(messages: list[Message]) -> None:
    """No two messages of a group clash."""
    group, _ = take(paired(messages), [], 100)

    members = group.members
    assert not any(
        clash(one, other) for at, one in enumerate(members) for other in members[at + 1 :]
    )


@given(messages=MESSAGES)
def test_nobody_overtakes_whom_it_clashes_with(messages: list[Message]) -> None:
    """A message is taken only if nothing that came before it and clashes with it still waits."""
    indexed = [(message, at) for at, message in enumerate(messages)]
    group, later = take(indexed, [], 3)

    waiting = [at for _, at in later]
    assert not any(
        before < at and clash(messages[before], messages[at])
        for at in group.members
        for before in waiting
    )


@given(first=MESSAGES, second=MESSAGES)
def test_groups_side_by_side_do_not_clash(first: list[Message], second: list[Message]) -> None:
    """What is taken beside a busy group clashes with none of its members."""
    busy, _ = take(paired(first), [], 100)
    beside, _ = take(paired(second), [busy], 100)

    assert not any(clash(one, other) for one in busy.members for other in beside.members)


def test_an_empty_group_clashes_with_nothing() -> None:
    """A fresh group is in nobody's way."""
    assert not Group().clashes(Message(("link", "u"), ("a",), ("b",)))
