"""Running commands: in this process with its streams caught, or as the processes they are."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from msggw.cli.main import main

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE_S = 40.0


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it wrote."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """Its standard output as text."""
        return self.raw.decode()

    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.raw)

    def problem(self) -> dict[str, Any]:
        """The one object on standard error; nothing is on standard output."""
        assert b"" == self.raw
        found = json.loads(self.err)
        assert isinstance(found, dict)
        return found


def msggw(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Run a command in this process."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        out.flush()
        err.flush()
    code = end.value.code
    assert isinstance(code, int)
    raw, shown = out.detach(), err.detach()
    assert isinstance(raw, io.BytesIO)
    assert isinstance(shown, io.BytesIO)
    return Done(code, raw.getvalue(), shown.getvalue().decode())


def process(*arguments: str | Path, stdin: bytes = b"") -> Done:
    """Run a command as a process of its own, to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "msggw", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr.decode())


class Server:
    """A command that serves until it is told to stop."""

    def __init__(self, command: subprocess.Popen[bytes], log: Path) -> None:
        self.command = command
        self.log = log

    def lines(self) -> list[dict[str, Any]]:
        """The structured log so far; a line that is still being written is left out."""
        text = self.log.read_text("utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]

    def started(self) -> dict[str, Any]:
        """The log line that says that it serves, with its ports."""
        return self.wait(lambda: [one for one in self.lines() if one["event"] == "started"])[0]

    def wait(self, ask: Any) -> Any:
        """Return the first answer that is true; fail if the process ends before."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if found := ask():
                return found
            assert self.command.poll() is None, self.log.read_text("utf-8")
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop and return its exit code."""
        self.command.send_signal(number)
        return self.command.wait(PATIENCE_S)


@contextmanager
def serving(folder: Path, *arguments: str | Path, **environment: str) -> Iterator[Server]:
    """Start a command in a folder; it is killed at the end if it still runs."""
    log = folder / f"{arguments[0]}.log"
    with log.open("wb") as file:
        command = subprocess.Popen(
            [sys.executable, "-m", "msggw", *map(str, arguments)],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    try:
        yield Server(command, log)
    finally:
        if command.poll() is None:
            command.kill()
            command.wait()
