"""Start and stop: refused with a clear word, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.flow.acquirer import Acquirer, network, repeat, request
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, ROUTES, house, settings_in, until
from tests.processes import free_port

from msggw.canonical import State
from msggw.config import Link
from msggw.errors import ConfigurationError, Unavailable
from msggw.ingress import HttpServer
from msggw.store import schema

NewProcess = Callable[..., subprocess.Popen[str]]
TIMEOUT_S = 30


@pytest.fixture
def ports() -> dict[str, int]:
    """Free ports of a gateway process."""
    return {name: free_port() for name in ("link", "http", "worker")}


@pytest.fixture
def start(tmp_path: Path, ports: dict[str, int]) -> Iterator[NewProcess]:
    """Start `msggw` with a configuration of the test's own; whatever still runs is killed."""
    (tmp_path / "routes.yaml").write_text(ROUTES)
    (tmp_path / "msggw.toml").write_text(
        f"""
        links = [{{ name = "acquirer", partner = "{PARTNER}", port = {ports["link"]} }}]
        [adapters.bogus]
        late_s = 1.0
        [http]
        port = {ports["http"]}
        open_partner = "{PARTNER}"
        [worker]
        port = {ports["worker"]}
        [policy]
        routes = "{tmp_path}/routes.yaml"
        [store]
        url = "sqlite:///{tmp_path}/msggw.db"
        [keys]
        file = "{tmp_path}/keys.json"
        """
    )
    with contextlib.ExitStack() as stack:

        def run(*arguments: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-m", "msggw", *arguments]
            config = ["--config", str(tmp_path / "msggw.toml")]
            process = subprocess.Popen(
                [*command, *config], cwd=tmp_path, stderr=subprocess.PIPE, text=True
            )
            stack.callback(process.communicate)
            stack.callback(process.kill)
            return process

        yield run


def refused(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code and what was said, of a process that must not start."""
    _, said = process.communicate(timeout=TIMEOUT_S)
    assert "Traceback" not in said
    return process.returncode, said


async def listening(port: int) -> None:
    """Wait until somebody listens."""

    def ask() -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        return False

    await until(ask)


async def test_sigterm_under_load(start: NewProcess, ports: dict[str, int], tmp_path: Path) -> None:
    """SIGTERM: what is in flight is answered, nothing new is taken, exit code 0."""
    process = start("run")
    await listening(ports["link"])
    async with Acquirer(ports["link"]) as line:
        await line.ask(network("301"))
        sent = [request(amount=2081) for _ in range(20)]
        line.send(*sent)
        await asyncio.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", ports["link"])
        codes = [str((await line.receive())["39"]) for _ in sent]
        assert ["00"] * 20 == codes
        assert await line.closed()
    _, said = await asyncio.to_thread(process.communicate, timeout=TIMEOUT_S)
    assert 0 == process.returncode, said
    assert "Traceback" not in said
    async with house(settings_in(tmp_path)) as again:
        async with Acquirer(again.ports["acquirer"]) as line:
            for message in sent:
                assert "00" == (await line.ask(repeat(message, "0101")))["39"]
        assert [] == again.provider.calls


async def test_requests_while_draining(new_house: NewHouse) -> None:
    """A request that comes during the drain is told 91 and not taken."""
    gateway = await new_house(adapters={"bogus": {"late_s": 0.5}})
    async with Acquirer(gateway.ports["acquirer"]) as line:
        slow, late = request(amount=2081), request()
        line.send(slow)
        await until(lambda: gateway.provider.count("submit"), 1)
        server = gateway.gateway.links[0]
        server.stop_listening()
        draining = asyncio.create_task(server.drain(5.0))
        await asyncio.sleep(0.05)
        line.send(late)
        answers = {str(m["11"]): m["39"] for m in [await line.receive(), await line.receive()]}
        assert {slow["11"]: "00", late["11"]: "91"} == answers
        assert 0 == await draining
        assert 1 == gateway.provider.count("submit")


async def test_what_the_drain_cut_off_is_settled(new_house: NewHouse, tmp_path: Path) -> None:
    """A stop that cannot wait cuts the line; the next start finds the truth for the acquirer."""
    slow = {"drain_timeout_s": 0.0, "adapters": {"bogus": {"late_s": 0.5}}}
    settings = settings_in(tmp_path, **slow)
    schema.upgrade(settings.store.url)
    sent = request(amount=2081)
    async with contextlib.AsyncExitStack() as lines:
        async with house(settings) as first:
            line = await lines.enter_async_context(Acquirer(first.ports["acquirer"]))
            line.send(sent)
            await until(lambda: first.provider.count("submit"), 1)
        assert await line.closed()
    again = await new_house(links=(Link(name="acquirer", partner=PARTNER, port=0, timeout_s=2.0),))
    async with Acquirer(again.ports["acquirer"]) as line:
        answer = await line.ask(repeat(sent, "0101"))
    original = await again.original(str(sent["11"]))
    assert original is not None
    told = {"00": State.APPROVED, "91": State.REVERSED}[str(answer["39"])]
    await again.reaches(original.transaction_id, told)


def test_missing_schema(start: NewProcess, postgres_database: str) -> None:
    """A shared database without the schema is not touched: exit 2 and the command to run."""
    code, said = refused(start("run", "--store", postgres_database))
    assert 2 == code
    assert "db upgrade" in said


def test_absent_broker(start: NewProcess) -> None:
    """A broker that was asked for and is absent is an error; nothing else is used instead."""
    url = f"amqp://guest:guest@127.0.0.1:{free_port()}/"
    code, said = refused(start("run", "--broker", url))
    assert 5 == code
    assert "broker" in said.lower()


def test_worker_needs_a_shared_broker(start: NewProcess) -> None:
    """A worker of its own cannot take work from another process's memory."""
    code, said = refused(start("worker"))
    assert 2 == code
    assert "amqp" in said


@pytest.mark.parametrize("name", ["link", "http"])
def test_port_taken(start: NewProcess, ports: dict[str, int], name: str) -> None:
    """A port somebody else listens on is named, and the process ends with 5."""
    with socket.create_server(("127.0.0.1", ports[name])):
        code, said = refused(start("run"))
    assert 5 == code
    assert str(ports[name]) in said or "address" in said.lower()


async def test_a_failed_start_closes_what_was_opened(tmp_path: Path) -> None:
    """If the last part cannot start, the first ones are stopped again: the next start works."""
    settings = settings_in(tmp_path)
    with pytest.raises(ConfigurationError):
        async with house(settings):
            pass  # pragma: no cover - no schema
    schema.upgrade(settings.store.url)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        wrong = settings_in(tmp_path, http={"port": port})
        with pytest.raises(OSError, match=r"."):
            async with house(wrong):
                pass  # pragma: no cover - the port is taken
    async with house(settings) as gateway, Acquirer(gateway.ports["acquirer"]) as line:
        assert "00" == (await line.ask(request()))["39"]


async def test_readiness_follows_the_broker(new_house: NewHouse) -> None:
    """A gateway whose broker is gone is not ready and says which part it is."""
    gateway = await new_house()

    async def gone() -> None:
        raise Unavailable("gone")

    gateway.core.health._checks["broker"] = gone  # noqa: SLF001 - the check alone
    assert (False, {"store": "ok", "broker": "gone"}) == await gateway.core.health.readiness()


async def test_http_server_that_never_started_stops() -> None:
    """Stopping twice, or before the start, is no error."""
    bind = settings_in_nowhere()
    server = HttpServer(None, bind, receive_timeout_s=1.0)  # type: ignore[arg-type]
    await server.stop(0.1)


def settings_in_nowhere() -> object:
    """An address nobody will listen on."""
    return Link(name="nowhere", port=0)
