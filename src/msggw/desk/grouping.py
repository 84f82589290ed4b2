"""Which messages may be accepted together, and which must wait until others are stored. Pure.

What must see another one stored never shares a group with it, nor a time with a group that holds
it: two messages with one key, and a message with the original that it is about. Everything else may
be looked up, decided and committed side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Group", "Keyed", "take"]


class Keyed(Protocol):
    """What grouping looks at."""

    @property
    def inbox_key(self) -> tuple[str, str]:
        """Who it is."""

    @property
    def own_keys(self) -> tuple[str, ...]:
        """Under which others may ask for it."""

    @property
    def asked_keys(self) -> tuple[str, ...]:
        """Under which it asks for others."""


_T = TypeVar("_T")


@dataclass(slots=True)
class Group(Generic[_T]):
    """Messages that are accepted together, and every key they touch."""

    members: list[_T] = field(default_factory=list)
    inbox: set[tuple[str, str]] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def clashes(self, item: Keyed) -> bool:
        """Return whether the item must see one of these stored, or the other way round."""
        return (
            item.inbox_key in self.inbox
            or not self.asked.isdisjoint(item.own_keys)
            or not self.own.isdisjoint(item.asked_keys)
        )

    def touch(self, item: Keyed) -> None:
        """Note the item's keys."""
        self.inbox.add(item.inbox_key)
        self.own.update(item.own_keys)
        self.asked.update(item.asked_keys)


def take(
    waiting: Iterable[tuple[Keyed, _T]], busy: Sequence[Group[_T]], size_max: int
) -> tuple[Group[_T], list[tuple[Keyed, _T]]]:
    """Take the next group from what waits, in order; return it and what goes on waiting.

    A message that waits keeps those behind it that clash with it waiting, too.
    """
    group: Group[_T] = Group()
    held: Group[_T] = Group()
    later: list[tuple[Keyed, _T]] = []
    for item, member in waiting:
        blocked = len(group.members) >= size_max or any(
            other.clashes(item) for other in (group, held, *busy)
        )
        if blocked:
            held.touch(item)
            later.append((item, member))
        else:
            group.touch(item)
            group.members.append(member)
    return group, later
