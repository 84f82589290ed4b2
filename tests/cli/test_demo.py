"""`msggw demo`: the whole house, on the embedded default and on RabbitMQ with PostgreSQL."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path

import pytest
from tests.cli.command import EXAMPLES, msggw, serving
from tests.cli.conftest import Shared

from msggw.cli.demo import House, Ports
from msggw.cli.demo_steps import Step
from msggw.errors import Unavailable


@pytest.fixture
def base() -> int:
    """The first of seven free ports in a row."""
    for first in range(28_000, 32_000, 7):
        with ExitStack() as stack:
            try:
                for port in range(first, first + 7):
                    stack.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        return first
    raise AssertionError("no seven free ports in a row")


def test_the_usual_ports_are_the_documented_ones() -> None:
    """Without --port-base everything listens where the README says."""
    assert (8583, 8080, 8081, 8650, 8651, 8660, 8661) == astuple(Ports.from_base(None))
    assert (30_000, 30_006) == (Ports.from_base(30_000).link, Ports.from_base(30_000).bank_admin)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_demo_on_the_embedded_default(folder: Path, base: int) -> None:
    """One message of each standard, a decline and two refusals are answered as expected."""
    done = msggw("demo", "--once", "--port-base", str(base))

    assert 0 == done.code, done.out
    assert 6 == done.out.count("   as expected\n")
    assert "DE  39  00" in done.out
    assert "DE  39  51" in done.out
    assert "DE  39  30" in done.out
    assert "ACSC" in done.out
    assert '"state": "approved"' in done.out
    assert done.out.endswith("demo: every answer is as expected\n")
    assert "4111111111111111" not in done.out
    assert [] == list(folder.iterdir())


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_demo_on_shared_broker_and_store(folder: Path, base: int, shared: Shared) -> None:
    """Gateway and worker are two processes; the examples are answered as the README says."""
    broker, store = shared.environment["MSGGW_BROKER__URL"], shared.store
    options = ("--broker", broker, "--store", store, "--port-base", str(base))
    prefix = {"MSGGW_BROKER__PREFIX": shared.environment["MSGGW_BROKER__PREFIX"]}
    with serving(folder, "demo", *options, **prefix) as server:
        server.wait(lambda: "Ctrl-C ends it" in server.log.read_text())
        tcp, http = f"tcp://127.0.0.1:{base}", f"http://127.0.0.1:{base + 1}"
        card = msggw("send", EXAMPLES / "0100.json", "--to", tcp, "--json").json()
        declined = msggw("send", EXAMPLES / "0100-declined.json", "--to", tcp, "--json").json()
        transfer = msggw("send", EXAMPLES / "pacs.008.xml", "--to", http, "--json").json()
        service = msggw("send", EXAMPLES / "transaction.json", "--to", http, "--json").json()
        code = server.stop()

    assert 0 == code
    assert 6 == server.log.read_text().count("   as expected\n")
    assert {"visa-host", "bank", "gateway", "worker"} == {
        path.stem for path in (folder / "var").glob("*.log")
    }
    assert (("0110", "00"), ("0110", "51")) == (
        (card["mti"], card["fields"]["39"]),
        (declined["mti"], declined["fields"]["39"]),
    )
    assert "ACSC" in transfer["body"]
    assert "approved" == service["body"]["state"]


@pytest.fixture
def taken(base: int) -> Iterator[int]:
    """A port base whose last port somebody listens on."""
    with socket.create_server(("127.0.0.1", base + 6)):
        yield base


@pytest.mark.usefixtures("folder")
def test_a_port_that_is_taken_is_named(taken: int) -> None:
    """Before anything is started, the demo says which port is in the way."""
    done = msggw("demo", "--once", "--port-base", str(taken))

    assert 2 == done.code
    assert f"port {taken + 6} is taken" in done.err


@pytest.mark.usefixtures("folder")
@pytest.mark.timeout(120)
def test_a_part_that_ends_is_shown(base: int) -> None:
    """A gateway that cannot start ends the demo with 5 and the end of its log; nothing is left."""
    done = msggw("demo", "--once", "--port-base", str(base), "--store", "sqlite:////proc/no/x.db")

    assert 5 == done.code
    assert "gateway ended with" in done.err
    with socket.create_server(("127.0.0.1", base + 3)):
        pass


def test_a_wrong_answer_is_wrong(monkeypatch: pytest.MonkeyPatch, base: int, folder: Path) -> None:
    """An answer without what must be in it is marked, and the demo ends with 1."""
    step = Step("a title", "sent", "0110\nDE 39 05", ("0110", "DE 39 00"))
    monkeypatch.setattr("msggw.cli.demo._start", lambda *_: None)
    monkeypatch.setattr("msggw.cli.demo_steps.steps", lambda *_: [step])
    done = msggw("demo", "--once", "--port-base", str(base), "--folder", folder / "kept")

    assert 1 == done.code
    assert " ← 0110\n   DE 39 05\n   WRONG\n" in done.out
    assert done.out.endswith("demo: an answer is wrong\n")


def test_patience_ends(monkeypatch: pytest.MonkeyPatch, folder: Path, base: int) -> None:
    """What never gets ready is given up, with the place of its log."""
    monkeypatch.setattr("msggw.cli.demo.READY_TIMEOUT_S", 0.2)
    monkeypatch.setattr(House, "start", lambda *_, **__: None)
    done = msggw("demo", "--once", "--port-base", str(base), "--folder", folder)

    assert 5 == done.code
    assert f"see the logs in {folder}" in done.err


def test_a_process_that_stays_is_killed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Whoever does not stop when asked is killed, so that nothing is left over."""
    monkeypatch.setattr("msggw.cli.demo.STOP_TIMEOUT_S", 0.0)
    house = House(folder, Ports())
    house.start("visa-host", "sandbox", "visa-host", "--port", "0", "--admin-port", "0")
    house.stop()

    assert house.processes["visa-host"].returncode is not None
    with pytest.raises(Unavailable, match="visa-host ended with"):
        house.check()
