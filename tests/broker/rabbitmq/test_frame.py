"""The body of AMQP messages."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.broker import Item
from msggw.broker.rabbitmq import frame
from msggw.errors import Refused, Rule

ITEMS = st.builds(
    Item,
    id=st.text(min_size=1, max_size=255),
    body=st.binary(max_size=300),
    attempt=st.integers(1, 65_535),
)


@given(st.lists(ITEMS, min_size=1, max_size=20))
def test_round_trip(items: list[Item]) -> None:
    """What was encoded is decoded again."""
    assert items == frame.decode(frame.encode(items))


@given(st.binary(max_size=200))
def test_garbage_is_only_ever_refused(body: bytes) -> None:
    """Any bytes are items or a refusal."""
    for candidate in (body, frame.VERSION + body):
        try:
            items = frame.decode(candidate)
        except Refused:
            continue
        assert all(isinstance(item, Item) for item in items)


@given(st.lists(ITEMS, min_size=1, max_size=5), st.data())
def test_cut_off_body_is_refused(items: list[Item], data: st.DataObject) -> None:
    """No part of a body is a body."""
    body = frame.encode(items)

    with pytest.raises(Refused):
        frame.decode(body[: data.draw(st.integers(0, len(body) - 1))])


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([], Rule.SYNTAX),
        ([["", b"", 1]], Rule.SYNTAX),
        ([["x" * 256, b"", 1]], Rule.SYNTAX),
        ([["a", b"", 0]], Rule.SYNTAX),
        ([["a", b"", 65_536]], Rule.SYNTAX),
        ([["a", b"", 1, 2]], Rule.SYNTAX),
        ([["a", "text", 1]], Rule.SYNTAX),
        ([["a", b"", 1]] * (frame.ITEMS_MAX + 1), Rule.SYNTAX),
    ],
)
def test_limits_hold_when_reading(rows: list[list[object]], rule: Rule) -> None:
    """A reader refuses what no writer may write."""
    with pytest.raises(Refused) as refused:
        frame.decode(frame.VERSION + msgspec.msgpack.encode(rows))

    assert [rule] == [fault.rule for fault in refused.value]


def test_other_versions_are_refused() -> None:
    """The first byte is the version."""
    with pytest.raises(Refused, match="unsupported"):
        frame.decode(b"\x02" + frame.encode([Item("a", b"")])[1:])


def test_huge_body_is_refused_unread() -> None:
    """A body over the limit is not even looked at."""
    with pytest.raises(Refused, match="limit"):
        frame.decode(bytes(frame.BODY_BYTES_MAX + 1))


def test_nothing_is_no_message() -> None:
    """No items make no message."""
    assert [] == list(frame.chunks([]))


def test_many_items_take_several_messages() -> None:
    """A message has a limited number of items; order and items are kept."""
    items = [Item(str(number), b"") for number in range(2 * frame.ITEMS_MAX + 1)]

    chunks = list(frame.chunks(items))

    assert [frame.ITEMS_MAX, frame.ITEMS_MAX, 1] == [len(chunk) for chunk in chunks]
    assert items == [item for chunk in chunks for item in chunk]


def test_large_items_take_several_messages() -> None:
    """Every message can be read again: it is no larger than a reader allows."""
    items = [Item(str(number), bytes(frame.ITEM_BYTES_MAX)) for number in range(3)]

    assert items == [item for chunk in frame.chunks(items) for item in frame.decode(_body(chunk))]


def _body(chunk: list[Item]) -> bytes:
    body = frame.encode(chunk)
    assert len(body) <= frame.BODY_BYTES_MAX
    return body


@pytest.mark.parametrize(
    "item", [Item("", b""), Item("x" * 256, b""), Item("a", bytes(frame.ITEM_BYTES_MAX + 1))]
)
def test_item_that_fits_no_message_is_refused(item: Item) -> None:
    """An item that no reader would accept is not sent."""
    with pytest.raises(Refused):
        list(frame.chunks([Item("a", b""), item]))
