"""Processes and programs for the servers the tests run against, and their removal."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

START_SECONDS_MAX = 90
STOP_SECONDS_MAX = 20
INSTALL_SECONDS_MAX = 300


class Absent(Exception):
    """The service cannot be had in this way; the text says why."""


@contextmanager
def running(
    command: list[Any],
    folder: Path,
    *,
    stop: signal.Signals,
    user: str | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in its own process group; ask it to stop at the end, kill it if it stays."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            user=user,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        # The group reaches Erlang below its shell.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, stop)
        try:
            process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(process: subprocess.Popen[bytes], ask: Callable[[], None]) -> None:
    """Ask until the server answers. Raises `Absent` if it ends first, or takes too long."""
    give_up = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < give_up:
        with suppress(Absent):
            return ask()
        if process.poll() is not None:
            raise Absent(f"{process.args[0]} ended with {process.returncode}")
        time.sleep(0.2)
    raise Absent(f"{process.args[0]} did not answer in {START_SECONDS_MAX} s")


def install(package: str) -> None:
    """Install a package, if we are root. Raises `Absent` if we may not or cannot."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Absent(f"we may not install {package}")
    # RUNLEVEL=1 keeps the package from starting a server of its own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for arguments in (
        ["update"],
        ["install", "--yes", "--no-upgrade", "--no-install-recommends", package],
    ):
        done = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_SECONDS_MAX,
            check=False,
        )
    if done.returncode:
        raise Absent(f"{package} could not be installed")


def unprivileged_account() -> str | None:
    """PostgreSQL refuses to run as root, so root runs it as somebody else."""
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"


def folder_of_its_own(stack: ExitStack, prefix: str) -> Path:
    """A temporary folder every user may look into, removed with the stack."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    return folder


def free_port() -> int:
    """A TCP port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
