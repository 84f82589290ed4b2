"""Choosing the broker."""

from __future__ import annotations

import pytest
from tests.broker.conftest import Parked

from msggw.broker import MemoryBroker, RabbitBroker, open_broker
from msggw.errors import ConfigurationError


@pytest.mark.parametrize("url", [None, "memory:"])
def test_memory(url: str | None, parked: Parked) -> None:
    """Without a URL work stays in the process, and the broker says that it is not durable."""
    broker = open_broker(url, instance="one", on_park=parked)

    assert (MemoryBroker, False) == (type(broker), broker.durable)


@pytest.mark.parametrize("url", ["amqp://u:p@host/", "amqps://host:5671/vhost"])
def test_rabbitmq(url: str, parked: Parked) -> None:
    """AMQP URLs mean RabbitMQ, which is durable."""
    broker = open_broker(url, instance="one", on_park=parked, prefix="other")

    assert (RabbitBroker, True) == (type(broker), broker.durable)


@pytest.mark.parametrize("url", ["", "kafka://u:s3cret@host/", "memory", "amqp", "//host"])
def test_anything_else_is_a_mistake(url: str, parked: Parked) -> None:
    """An unknown URL is never silently another broker, and its password is not shown."""
    with pytest.raises(ConfigurationError) as refused:
        open_broker(url, instance="one", on_park=parked)

    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("instance", ["", "a b", "x" * 65])
def test_instance_is_one_word(instance: str, parked: Parked) -> None:
    """The instance's name is part of a queue's name."""
    with pytest.raises(ConfigurationError):
        open_broker("amqp://host/", instance=instance, on_park=parked)
