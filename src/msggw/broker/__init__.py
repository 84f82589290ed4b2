"""The broker: a port and its two implementations, in-process and RabbitMQ."""

from msggw.broker.memory import MemoryBroker
from msggw.broker.opening import open_broker
from msggw.broker.port import (
    Broker,
    Done,
    Handler,
    Item,
    OnPark,
    Park,
    ReplyHandler,
    Retry,
    Subscription,
    Verdict,
)
from msggw.broker.rabbitmq import RabbitBroker, Topology

__all__ = [
    "Broker",
    "Done",
    "Handler",
    "Item",
    "MemoryBroker",
    "OnPark",
    "Park",
    "RabbitBroker",
    "ReplyHandler",
    "Retry",
    "Subscription",
    "Topology",
    "Verdict",
    "open_broker",
]
