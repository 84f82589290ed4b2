"""Chooses the broker by its URL. There is no fall-back from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msggw.broker.memory import MemoryBroker
from msggw.broker.rabbitmq import RabbitBroker, Topology
from msggw.errors import ConfigurationError

if TYPE_CHECKING:
    from msggw.broker.port import Broker, OnPark

__all__ = ["open_broker"]


def open_broker(url: str | None, *, instance: str, on_park: OnPark, prefix: str = "mg") -> Broker:
    """Return the broker for `memory:` (or None) or `amqp://…`, not yet started.

    `instance` names this process. Raises `ConfigurationError` for any other URL.
    """
    if url is None or url == "memory:":
        return MemoryBroker(on_park=on_park)
    scheme = urlsplit(url).scheme
    if scheme not in {"amqp", "amqps"}:
        raise ConfigurationError(
            f"a broker URL begins with memory:, amqp:// or amqps://, not with {scheme or 'that'!r}"
        )
    return RabbitBroker(url, instance=instance, on_park=on_park, topology=Topology(prefix))
