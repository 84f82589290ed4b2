"""Which response belongs to which request.

The key is the message type with its function folded (0100 and 0110 are one exchange) and the
values of a few fields. A host that drops or re-pads one of them is the commonest cause of a
"time-out although it answered", so a response that matches nothing is compared with everything
that waits, and the fields that differ are named.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from msggw.errors import Conflict
from msggw.iso8583.session.events import NearMiss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from msggw.iso8583.message import Message

__all__ = ["MatchKey", "Matcher", "Pending", "Table"]

MatchKey: TypeAlias = tuple[str, ...]

_FOLDED: Final = "0022446688"
_NEAREST_MAX: Final = 3
_COMPARED_MAX: Final = 200


class Matcher:
    """Computes keys and compares messages by the fields a link is set to."""

    def __init__(self, match_fields: Mapping[str, tuple[str, ...]]) -> None:
        """Fields by MTI class digit, or `default`; a trailing question mark makes one optional."""
        self._fields = {name: _split(fields) for name, fields in match_fields.items()}

    def fields(self, mti: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the required and the optional key fields of a message type."""
        return self._fields.get(mti[1:2]) or self._fields["default"]

    def key(self, message: Message) -> MatchKey:
        """Return the type, folded, and the values of the required key fields."""
        mti = message.mti
        required, _ = self.fields(mti)
        return (mti[:2] + _FOLDED[int(mti[2])], *map(_unpadded, message.texts(required)))

    def compatible(self, request: Message, response: Message) -> bool:
        """Return whether the optional key fields that both have are equal."""
        _, optional = self.fields(request.mti)
        return not any(self._differs(request, response, name) for name in optional)

    @staticmethod
    def _differs(request: Message, response: Message, name: str) -> bool:
        one, other = _text(request, name), _text(response, name)
        return bool(one and other and one != other)

    def differing(self, request: Message, response: Message) -> tuple[str, ...]:
        """Return the key fields in which a response differs from a request."""
        required, optional = self.fields(request.mti)
        found = [name for name in required if _text(request, name) != _text(response, name)]
        found += [name for name in optional if self._differs(request, response, name)]
        if request.mti[:2] + _FOLDED[int(request.mti[2])] != (
            response.mti[:2] + _FOLDED[int(response.mti[2])]
        ):
            found.insert(0, "MTI")
        return tuple(found)


def _split(fields: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    required = tuple(name for name in fields if not name.endswith("?"))
    return required, tuple(name[:-1] for name in fields if name.endswith("?"))


def _text(message: Message, name: str) -> str:
    return _unpadded(message.texts((name,))[0])


def _unpadded(text: str) -> str:
    """Return a key field without padding: hosts fill terminal ids and numbers differently."""
    text = text.rstrip(" ")
    return text.lstrip("0") if text.isdecimal() else text


@dataclass(slots=True, eq=False)
class Pending:
    """A request that waits for its response. `purpose` is set for our own network messages."""

    key: MatchKey
    request: Message
    sent_at: float
    deadline: float
    purpose: str = ""
    done: bool = False


class Table:
    """Requests in flight by key and by deadline, and the ones that timed out lately."""

    def __init__(self, matcher: Matcher, late_kept_max: int) -> None:
        """`late_kept_max` bounds what is remembered of timed-out requests."""
        self._matcher = matcher
        self._by_key: dict[MatchKey, list[Pending]] = {}
        self._late: OrderedDict[MatchKey, Pending] = OrderedDict()
        self._late_kept_max = late_kept_max
        self._deadlines: list[tuple[float, int, Pending]] = []
        self._count = 0
        self._serial = 0

    def __len__(self) -> int:
        """Return how many requests wait."""
        return self._count

    def __iter__(self) -> Iterator[Pending]:
        """Iterate over the waiting requests."""
        for several in self._by_key.values():
            yield from several

    def add(self, pending: Pending) -> None:
        """Keep a request; `Conflict` if another with its key waits."""
        several = self._by_key.setdefault(pending.key, [])
        if any(self._matcher.compatible(one.request, pending.request) for one in several):
            msg = "a request with the same key is in flight"
            raise Conflict(msg)
        several.append(pending)
        self._count += 1
        self._serial += 1
        heapq.heappush(self._deadlines, (pending.deadline, self._serial, pending))

    def take(self, response: Message) -> Pending | None:
        """Return and forget the request that a response answers."""
        several = self._by_key.get(self._matcher.key(response), ())
        for pending in several:
            if self._matcher.compatible(pending.request, response):
                self._forget(pending)
                return pending
        return None

    def take_late(self, response: Message) -> Pending | None:
        """Return and forget the timed-out request that a response answers."""
        pending = self._late.get(self._matcher.key(response))
        if pending is None or not self._matcher.compatible(pending.request, response):
            return None
        del self._late[pending.key]
        return pending

    def expired(self, now: float) -> list[Pending]:
        """Return and forget the requests whose deadline has passed, the earliest first."""
        out: list[Pending] = []
        while self._deadlines and (self._deadlines[0][2].done or self._deadlines[0][0] <= now):
            _, _, pending = heapq.heappop(self._deadlines)
            if not pending.done:
                self._forget(pending)
                self._remember(pending)
                out.append(pending)
        return out

    def next_deadline(self) -> float | None:
        """Return the earliest deadline."""
        while self._deadlines and self._deadlines[0][2].done:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def _forget(self, pending: Pending) -> None:
        pending.done = True
        several = self._by_key[pending.key]
        several.remove(pending)
        if not several:
            del self._by_key[pending.key]
        self._count -= 1

    def _remember(self, pending: Pending) -> None:
        self._late[pending.key] = pending
        if len(self._late) > self._late_kept_max:
            self._late.popitem(last=False)

    def nearest(self, response: Message) -> tuple[NearMiss, ...]:
        """Return the waiting requests that differ least, the nearest first."""
        misses = []
        for pending, _ in zip(self, range(_COMPARED_MAX), strict=False):
            differing = self._matcher.differing(pending.request, response)
            misses.append(NearMiss(request=pending.request, differing=differing))
        misses.sort(key=lambda miss: ("11" in miss.differing, len(miss.differing)))
        return tuple(misses[:_NEAREST_MAX])
