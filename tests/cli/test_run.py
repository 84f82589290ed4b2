"""`msggw run` and `msggw worker` as the processes they are."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx2
import pytest
from tests.cli.command import EXAMPLES, msggw, process, serving
from tests.cli.conftest import ON_FREE_PORTS, ROUTES, Running, Shared


def test_the_gateway_is_ready(gateway: Running) -> None:
    """A gateway on free ports says which, and answers that it is ready."""
    assert 200 == httpx2.get(f"{gateway.http}/readyz").status_code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_gateway_stops_when_asked(folder: Path, number: signal.Signals) -> None:
    """A signal ends it with 0, after it has said that it stopped; the key file is its own."""
    (folder / "routes.yaml").write_text(ROUTES)
    with serving(folder, "run", **ON_FREE_PORTS) as server:
        server.started()

        assert 0 == server.stop(number)
    assert "stopped" == server.lines()[-1]["event"]
    assert 0o600 == (folder / "var" / "keys.json").stat().st_mode & 0o777


@pytest.mark.usefixtures("folder")
def test_a_worker_needs_a_broker_that_is_shared() -> None:
    """With the in-process broker a worker of its own would never get work."""
    done = process("worker")

    assert 2 == done.code
    assert "--broker amqp://" in done.err


@pytest.mark.usefixtures("folder")
def test_a_broker_that_is_away_is_never_replaced() -> None:
    """The broker that was asked for is absent: the gateway ends with 5 and does not start."""
    broker = "amqp://guest:guest@127.0.0.1:1/"
    done = process("run", "--broker", broker)

    assert 5 == done.code
    assert "guest:guest" not in done.err


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_gateway_and_worker_share_broker_and_store(tmp_path: Path, shared: Shared) -> None:
    """A database without a schema is refused; after `db upgrade` two processes do the work."""
    (tmp_path / "routes.yaml").write_text(ROUTES)
    environment = {**ON_FREE_PORTS, **shared.environment, "MSGGW_HTTP__OPEN_PARTNER": "demo"}
    with serving(tmp_path, "run", "--no-worker", **environment) as server:
        assert 2 == server.command.wait(60)
        assert "msggw db upgrade" in server.log.read_text()
    assert 0 == msggw("db", "upgrade", "--store", shared.store).code
    with (
        serving(tmp_path, "run", "--no-worker", **environment) as server,
        serving(tmp_path, "worker", "--instance", "worker-1", **environment) as worker,
    ):
        http = f"http://127.0.0.1:{server.started()['port_http']}"
        ops = f"http://127.0.0.1:{worker.started()['port_ops']}"
        sent = msggw("send", EXAMPLES / "transaction.json", "--to", http, "--json")

        assert "approved" == sent.json()["body"]["state"]
        assert 200 == httpx2.get(f"{ops}/readyz").status_code
        assert (0, 0) == (worker.stop(), server.stop())
