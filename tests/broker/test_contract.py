"""The contract, run on every broker."""

from __future__ import annotations

import pytest
from tests.broker.conftest import NewBroker
from tests.broker.contract import BrokerContract


class TestMemory(BrokerContract):
    @pytest.fixture
    def new_broker(self, new_memory_broker: NewBroker) -> NewBroker:
        """The in-process broker."""
        return new_memory_broker


class TestRabbitMQ(BrokerContract):
    @pytest.fixture
    def new_broker(self, new_rabbit_broker: NewBroker) -> NewBroker:
        """RabbitMQ."""
        return new_rabbit_broker
