"""Processes are killed in the middle of a stream, and the money is counted afterwards."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from examples import kill9

from msggw.store import schema

ROOT = Path(__file__).parents[2]


def played(*arguments: str) -> dict[str, object]:
    """Run the example in a process of its own; return its report."""
    command = [sys.executable, str(ROOT / "examples" / "kill9.py"), "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert done.stdout, done.stderr[-3000:]
    report = json.loads(done.stdout)
    assert [] == report["wrong"], report
    assert 0 == done.returncode
    return report


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_killed_embedded() -> None:
    """Gateway, worker, broker and database die together; nobody is charged for nothing."""
    report = played("--requests", "60", "--kills", "2", "--rate", "20", "--seed", "1")
    assert 2 == len(report["killed"])


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_killed_apart(rabbitmq_url: str, postgres_database: str) -> None:
    """Gateway and worker die one after the other, on a shared broker and database."""
    where = ("--broker", rabbitmq_url, "--store", postgres_database)
    report = played("--requests", "60", "--kills", "2", "--rate", "20", "--seed", "2", *where)
    assert ["gateway", "worker"] == [line.partition(" ")[0] for line in report["killed"]]


def test_the_judge_sees_contradictions() -> None:
    """A judge that is always content would prove nothing."""

    class One:
        def __init__(self, state: str) -> None:
            self.state = type("S", (), {"value": state})
            self.answered = True

    def wrong(told: str, state: str, host: list[str]) -> int:
        request = kill9.Request("000001", "632500000001", 1000, [told])
        found = {"000001": One(state)}
        return len(kill9.judge([request], found, {"632500000001": host})[1])  # type: ignore[arg-type]

    assert 0 == wrong("00", "approved", ["booked"])
    assert 0 == wrong("91", "reversed", ["reversed"])
    assert 0 == wrong("91", "expired", [])
    assert 0 == wrong("51", "declined", ["declined"])
    assert 1 == wrong("00", "approved", ["booked", "booked"])
    assert 1 == wrong("00", "approved", ["reversed"])
    assert 1 == wrong("91", "reversed", ["booked"])
    assert 1 == wrong("91", "reversing", ["reversed"])
    assert 1 == wrong("00", "reversed", ["reversed"])


def test_nothing_is_left_on_the_broker(rabbitmq_url: str) -> None:
    """Deleting what was never declared is no error, so the example may always clean up."""
    asyncio.run(kill9.forget_topology(rabbitmq_url, "k9-never"))
    assert schema.HEAD
