"""`msggw demo`: the whole house on one machine, one message of each standard, both sides shown."""

from __future__ import annotations

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
from typing import TYPE_CHECKING, Any

import click

from msggw.cli.sandbox import BANK_ADMIN_PORT, BANK_PORT, VISA_ADMIN_PORT, VISA_PORT
from msggw.cli.send import message_bytes, over_http
from msggw.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["demo"]

READY_TIMEOUT_S = 30.0
LINK_PORT, HTTP_PORT, WORKER_PORT = 8583, 8080, 8081
CONTEXT = {"ensure_ascii": False, "indent": 2}


@dataclass
class House:
    """The processes of the demo."""

    folder: Path
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
                process.wait(15)
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
def demo(*, once: bool, broker: str, store: str | None, folder: Path | None) -> None:
    """Start sandbox, gateway and (with a shared broker) a worker; send messages; show both sides."""
    _ports_free()
    with tempfile.TemporaryDirectory(prefix="msggw-demo-") as temporary:
        house = House(folder or (Path(temporary) if once else Path("var")))
        house.folder.mkdir(parents=True, exist_ok=True)
        try:
            began = time.monotonic()
            _start(house, broker, store)
            click.echo(f"ready after {time.monotonic() - began:.1f} s, logs in {house.folder}\n")
            good = all([step.show() for step in _steps()])
            if once:
                _end(good=good)
                return
            click.echo("The gateway keeps running; Ctrl-C ends it.")
            click.echo(f"  tcp://127.0.0.1:{LINK_PORT}  http://127.0.0.1:{HTTP_PORT}/openapi.json")
            _serve(house)
        finally:
            house.stop()


def _end(*, good: bool) -> None:
    click.echo("demo: every answer is as expected" if good else "demo: an answer is wrong")
    if not good:
        raise click.exceptions.Exit(1)


def _serve(house: House) -> None:
    def stop(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while True:
            house.check()
            time.sleep(0.5)
    except KeyboardInterrupt:
        click.echo("stopping")


def _ports_free() -> None:
    for port in (LINK_PORT, HTTP_PORT, VISA_PORT, BANK_PORT):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                msg = f"port {port} is taken: is another gateway running? Stop it and try again"
                raise ConfigurationError(msg) from None


def _start(house: House, broker: str, store: str | None) -> None:
    folder = house.folder
    shared = not broker.startswith("memory:")
    environment = {
        "MSGGW_BROKER__URL": broker,
        "MSGGW_STORE__URL": store or f"sqlite:///{folder}/msggw.db",
        "MSGGW_KEYS__FILE": str(folder / "keys.json"),
        "MSGGW_HTTP__OPEN_PARTNER": "demo",
    }
    house.start(
        "visa-host",
        "sandbox",
        "visa-host",
        "--port",
        str(VISA_PORT),
        "--admin-port",
        str(VISA_ADMIN_PORT),
        "--ledger",
        str(folder / "visa-ledger.jsonl"),
    )
    house.start(
        "bank",
        "sandbox",
        "bank",
        "--port",
        str(BANK_PORT),
        "--admin-port",
        str(BANK_ADMIN_PORT),
        "--ledger",
        str(folder / "bank-ledger.jsonl"),
    )
    _wait_tcp(house, VISA_PORT)
    _wait_tcp(house, BANK_PORT)
    if shared:
        command = [sys.executable, "-m", "msggw", "db", "upgrade"]
        subprocess.run(command, check=True, env=os.environ | environment, stdout=subprocess.DEVNULL)  # noqa: S603 - this very program
        house.start("gateway", "run", "--no-worker", **environment)
        _wait_ready(house, HTTP_PORT)
        house.start("worker", "worker", "--instance", "worker-1", **environment)
        _wait_ready(house, WORKER_PORT)
    else:
        house.start("gateway", "run", **environment)
        _wait_ready(house, HTTP_PORT)


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


@dataclass
class Step:
    """One exchange: its title, what is sent, and what the answer must contain."""

    title: str
    sent: str
    answer: str
    expected: Sequence[str]

    def show(self) -> bool:
        """Print both sides; return whether the answer is as expected."""
        good = all(part in self.answer for part in self.expected)
        mark = click.style("as expected", fg="green") if good else click.style("WRONG", fg="red")
        click.secho(f"── {self.title}", bold=True)
        for arrow, text in (("→", self.sent), ("←", self.answer)):
            for number, line in enumerate(text.strip().splitlines()):
                click.echo(f" {arrow if number == 0 else ' '} {line}")
        click.echo(f"   {mark}\n")
        return good


def _steps() -> Iterator[Step]:
    yield _card("0100 → 0110: a card authorisation, approved", 105_000, ("0110", "DE  39  00"))
    yield _card("0100 → 0110: declined by the issuer (51)", 105_051, ("0110", "DE  39  51"))
    yield _transfer()
    yield _service()
    yield _refused_card()
    yield _refused_json()


def _fresh() -> dict[str, str]:
    now = time.time()
    stan = f"{int(now * 1000) % 1_000_000:06d}"
    return {
        "7": time.strftime("%m%d%H%M%S", time.gmtime(now)),
        "11": stan,
        "12": time.strftime("%H%M%S", time.localtime(now)),
        "13": time.strftime("%m%d", time.localtime(now)),
        "37": f"{time.strftime('%y%j', time.gmtime(now))[1:]}{int(now) % 100:02d}{stan}",
    }


def _authorisation(amount_minor: int) -> dict[str, Any]:
    fields = {
        "2": "4111111111111111",
        "3": "000000",
        "4": f"{amount_minor:012d}",
        "14": "2812",
        "18": "5411",
        "22": "051",
        "25": "00",
        "32": "398001",
        "41": "TERM0001",
        "42": "MERCHANT0000001",
        "43": "CORNER SHOP              ALMATY       KZ",
        "49": "398",
    }
    return {"mti": "0100", "fields": fields | _fresh()}


def _card(title: str, amount_minor: int, expected: Sequence[str]) -> Step:
    message = _authorisation(amount_minor)
    wire, answer = _exchange(json.dumps(message).encode())
    return Step(title, _described(wire), _described(answer), expected)


def _exchange(data: bytes) -> tuple[bytes, bytes]:
    from msggw.iso8583 import Codec

    wire = message_bytes(data, Codec.load("iso87-ascii"))
    return wire, _raw_exchange(wire)


def _raw_exchange(wire: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", LINK_PORT), timeout=30) as line:
        line.sendall(len(wire).to_bytes(2, "big") + wire)
        size = int.from_bytes(_exactly(line, 2), "big")
        return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = line.recv(size - len(data))
        if not chunk:
            msg = "the gateway closed the line without an answer"
            raise Unavailable(msg)
        data += chunk
    return data


def _described(wire: bytes) -> str:
    from msggw.iso8583 import Codec

    message = Codec.load("iso87-ascii").decode(wire)
    rows = [f"DE {de:>3}  {value}" for de, value in message.masked().items()]
    return "\n".join([message.mti, *rows])


def _transfer() -> Step:
    import uuid
    from datetime import UTC, datetime

    from msggw.canonical import Transaction
    from msggw.canonical.document import build
    from msggw.iso20022 import build_pacs008

    stamp = _fresh()
    document = _TRANSFER | {
        "references": {"end_to_end_id": f"DEMO-{stamp['37']}", "uetr": str(uuid.uuid4())}
    }
    xml = build_pacs008(
        build(Transaction, document),
        message_id=f"DEMO{stamp['37']}{stamp['11']}",
        now=datetime.now(UTC),
        sender="DEMOKZKA",
        receiver="MSGGKZKA",
    )
    shown = over_http(xml, f"http://127.0.0.1:{HTTP_PORT}", 30, None, None)
    return Step(
        "pacs.008 → pacs.002: a credit transfer, settled",
        xml.decode(),
        shown["text"],
        ("200", "FIToFIPmtStsRpt", "ACSC"),
    )


_TRANSFER: dict[str, Any] = {
    "kind": "credit_transfer",
    "amount": {"value": "2500.00", "currency": "KZT"},
    "debtor": {"name": "Aigerim Service LLP"},
    "debtor_account": {"iban": "KZ86125KZT5004100100"},
    "debtor_agent": {"bic": "DEMOKZKA"},
    "creditor": {"name": "Bolat Supplies LLP"},
    "creditor_account": {"iban": "KZ75125KZT1001300335"},
    "creditor_agent": {"bic": "BANKKZKA"},
    "settlement": {"method": "CLRG", "charge_bearer": "SLEV"},
}


def _service() -> Step:
    document = _TRANSFER | {"references": {"end_to_end_id": f"SVC-{_fresh()['37']}"}}
    data = json.dumps(document, indent=2).encode()
    shown = over_http(data, f"http://127.0.0.1:{HTTP_PORT}", 30, None, None)
    return Step(
        "canonical JSON: a service's transfer, executed",
        data.decode(),
        shown["text"],
        ("200", '"state": "approved"'),
    )


def _refused_card() -> Step:
    wire, _ = _exchange_wire(_authorisation(105_000))
    # DE 4 begins behind MTI, bitmap, DE 2 and DE 3; a letter has no place in n 12.
    place = 4 + 16 + 2 + 16 + 6
    broken = wire[:place] + b"X" + wire[place + 1 :]
    return Step(
        "a letter in DE 4: refused with format error (30)",
        "0100 with a letter in DE 4",
        _described(_raw_exchange(broken)),
        ("0110", "DE  39  30"),
    )


def _exchange_wire(message: dict[str, Any]) -> tuple[bytes, None]:
    from msggw.iso8583 import Codec

    return message_bytes(json.dumps(message).encode(), Codec.load("iso87-ascii")), None


def _refused_json() -> Step:
    data = b'{"kind": "authorisation", "amount": {"value": 10.5, "currency": "KZT"}}'
    shown = over_http(data, f"http://127.0.0.1:{HTTP_PORT}", 30, None, None)
    return Step(
        "an amount as a JSON number: refused as a problem",
        data.decode(),
        shown["text"],
        ("HTTP 400", "write amounts as text"),
    )
