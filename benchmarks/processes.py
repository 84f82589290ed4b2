"""What processes cost, from /proc, and starting and stopping our own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

__all__ = [
    "busy_seconds",
    "cpu_seconds",
    "free_port",
    "named",
    "resident_bytes",
    "started",
    "wait_for_port",
]

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
STOP_SECONDS_MAX = 10
POLL_SECONDS = 0.02
PROC = Path("/proc")
SERVERS = {"rabbitmq": "beam.smp", "postgres": "postgres"}
"""Command names, as the kernel shows them, of the servers whose CPU time is counted."""


def named(watched: Mapping[str, int]) -> dict[str, list[int]]:
    """Process ids by name: those given, and of each server that runs on this machine."""
    found = {name: [pid] for name, pid in watched.items()}
    for name, command in SERVERS.items():
        if pids := _pids_of(command):
            found[name] = pids
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes and of the children they have reaped.

    A server process per connection, as in PostgreSQL, passes its time on to its parent at its end.
    """
    ticks = 0
    for pid in pids:
        try:
            text = (PROC / str(pid) / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # proc(5): utime, stime, cutime and cstime are fields 14 to 17; the name ends with ")".
        ticks += sum(map(int, text.rpartition(")")[2].split()[11:15]))
    return ticks / TICKS_PER_SECOND


def busy_seconds() -> float:
    """CPU time that all processors of this machine have spent on any work, since its start."""
    # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal.
    fields = [int(value) for value in (PROC / "stat").read_text().split(maxsplit=9)[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICKS_PER_SECOND


def resident_bytes(pid: int) -> int:
    """Resident set size of one process. Raises `ProcessLookupError` once it has ended."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) * 1024
    raise ProcessLookupError(pid)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds_max: float) -> None:
    """Return once the port accepts connections.

    Raises:
        RuntimeError: the process ended first.
        TimeoutError: nobody listened in time.
    """
    deadline = time.monotonic() + seconds_max
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"nobody listens after {seconds_max} s")


@contextmanager
def started(
    commands: Mapping[str, Sequence[str | Path]], environment: Mapping[str, str] | None = None
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run these commands side by side, and end them at the end, the last one first.

    Their standard output goes to our standard error: ours holds one JSON document.
    """
    with ExitStack() as stack:
        processes = {}
        for name, command in commands.items():
            process = subprocess.Popen(
                command, env={**os.environ, **(environment or {})}, stdout=sys.stderr.fileno()
            )
            stack.callback(_stop, process)
            processes[name] = process
        yield processes


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _pids_of(command: str) -> list[int]:
    pids = []
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            comm = (entry / "comm").read_text().strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if comm == command:
            pids.append(int(entry.name))
    return pids
