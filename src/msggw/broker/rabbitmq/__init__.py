"""RabbitMQ: quorum queues, confirms in windows, a retry ladder, and a queue for what is parked."""

from msggw.broker.rabbitmq.broker import RabbitBroker
from msggw.broker.rabbitmq.topology import Topology

__all__ = ["RabbitBroker", "Topology"]
