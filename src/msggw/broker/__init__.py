"""The broker: a port and its two implementations, in-process and RabbitMQ."""

from msggw.broker.port import Broker, Done, Handler, Item, Park, Retry, Subscription, Verdict

__all__ = ["Broker", "Done", "Handler", "Item", "Park", "Retry", "Subscription", "Verdict"]
