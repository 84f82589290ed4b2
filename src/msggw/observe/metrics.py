"""Metrics in Prometheus' form. Labels are bounded: kinds, states, reasons, links and adapters."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

__all__ = ["Metrics"]

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """All metrics of one process, in a registry of their own."""

    def __init__(self, version: str) -> None:
        """Create them."""
        self.registry = CollectorRegistry()
        self._info = Gauge(
            "msggw_build_info", "The running version", ["version"], registry=self.registry
        )
        self._info.labels(version).set(1)
        self.answers = Counter(
            "msggw_answers_total",
            "Answers given, by standard, kind and reason",
            ["standard", "kind", "reason"],
            registry=self.registry,
        )
        self.refused = Counter(
            "msggw_refused_total",
            "Messages refused before acceptance, by standard and rule",
            ["standard", "rule"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "msggw_answer_seconds",
            "From receipt to answer, by standard",
            ["standard"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.links = Gauge(
            "msggw_link_connections", "Open connections per link", ["link"], registry=self.registry
        )
        self.waiting = Gauge(
            "msggw_waiting", "Transactions that senders wait for", registry=self.registry
        )

    def render(self) -> bytes:
        """Return the exposition text."""
        return generate_latest(self.registry)
