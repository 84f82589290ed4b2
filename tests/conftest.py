"""What every test may ask for: Hypothesis profiles, a PostgreSQL database, a RabbitMQ broker."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from tests import services

IN_CI = os.environ.get("CI") == "true"

# No test may depend on the speed of a machine, so there are no deadlines.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", _UNHURRIED, max_examples=50)
settings.register_profile("ci", _UNHURRIED, max_examples=100, derandomize=True, print_blob=True)
settings.register_profile("night", _UNHURRIED, max_examples=5000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))

_SERVICES = {
    "postgres": (services.POSTGRES, "postgres_url"),
    "rabbitmq": (services.RABBITMQ, "rabbitmq_url"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the services it asks for."""
    for item in items:
        for marker, (_, fixture) in _SERVICES.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start what is needed before the first test: no test's time limit is for starting servers."""
    if session.config.option.collectonly:
        return
    for marker, (service, _) in _SERVICES.items():
        if any(item.get_closest_marker(marker) for item in session.items):
            try:
                service.url()
            except services.Absent:
                continue


def pytest_unconfigure() -> None:
    """Stop the servers that were started here."""
    for service, _ in _SERVICES.values():
        service.stop()


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """A PostgreSQL server on which databases may be made. Skips without one; fails in CI."""
    return _url_of(services.POSTGRES)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """An empty database of the test's own."""
    with services.postgres_database_at(postgres_url, f"msggw_{secrets.token_hex(6)}") as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq_url() -> str:
    """A RabbitMQ broker. Skips without one; fails in CI."""
    return _url_of(services.RABBITMQ)


@pytest.fixture
def broker_prefix() -> str:
    """A short name no other test uses, to stand before every queue and exchange of the test."""
    return f"t{secrets.token_hex(4)}"


def _url_of(service: services.Service) -> str:
    try:
        return service.url()
    except services.Absent as absent:
        if IN_CI:
            pytest.fail(str(absent))
        pytest.skip(str(absent))
