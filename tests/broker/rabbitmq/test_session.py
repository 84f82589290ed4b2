"""What is said when RabbitMQ cannot be used."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import aiormq
import pytest
from tests.broker.conftest import NewBroker, Parked

from msggw.broker import RabbitBroker, Topology
from msggw.broker.rabbitmq.session import Session, explained, place_of
from msggw.errors import ConfigurationError, Unavailable


def _with(url: str, **parts: str) -> str:
    return urlunsplit(urlsplit(url)._replace(**parts))


async def _refusal(url: str, parked: Parked, topology: Topology | None = None) -> str:
    broker = RabbitBroker(url, instance="one", on_park=parked, topology=topology)
    with pytest.raises(Unavailable) as refused:
        await broker.start()
    await broker.close()
    assert refused.value.__suppress_context__
    return str(refused.value)


async def test_absent_broker_is_named(parked: Parked) -> None:
    """Host, port and what to do; never user or password; never another broker instead."""
    text = await _refusal("amqp://somebody:s3cret@127.0.0.1:1/", parked)

    assert "RabbitMQ at 127.0.0.1:1 does not answer: start it, or correct the broker URL" == text


async def test_unknown_host_is_named(parked: Parked) -> None:
    """A name that does not resolve is no other error."""
    text = await _refusal("amqp://u:s3cret@no-such-host.invalid:5672/", parked)

    assert "RabbitMQ at no-such-host.invalid:5672 does not answer" in text


async def test_wrong_password(rabbitmq_url: str, parked: Parked) -> None:
    """The login is what is wrong; the password is not shown."""
    parts = urlsplit(rabbitmq_url)
    place = f"{parts.hostname}:{parts.port}"

    text = await _refusal(_with(rabbitmq_url, netloc=f"{parts.username}:s3cret@{place}"), parked)

    assert f"RabbitMQ at {place} refused the login" in text
    assert "s3cret" not in text


async def test_unknown_virtual_host(rabbitmq_url: str, parked: Parked) -> None:
    """The virtual host is what is wrong."""
    text = await _refusal(_with(rabbitmq_url, path="/no-such-vhost"), parked)

    assert "virtual host" in text


async def test_queue_with_other_arguments(
    new_rabbit_broker: NewBroker, rabbitmq_url: str, topology: Topology, parked: Parked
) -> None:
    """A queue of another configuration is named, with the argument that differs."""
    await new_rabbit_broker()

    text = await _refusal(rabbitmq_url, parked, replace(topology, length_max=7))

    assert "delete them or use another prefix" in text
    assert "x-max-length" in text
    assert topology.park in text


async def test_work_queue_with_other_arguments(
    new_rabbit_broker: NewBroker, topology: Topology
) -> None:
    """The same holds for the queue of an adapter, whether declared or consumed."""
    first = await new_rabbit_broker()
    await first.declare(["visa"])
    other = await new_rabbit_broker(topology=replace(topology, delivery_limit=3))

    with pytest.raises(Unavailable, match="x-delivery-limit"):
        await other.declare(["visa"])


async def test_heartbeat_of_the_url_wins(rabbitmq_url: str) -> None:
    """The user's own heartbeat is used; ours is the default."""
    found = []
    for url in (rabbitmq_url, f"{rabbitmq_url}?heartbeat=33"):
        session = Session(url, "test")
        await session.open()
        found.append(session.control.connection.connection_tune.heartbeat)
        await session.close()
        await session.close()

    assert [10, 33] == found


async def test_no_channel_without_connection(rabbitmq_url: str) -> None:
    """A session that was not opened, or is closed, has no channels."""
    with pytest.raises(Unavailable, match="not connected"):
        await Session(rabbitmq_url, "test").channel()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("amqp://u:p@mq.example:1234/x", "mq.example:1234"),
        ("amqp://mq.example", "mq.example:5672"),
        ("amqps://mq.example", "mq.example:5671"),
        ("amqp:///", "localhost:5672"),
        ("amqp://[::1]:5672/", "::1:5672"),
    ],
)
def test_place(url: str, place: str) -> None:
    """The place is host and port."""
    assert place == place_of(url)


def test_port_that_is_none() -> None:
    """A URL with a broken port is the configuration's fault."""
    with pytest.raises(ConfigurationError, match="port"):
        place_of("amqp://u:s3cret@host:port/")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (aiormq.ChannelAccessRefused("no"), "grant configure, write and read"),
        (aiormq.exceptions.ConnectionNotAllowed(530, "no"), "virtual host"),
        (TimeoutError(), "does not answer"),
        (RuntimeError("amqp://u:s3cret@host/"), r"cannot be used \(RuntimeError\)"),
        (Unavailable("as it is does not answer"), "as it is does not answer"),
    ],
)
def test_explained(error: Exception, advice: str) -> None:
    """Every error of the library becomes advice, without the error's own text."""
    with pytest.raises(Unavailable, match=advice) as refused:
        raise explained(error, "host:5672")

    assert "s3cret" not in str(refused.value)
