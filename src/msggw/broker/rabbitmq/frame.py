"""The body of our AMQP messages: one version byte, then the items in MessagePack.

A body of version 1 is `01` followed by an array of `[id, body, attempt]`. A reader refuses every
other version, so that processes of two releases can share a queue only if both know the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from msggw.broker.port import Item
from msggw.errors import Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["BODY_BYTES_MAX", "ITEMS_MAX", "ITEM_BYTES_MAX", "chunks", "decode", "encode"]

VERSION = b"\x01"

ITEMS_MAX = 1_000
"""Items in one message."""

ITEM_BYTES_MAX = 4 * 1024 * 1024
"""The body of one item."""

BODY_BYTES_MAX = 8 * 1024 * 1024
"""One message. RabbitMQ 4 takes 16 MiB by default."""

# What MessagePack adds to an item: array, two lengths and a number of at most five bytes each.
_ITEM_OVERHEAD_BYTES = 16
_ID_LENGTH_MAX = 255

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=_ID_LENGTH_MAX)]
_Body = Annotated[bytes, msgspec.Meta(max_length=ITEM_BYTES_MAX)]
_Attempt = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
_Items = Annotated[
    list[tuple[_Id, _Body, _Attempt]], msgspec.Meta(min_length=1, max_length=ITEMS_MAX)
]

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Items)


def encode(items: Sequence[Item]) -> bytes:
    """Return the body for these items, which `chunks` has found to fit."""
    return VERSION + _ENCODER.encode([(item.id, item.body, item.attempt) for item in items])


def decode(body: bytes) -> list[Item]:
    """Return the items of a body; raise `Refused` for anything that `encode` does not write."""
    if len(body) > BODY_BYTES_MAX:
        raise _refused(Rule.LIMIT, f"{len(body)} bytes, at most {BODY_BYTES_MAX} allowed")
    if body[:1] != VERSION:
        raise _refused(Rule.UNSUPPORTED, "not a body of version 1")
    try:
        rows = _DECODER.decode(memoryview(body)[1:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _refused(Rule.SYNTAX, "not an array of [id, body, attempt]") from None
    return [Item(*row) for row in rows]


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Cut the items into as few messages as the limits allow: nearly always one.

    Raises `Refused` for an item that no message can carry.
    """
    sizes = [_size(item) for item in items]
    start, filled = 0, 1
    for place, size in enumerate(sizes):
        if filled + size > BODY_BYTES_MAX or place - start == ITEMS_MAX:
            yield items[start:place]
            start, filled = place, 1
        filled += size
    if start < len(items):
        yield items[start:]


def _size(item: Item) -> int:
    if not 1 <= len(item.id) <= _ID_LENGTH_MAX:
        raise _refused(Rule.LENGTH, f"an id of {len(item.id)} characters, 1 to 255 allowed")
    if len(item.body) > ITEM_BYTES_MAX:
        raise _refused(Rule.LIMIT, f"an item of {len(item.body)} bytes, at most {ITEM_BYTES_MAX}")
    return len(item.body) + 4 * len(item.id) + _ITEM_OVERHEAD_BYTES


def _refused(rule: Rule, detail: str) -> Refused:
    return Refused.of("broker", "message", rule, detail)
