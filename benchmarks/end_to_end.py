"""A card authorisation from end to end on RabbitMQ and PostgreSQL: msggw against the naive gateway.

Throughput: closed loop, 50 links with 10 requests in flight each; the rounds of both gateways are
interleaved and the medians compared. Latency: the naive gateway with one request in flight per
link, which is about its own rate without a queue in front of it, against msggw in an open loop at
that rate. Comparing with the p99 of 500 requests in flight would make it far too easy.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

from benchmarks.gateways import Gateway, msggw, naive
from benchmarks.result import at_least, at_most, judged

LINKS = 50
IN_FLIGHT = 10
ROUNDS = 2
WARM_UP_SECONDS = 2
MEASURED_SECONDS = 8
THROUGHPUT_RATIO_MIN = 5.0
P99_RATIO_MAX = 1.0

Start = Callable[[], AbstractContextManager[Gateway]]
Measured = dict[str, Any]


def run() -> dict[str, Any]:
    """Measure both and judge: throughput at least five times, p99 at the naive rate no worse."""
    closed = ["--in-flight", str(IN_FLIGHT)]
    rounds: dict[str, list[Measured]] = {"naive": [], "msggw": []}
    for _ in range(ROUNDS):
        rounds["naive"].append(measure(naive, closed))
        rounds["msggw"].append(measure(msggw, closed))
    own = measure(naive, ["--in-flight", "1"])
    same = measure(msggw, ["--rate", str(own["tx_per_s"])])
    return judge(rounds, own, same)


def judge(rounds: dict[str, list[Measured]], own: Measured, same: Measured) -> dict[str, Any]:
    """Ratios and thresholds. `own` and `same` are naive and msggw at the naive gateway's rate.

    An answer that is no approval is not a result, so msggw has to approve everything it is sent.
    """
    throughput = {name: median(_values(measured, "tx_per_s")) for name, measured in rounds.items()}
    faults = sum(measured["errors"] for measured in (*rounds["msggw"], same))
    return judged(
        {"throughput": rounds, "at_naive_rate": {"naive": own, "msggw": same}},
        at_least(
            "throughput_ratio",
            _ratio(throughput["msggw"], throughput["naive"]),
            THROUGHPUT_RATIO_MIN,
        ),
        at_most("p99_ratio", _ratio(same["p99_ms"], own["p99_ms"]), P99_RATIO_MAX),
        at_least("share_of_naive_rate", _ratio(same["tx_per_s"], own["tx_per_s"]), 0.95),
        at_most("errors", faults, 0),
    )


def measure(start: Start, load: Sequence[str]) -> Measured:
    """Start a gateway, put the load on it from another process, stop it."""
    with start() as gateway:
        watch = [f"--watch={name}={pid}" for name, pid in gateway.pids.items()]
        command = [sys.executable, "-m", "benchmarks.load", "--port", str(gateway.port)]
        lengths = ["--warm-up", str(WARM_UP_SECONDS), "--seconds", str(MEASURED_SECONDS)]
        done = subprocess.run(
            [*command, "--links", str(LINKS), *lengths, *load, *watch],
            check=True,
            stdout=subprocess.PIPE,
        )
    measured: Measured = json.loads(done.stdout)
    return measured


def _values(measured: Sequence[Measured], name: str) -> list[float]:
    return [one[name] for one in measured]


def _ratio(ours: float | None, theirs: float | None) -> float | None:
    return ours / theirs if ours is not None and theirs else None
