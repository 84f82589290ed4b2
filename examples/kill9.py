"""Kill the gateway and the worker in the middle of a stream, and count the money afterwards.

    python examples/kill9.py
    python examples/kill9.py --broker amqp://guest:guest@127.0.0.1:5672/ --store postgresql://…/empty

Starts `msggw sandbox visa-host`, the gateway and (with a shared broker) a worker as processes of
their own, streams authorisations over several lines, kills a process with SIGKILL at random moments
and starts it again. Requests without an answer are repeated as 0101, as an acquirer does. When all
is quiet, the sandbox's own ledger is compared with the gateway's store and with the answers: every
request must be answered, and paid exactly once if the answer was an approval, and not at all (or
reversed) if it was not. Ends with 0 if that holds, else with 1.

The database must be empty. What is declared on the broker has a name of its own and is deleted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msggw.iso8583 import Codec, Message
from msggw.keys import FileKeys, Purpose
from msggw.store import LookUp, Stored, schema
from msggw.store.opening import open_store

LINK_TIMEOUT_S = 4.0
READY_TIMEOUT_S = 30.0
QUIET_TIMEOUT_S = 60.0
REPEAT_AFTER_S = LINK_TIMEOUT_S + 1.0
TRANSMISSION = "1121103000"
AMOUNTS = (*(1000, 2500, 99900) * 20, *(1051, 1088) * 2, 1087)
"""What the sandbox makes of them: mostly approvals; a decline, an answer twice, a cut line."""
AT_REST = frozenset({"approved", "declined", "expired", "reversed"})
NAME, PARTNER = "acquirer", "demo-acquirer"


@dataclass
class Request:
    """One authorisation, and what the acquirer was told."""

    stan: str
    rrn: str
    amount: int
    codes: list[str] = field(default_factory=list)
    sent: int = 0


@dataclass
class House:
    """The processes, their ports and their files."""

    folder: Path
    broker: str
    store: str
    prefix: str
    ports: dict[str, int]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def shared(self) -> bool:
        """Whether the worker is a process of its own."""
        return not self.broker.startswith("memory:")

    def commands(self) -> dict[str, list[str]]:
        """What is run under which name."""
        visa = ["--port", str(self.ports["visa"]), "--admin-port", str(self.ports["visa_admin"])]
        ledger = ["--ledger", str(self.folder / "ledger.jsonl")]
        config = ["--config", str(self.folder / "msggw.toml")]
        found = {"visa-host": ["sandbox", "visa-host", *visa, *ledger]}
        found["gateway"] = ["run", *config, *(["--no-worker"] if self.shared else [])]
        if self.shared:
            found["worker"] = ["worker", *config]
        return found

    def configure(self) -> None:
        """Write the configuration, and bring the database to the current schema."""
        lines = [
            'instance = "kill9"',
            f'[[links]]\nname = "{NAME}"\npartner = "{PARTNER}"\nport = {self.ports["link"]}',
            f"timeout_s = {LINK_TIMEOUT_S}",
            f'[adapters.visa]\nhost = "127.0.0.1"\nport = {self.ports["visa"]}',
            "reconnect_s = 0.1\nreconnect_max_s = 0.5",
            f"[http]\nport = {self.ports['http']}",
            f"[worker]\nport = {self.ports['worker']}",
            f'[store]\nurl = "{self.store}"',
            f'[broker]\nurl = "{self.broker}"\nprefix = "{self.prefix}"',
            f'[keys]\nfile = "{self.folder}/keys.json"',
        ]
        (self.folder / "msggw.toml").write_text("\n".join(lines))
        schema.upgrade(self.store)

    def start(self, name: str) -> None:
        """Start a process; its output goes to a file of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "msggw", *self.commands()[name]],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONFAULTHANDLER": "1"},
            )

    async def ready(self, name: str) -> None:
        """Wait until a process serves."""
        port = {"visa-host": "visa", "gateway": "http", "worker": "worker"}[name]
        async with asyncio.timeout(READY_TIMEOUT_S):
            while not await asyncio.to_thread(_serves, self.ports[port], ready=name != "visa-host"):
                if self.processes[name].poll() is not None:
                    sys.exit(f"{name} ended: see {self.folder}/{name}.log")
                await asyncio.sleep(0.05)

    def kill(self, name: str) -> None:
        """Kill a process without a warning."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def stop(self) -> None:
        """Stop all, the gateway first."""
        for name in ("gateway", "worker", "visa-host"):
            process = self.processes.get(name)
            if process is not None and process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(15)
                process.kill()
                process.wait()


def _serves(port: int, *, ready: bool) -> bool:
    try:
        if not ready:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Line:
    """One line of the acquirer: connects again and again, repeats until it has an answer."""

    def __init__(self, port: int, codec: Codec) -> None:
        self._port = port
        self._codec = codec
        self._waiting: dict[str, asyncio.Future[str]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def ask(self, request: Request) -> None:
        """Send 0100, then 0101 until there is an answer."""
        while not request.codes:
            writer = await self._connected()
            future = asyncio.get_running_loop().create_future()
            self._waiting[request.stan] = future
            payload = self._codec.encode(_message(request))
            request.sent += 1
            try:
                writer.write(len(payload).to_bytes(2, "big") + payload)
                async with asyncio.timeout(REPEAT_AFTER_S):
                    request.codes.append(await future)
            except (TimeoutError, ConnectionError):
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Hang up."""
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()

    async def _connected(self) -> asyncio.StreamWriter:
        while self._writer is None:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except ConnectionError:
                await asyncio.sleep(0.1)
            else:
                if self._writer is None:
                    self._writer = writer
                    self._reading = asyncio.create_task(self._read(reader))
                else:
                    writer.close()
        return self._writer

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                answer = self._codec.decode(await reader.readexactly(size))
                future = self._waiting.pop(str(answer["11"]), None)
                if future is not None and not future.done():
                    future.set_result(str(answer["39"]))
        except (asyncio.IncompleteReadError, ConnectionError):
            self._writer = None
            for future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionResetError())
            self._waiting.clear()


def _message(request: Request) -> Message:
    return Message(
        "0100" if request.sent == 0 else "0101",
        {
            "2": "4111111111111111",
            "3": "000000",
            "4": f"{request.amount:012d}",
            "7": TRANSMISSION,
            "11": request.stan,
            "12": "153000",
            "13": "1121",
            "14": "2812",
            "18": "5411",
            "22": "051",
            "25": "00",
            "32": "398001",
            "37": request.rrn,
            "41": "TERM0001",
            "42": "MERCHANT0000001",
            "43": "CORNER SHOP              ALMATY       KZ",
            "49": "398",
        },
    )


async def stream(house: House, requests: list[Request], lines: int, rate: float) -> None:
    """Send the requests at a steady rate, spread over the lines."""
    codec = Codec.load("iso87-ascii")
    open_lines = [Line(house.ports["link"], codec) for _ in range(lines)]
    async with asyncio.TaskGroup() as group:
        for number, request in enumerate(requests):
            group.create_task(open_lines[number % lines].ask(request))
            await asyncio.sleep(1 / rate)
    for line in open_lines:
        await line.close()


async def kill(house: House, times: int, within_s: float, chance: random.Random) -> list[str]:
    """Kill a process at random moments of the stream and start it again at once."""
    victims = ["gateway", "worker"] if house.shared else ["gateway"]
    moments = sorted(chance.uniform(0.1, 0.9) * within_s for _ in range(times))
    began, killed = time.monotonic(), []
    for number, moment in enumerate(moments):
        await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
        name = victims[number % len(victims)]
        await asyncio.to_thread(house.kill, name)
        killed.append(f"{name} after {time.monotonic() - began:.2f} s")
        house.start(name)
        await house.ready(name)
    return killed


async def stored(house: House, requests: list[Request]) -> dict[str, Stored]:
    """How the store has the requests, by STAN."""
    keys = FileKeys.load(house.folder / "keys.json")
    store = open_store(house.store, "kill9.check", keys.mac(Purpose.JOURNAL, b"chain"))
    await store.start()
    try:
        wanted = {f"stan|{PARTNER}|{NAME}|{r.stan}|{TRANSMISSION}": r.stan for r in requests}
        found = (await store.look_up(LookUp(originals=tuple(wanted)))).originals
        return {wanted[key]: one for key, one in found.items()}
    finally:
        await store.close()


async def quiet(house: House, requests: list[Request]) -> dict[str, Stored]:
    """Wait until nothing moves any more."""
    give_up = time.monotonic() + QUIET_TIMEOUT_S
    while True:
        found = await stored(house, requests)
        if all(_rests(one) for one in found.values()) or time.monotonic() > give_up:
            return found
        await asyncio.sleep(0.3)


def _rests(one: Stored) -> bool:
    return one.state.value in AT_REST and (one.answered or one.state.value != "approved")


def ledger(house: House) -> dict[str, list[str]]:
    """The last state of each thing the sandbox was asked to pay, by RRN."""
    last: dict[str, dict[str, Any]] = {}
    for text in (house.folder / "ledger.jsonl").read_text().splitlines():
        line = json.loads(text)
        if line["event"] != "asked_again" and line["operation"] != "reverse":
            last[line["key"]] = line
    found: dict[str, list[str]] = {}
    for line in last.values():
        found.setdefault(line["facts"]["rrn"], []).append(line["event"])
    return found


def judge(
    requests: list[Request], found: dict[str, Stored], paid: dict[str, list[str]]
) -> tuple[Counter[tuple[str, str, str]], list[str]]:
    """Return how often each combination came, and every contradiction."""
    table: Counter[tuple[str, str, str]] = Counter()
    wrong = []
    for request in requests:
        told = request.codes[-1] if request.codes else "nothing"
        ours = found[request.stan].state.value if request.stan in found else "not there"
        theirs = " + ".join(sorted(paid.get(request.rrn, ["never asked"])))
        table[told, ours, theirs] += 1
        booked = paid.get(request.rrn, []).count("booked")
        right = (told == "00") == (ours == "approved") == (booked == 1)
        if not right or booked > 1 or ours not in AT_REST or told == "nothing":
            wrong.append(f"STAN {request.stan}: told {told}, store {ours}, host {theirs}")
    return table, wrong


async def play(house: House, arguments: argparse.Namespace) -> dict[str, Any]:
    """The whole piece; returns what there is to report."""
    chance = random.Random(arguments.seed)  # noqa: S311 - moments and amounts, no secrets
    requests = [
        Request(f"{n:06d}", f"6325{n:08d}", chance.choice(AMOUNTS))
        for n in range(1, arguments.requests + 1)
    ]
    for name in house.commands():
        house.start(name)
        await house.ready(name)
    began = time.monotonic()
    within_s = arguments.requests / arguments.rate
    sending = asyncio.create_task(stream(house, requests, arguments.lines, arguments.rate))
    killed = await kill(house, arguments.kills, within_s, chance)
    async with asyncio.timeout(arguments.patience):
        await sending
    found = await quiet(house, requests)
    table, wrong = judge(requests, found, ledger(house))
    return {
        "requests": len(requests),
        "repeats": sum(request.sent - 1 for request in requests),
        "killed": killed,
        "seconds": round(time.monotonic() - began, 1),
        "outcomes": [
            {"told": told, "store": ours, "host": theirs, "count": count}
            for (told, ours, theirs), count in sorted(table.items())
        ],
        "wrong": wrong,
    }


def show(report: dict[str, Any]) -> None:
    """Print the report for people."""
    print(f"{report['requests']} requests, {report['repeats']} repeats, {report['seconds']} s")
    for line in report["killed"]:
        print(f"  killed {line}")
    print(f"  {'told':8}{'store':12}{'host':24}count")
    for row in report["outcomes"]:
        print(f"  {row['told']:8}{row['store']:12}{row['host']:24}{row['count']:5}")
    for line in report["wrong"]:
        print(f"  WRONG {line}")
    print("every request was answered, and paid once or not at all" if not report["wrong"] else "")


def free_ports(names: tuple[str, ...]) -> dict[str, int]:
    """A free port for each name."""
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {n: one.getsockname()[1] for n, one in zip(names, listeners, strict=True)}


async def forget_topology(url: str, prefix: str) -> None:
    """Delete what the processes declared on the broker."""
    import aio_pika  # noqa: PLC0415 - only with that broker

    from msggw.broker.rabbitmq import Topology  # noqa: PLC0415 - as above

    topology = Topology(prefix)
    queues = [queue.name for queue in topology.common()]
    queues += [topology.work_queue("visa").name]
    queues += [topology.reply(name) for name in ("kill9", "kill9-gateway", "kill9-worker")]
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        for name in queues:
            await channel.queue_delete(name)
        for name in (topology.work, topology.park, *map(topology.delay, topology.ladder_ms)):
            with contextlib.suppress(aio_pika.exceptions.ChannelNotFoundEntity):
                await channel.exchange_delete(name)


def main(given: list[str] | None = None) -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--broker", default="memory:", help="memory: or amqp://…")
    parser.add_argument("--store", help="sqlite:///… or postgresql://… (an empty database)")
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--lines", type=int, default=5)
    parser.add_argument("--rate", type=float, default=60.0, help="requests a second")
    parser.add_argument("--seed", type=int, default=None, help="of the moments and amounts")
    parser.add_argument("--patience", type=float, default=180.0, help="seconds for all answers")
    parser.add_argument("--folder", type=Path, help="keep configuration and logs here")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args(given)
    with tempfile.TemporaryDirectory(prefix="msggw-kill9-") as temporary:
        folder = arguments.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        store = arguments.store or f"sqlite:///{folder}/msggw.db"
        ports = free_ports(("link", "http", "worker", "visa", "visa_admin"))
        house = House(folder, arguments.broker, store, f"k9{os.getpid()}", ports)
        try:
            house.configure()
            report = asyncio.run(play(house, arguments))
        finally:
            house.stop()
            if house.shared:
                asyncio.run(forget_topology(house.broker, house.prefix))
    if arguments.json:
        print(json.dumps(report))
    else:
        show(report)
    return 1 if report["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
