"""The worker: consumes work, calls adapters, settles outcomes."""

from msggw.worker.consumer import Consumer

__all__ = ["Consumer"]
