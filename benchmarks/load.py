"""The load generator: many links, 0100 out, 0110 in, one JSON document at the end.

Closed loop: each link keeps so many requests in flight and sends the next one when an answer comes.
Open loop (`--rate`): requests are due at fixed times, whatever the gateway does, and latency counts
from when a request was due, so a gateway that stalls cannot hide it.

    python -m benchmarks.load --port 8583 --links 50 --in-flight 10 --seconds 8 --watch gateway=4711
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import uvloop

from benchmarks import processes
from benchmarks.frames import Requests, read_answer, take_frames

DRAIN_SECONDS_MAX = 10.0
TICK_SECONDS = 0.001
APPROVED = b"00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send. Without `rate_per_s` it is the closed loop. The warm-up does not count."""

    host: str
    port: int
    links: int
    in_flight: int
    rate_per_s: float | None
    warm_up_s: float
    measured_s: float


@dataclass(slots=True)
class Tally:
    """What was counted between the end of the warm-up and the end of the run."""

    latencies_s: array[float] = field(default_factory=lambda: array("d"))
    codes: dict[bytes, int] = field(default_factory=dict)
    unmatched: int = 0
    lost: int = 0
    broken_links: int = 0

    def answered(self, latency_s: float, response_code: bytes) -> None:
        """Count one answer."""
        self.latencies_s.append(latency_s)
        self.codes[response_code] = self.codes.get(response_code, 0) + 1

    def report(self, seconds: float) -> dict[str, Any]:
        """Throughput, latencies in milliseconds, and answers by kind."""
        total = len(self.latencies_s)
        approved = self.codes.get(APPROVED, 0)
        declined = sum(n for code, n in self.codes.items() if code not in (APPROVED, b""))
        ordered = sorted(self.latencies_s)
        return {
            "tx_per_s": round(total / seconds, 1),
            "p50_ms": quantile_ms(ordered, 0.50),
            "p90_ms": quantile_ms(ordered, 0.90),
            "p99_ms": quantile_ms(ordered, 0.99),
            "max_ms": quantile_ms(ordered, 1.0),
            "answered": total,
            "approved": approved,
            "declined": declined,
            "other": total - approved - declined + self.unmatched,
            "codes": {code.decode("ascii", "replace"): n for code, n in self.codes.items()},
            "lost": self.lost,
            "broken_links": self.broken_links,
            "errors": total - approved + self.unmatched + self.lost + self.broken_links,
        }


def quantile_ms(ordered_s: Sequence[float], share: float) -> float | None:
    """The smallest value that `share` of them do not exceed; None of nothing. In milliseconds."""
    if not ordered_s:
        return None
    index = max(0, -(-len(ordered_s) * share // 1) - 1)
    return round(ordered_s[int(index)] * 1000, 2)


class Run:
    """One run: hands out requests, knows which are open, and counts inside its window."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tally = Tally()
        self.sending = True
        self.counting = False
        self._drained = asyncio.Event()
        self._requests = Requests(datetime.now(UTC))
        self._due: dict[bytes, float] = {}

    def request(self, due: float) -> bytes:
        """A new request, whose latency counts from `due` (monotonic seconds)."""
        key, frame = self._requests.next()
        self._due[key] = due
        return frame

    def on_answer(self, frame: bytes, now: float) -> None:
        """Match an answer with its request, once."""
        answer = read_answer(frame)
        due = self._due.pop(answer.key, None)
        if not self._due:
            self._drained.set()
        if not self.counting:
            return
        if due is None:
            self.tally.unmatched += 1
            return
        self.tally.answered(now - due, answer.response_code)

    async def drain(self, seconds_max: float) -> None:
        """Wait for the last answers; what is still open then is lost."""
        self._drained.clear()
        if self._due:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), seconds_max)
        self.tally.lost = len(self._due)


class Link(asyncio.Protocol):
    """One acquirer's link. In the closed loop every answer makes room for a request."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        # The transports of uvloop are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, count: int, due: float) -> None:
        """Send that many new requests in one write, if the link is up."""
        if self._transport is not None:
            self._transport.write(b"".join(self._run.request(due) for _ in range(count)))

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._buffer += data
        frames = take_frames(self._buffer)
        now = time.perf_counter()
        for frame in frames:
            self._run.on_answer(frame, now)
        if frames and self._run.sending and self._run.plan.rate_per_s is None:
            self.send(len(frames), now)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio. Losing a link while requests are sent is the gateway's fault."""
        del exc
        self._transport = None
        if self._run.sending:
            self._run.tally.broken_links += 1

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


async def measure(plan: Plan, watched: Mapping[str, int]) -> dict[str, Any]:
    """Carry out the plan. `watched` names processes whose CPU time is of interest."""
    run = Run(plan)
    loop = asyncio.get_running_loop()
    links = []
    for _ in range(plan.links):
        _, link = await loop.create_connection(lambda: Link(run), plan.host, plan.port)
        links.append(link)
    pids = processes.named({**watched, "load": os.getpid()})
    load = asyncio.create_task(_send(run, links))
    await asyncio.sleep(plan.warm_up_s)
    before = {name: processes.cpu_seconds(ids) for name, ids in pids.items()}
    busy_before = processes.busy_seconds()
    started = time.perf_counter()
    run.counting = True
    await asyncio.sleep(plan.measured_s)
    run.counting = run.sending = False
    seconds = time.perf_counter() - started
    # A connection that a server opened meanwhile is a new process of PostgreSQL.
    pids = processes.named({**watched, "load": os.getpid()})
    cpu_s = {name: processes.cpu_seconds(ids) - before.get(name, 0.0) for name, ids in pids.items()}
    elsewhere_s = processes.busy_seconds() - busy_before - sum(cpu_s.values())
    await load
    await run.drain(DRAIN_SECONDS_MAX)
    for link in links:
        link.close()
    report = run.tally.report(seconds) | _costs(cpu_s, len(run.tally.latencies_s))
    # What else the machine did meanwhile: a run with much of it says little.
    return report | {"cpu_elsewhere_s": round(max(0.0, elsewhere_s), 2)}


async def _send(run: Run, links: Sequence[Link]) -> None:
    """Fill the links, or send on a timetable until the run ends."""
    rate = run.plan.rate_per_s
    if rate is None:
        for link in links:
            link.send(run.plan.in_flight, time.perf_counter())
        return
    started = time.perf_counter()
    sent = 0
    while run.sending:
        while run.sending and started + sent / rate <= time.perf_counter():
            links[sent % len(links)].send(1, started + sent / rate)
            sent += 1
        await asyncio.sleep(TICK_SECONDS)


def _costs(cpu_s: Mapping[str, float], transactions: int) -> dict[str, Any]:
    """CPU time by process, in all and per transaction; the generator's own is not in the sum."""
    per_tx = {name: _per_tx_us(seconds, transactions) for name, seconds in cpu_s.items()}
    gateway_side = sum(seconds for name, seconds in cpu_s.items() if name != "load")
    return {
        "cpu_s": {name: round(seconds, 2) for name, seconds in cpu_s.items()},
        "cpu_us_per_tx": per_tx | {"all": _per_tx_us(gateway_side, transactions)},
    }


def _per_tx_us(seconds: float, transactions: int) -> float | None:
    return round(seconds * 1e6 / transactions, 1) if transactions else None


def _watched(text: str) -> tuple[str, int]:
    name, _, pid = text.partition("=")
    return name, int(pid)


def main() -> None:
    """Parse the command line, measure, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--links", type=int, default=50)
    parser.add_argument("--in-flight", type=int, default=10, help="per link, in the closed loop")
    parser.add_argument("--rate", type=float, help="requests per second: the open loop")
    parser.add_argument("--warm-up", type=float, default=2.0, help="seconds that don't count")
    parser.add_argument("--seconds", type=float, default=8.0, help="seconds that count")
    parser.add_argument("--watch", type=_watched, action="append", default=[], help="name=pid")
    options = parser.parse_args()
    plan = Plan(
        host=options.host,
        port=options.port,
        links=options.links,
        in_flight=options.in_flight,
        rate_per_s=options.rate,
        warm_up_s=options.warm_up,
        measured_s=options.seconds,
    )
    print(json.dumps(uvloop.run(measure(plan, dict(options.watch)))))


if __name__ == "__main__":
    main()
