"""Names and arguments of exchanges and queues."""

from __future__ import annotations

import pytest

from msggw.broker import Topology
from msggw.errors import ConfigurationError


def test_ladder_leads_home() -> None:
    """A rung is a quorum queue that dead-letters to work at least once, under the old key."""
    topology = Topology()
    rungs = [queue for queue in topology.common() if queue.name != "mg.park"]

    assert [f"mg.delay.{ms}" for ms in (1000, 5000, 15000, 60000, 300000, 900000, 3600000)] == [
        queue.name for queue in rungs
    ]
    assert {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-max-length": 100_000,
        "x-dead-letter-exchange": "mg.work",
        "x-dead-letter-strategy": "at-least-once",
        "x-message-ttl": 5000,
    } == rungs[1].arguments
    assert ("mg.delay.5000", "fanout", "") == (
        rungs[1].exchange,
        rungs[1].exchange_type,
        rungs[1].binding,
    )


def test_work_queue() -> None:
    """An adapter's queue takes all its kinds of work, and parks what the broker gives up."""
    queue = Topology("mg").work_queue("visa")

    assert ("mg.work.visa", "mg.work", "topic", "pay.visa.*") == (
        queue.name,
        queue.exchange,
        queue.exchange_type,
        queue.binding,
    )
    assert ("mg.park", 10) == (
        queue.arguments["x-dead-letter-exchange"],
        queue.arguments["x-delivery-limit"],
    )


def test_prefix_stands_before_every_name() -> None:
    """Two installations can share a broker."""
    topology = Topology("other")
    names = [queue.name for queue in topology.common()]
    names += [topology.work, topology.work_queue("visa").name, topology.reply("one")]

    assert all(name.startswith("other.") for name in names)


def test_reply_queue_goes_away_by_itself() -> None:
    """Nobody has to delete the queue of a process that is gone."""
    queue = Topology().reply_queue("one")

    assert ("mg.reply.one", "", 60_000) == (
        queue.name,
        queue.exchange,
        queue.arguments["x-expires"],
    )


@pytest.mark.parametrize("prefix", ["", "a.b", "x" * 65])
def test_prefix_is_one_word(prefix: str) -> None:
    """A prefix with dots would make names that belong to others."""
    with pytest.raises(ConfigurationError):
        Topology(prefix)
