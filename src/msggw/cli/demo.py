"""`msggw demo`: the whole house on one machine, one message of each standard, both sides shown."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msggw.cli.sandbox import BANK_ADMIN_PORT, BANK_PORT, VISA_ADMIN_PORT, VISA_PORT
from msggw.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demo"]

READY_TIMEOUT_S, STOP_TIMEOUT_S = 30.0, 15.0


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the parts of the demo listen. `base` moves all of them."""

    link: int = 8583
    http: int = 8080
    worker: int = 8081
    visa: int = VISA_PORT
    visa_admin: int = VISA_ADMIN_PORT
    bank: int = BANK_PORT
    bank_admin: int = BANK_ADMIN_PORT

    @classmethod
    def from_base(cls, base: int | None) -> Ports:
        """Return seven ports in a row, or the ones that everybody knows."""
        return cls() if base is None else cls(*range(base, base + 7))

    def environment(self) -> dict[str, str]:
        """Return the settings that put gateway, worker and adapters on these ports."""
        visa = {"host": "127.0.0.1", "port": self.visa}
        url = f"http://127.0.0.1:{self.bank}/"
        bank = {"url": url, "sender": "MSGGKZKA", "receiver": "BANKKZKA"}
        return {
            "MSGGW_HTTP__PORT": str(self.http),
            "MSGGW_WORKER__PORT": str(self.worker),
            "MSGGW_LINKS": json.dumps([{"name": "acquirer", "port": self.link}]),
            "MSGGW_ADAPTERS": json.dumps({"bogus": {}, "visa": visa, "bank": bank}),
        }


@dataclass
class House:
    """The processes of the demo."""

    folder: Path
    ports: Ports
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str, **environment: str) -> None:
        """Start a process of this program; its output goes to a log file."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "msggw", *arguments],
            stdout=log,
            stderr=log,
            env=os.environ | environment,
        )
        log.close()

    def stop(self) -> None:
        """Stop all, the gateway first."""
        for process in reversed(self.processes.values()):
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def check(self) -> None:
        """Raise `Unavailable` if a process has ended."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = self.folder / f"{name}.log"
                last = log.read_text("utf-8", "replace")[-600:]
                msg = f"{name} ended with {process.returncode}; the end of {log}:\n{last}"
                raise Unavailable(msg)


@click.command()
@click.option("--once", is_flag=True, help="End after the demo instead of serving on.")
@click.option("--broker", default="memory:", show_default=True, help="memory: or amqp://…")
@click.option("--store", metavar="URL", help="sqlite:///… or postgresql://…")
@click.option("--folder", type=Path, help="Where data and logs go (a temporary one with --once).")
@click.option(
    "--port-base",
    type=click.IntRange(1024, 65_529),
    help="Take seven ports from here on: link, http, worker, visa host and bank with their admin.",
)
def demo(
    *, once: bool, broker: str, store: str | None, folder: Path | None, port_base: int | None
) -> None:
    """Start sandbox, gateway and (with a shared broker) a worker; send messages, show answers."""
    ports = Ports.from_base(port_base)
    _ports_free(ports)
    with tempfile.TemporaryDirectory(prefix="msggw-demo-") as temporary, _sigterm_is_ctrl_c():
        house = House(folder or (Path(temporary) if once else Path("var")), ports)
        house.folder.mkdir(parents=True, exist_ok=True)
        try:
            from msggw.cli.demo_steps import steps

            began = time.monotonic()
            _start(house, broker, store)
            click.echo(f"ready after {time.monotonic() - began:.1f} s, logs in {house.folder}\n")
            # Each is shown, also after one that is wrong.
            good = [step.show() for step in steps(ports.link, f"http://127.0.0.1:{ports.http}")]
            if once:
                _end(good=all(good))
                return
            click.echo("The gateway keeps running; Ctrl-C ends it.")
            click.echo(
                f"  tcp://127.0.0.1:{ports.link}  http://127.0.0.1:{ports.http}/openapi.json"
            )
            _serve(house)
        finally:
            house.stop()


def _end(*, good: bool) -> None:
    click.echo("demo: every answer is as expected" if good else "demo: an answer is wrong")
    if not good:
        raise click.exceptions.Exit(1)


@contextlib.contextmanager
def _sigterm_is_ctrl_c() -> Iterator[None]:
    """Let a SIGTERM unwind the demo at any time, so that no process of the house is left over."""

    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _serve(house: House) -> None:
    try:
        while True:
            house.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("stopping")


def _ports_free(ports: Ports) -> None:
    for port in dataclasses.astuple(ports):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                msg = f"port {port} is taken: is another gateway running? Stop it and try again"
                raise ConfigurationError(msg) from None


def _start(house: House, broker: str, store: str | None) -> None:
    folder, ports = house.folder, house.ports
    shared = not broker.startswith("memory:")
    environment = {
        "MSGGW_BROKER__URL": broker,
        "MSGGW_STORE__URL": store or f"sqlite:///{folder}/msggw.db",
        "MSGGW_KEYS__FILE": str(folder / "keys.json"),
        "MSGGW_HTTP__OPEN_PARTNER": "demo",
        **ports.environment(),
    }
    house.start(
        "visa-host",
        "sandbox",
        "visa-host",
        "--port",
        str(ports.visa),
        "--admin-port",
        str(ports.visa_admin),
        "--ledger",
        str(folder / "visa-ledger.jsonl"),
    )
    house.start(
        "bank",
        "sandbox",
        "bank",
        "--port",
        str(ports.bank),
        "--admin-port",
        str(ports.bank_admin),
        "--ledger",
        str(folder / "bank-ledger.jsonl"),
    )
    _wait_tcp(house, ports.visa)
    _wait_tcp(house, ports.bank)
    if shared:
        command = [sys.executable, "-m", "msggw", "db", "upgrade"]
        subprocess.run(command, check=True, env=os.environ | environment, stdout=subprocess.DEVNULL)  # noqa: S603 - this very program
        house.start("gateway", "run", "--no-worker", **environment)
        _wait_ready(house, ports.http)
        house.start("worker", "worker", "--instance", "worker-1", **environment)
        _wait_ready(house, ports.worker)
    else:
        house.start("gateway", "run", **environment)
        _wait_ready(house, ports.http)


def _wait_tcp(house: House, port: int) -> None:
    for _ in _patience(house):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            continue
        return


def _wait_ready(house: House, port: int) -> None:
    for _ in _patience(house):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            continue


def _patience(house: House) -> Iterator[None]:
    end = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < end:
        house.check()
        yield
        time.sleep(0.05)
    msg = f"not ready after {READY_TIMEOUT_S:.0f} s; see the logs in {house.folder}"
    raise Unavailable(msg)
