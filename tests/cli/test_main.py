"""The root command: it starts light, and every error has its exit code and its one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests.cli.command import EXAMPLES, msggw, process

import msggw as package
from msggw.cli.main import main, root
from msggw.errors import Conflict, Unavailable

HEAVY = ("lxml", "pydantic", "fastapi", "asyncpg", "aio_pika", "sqlalchemy", "cryptography")
IMPORTED = """
import sys
from msggw.cli.main import main
try:
    main([{argument!r}])
except SystemExit:
    print(*sorted(sys.modules), file=sys.stderr)
"""


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_import_nothing_heavy(argument: str) -> None:
    """Neither loads a command, let alone a library of one."""
    script = IMPORTED.format(argument=argument)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    loaded = done.stderr.decode().split()

    assert "msggw.cli.main" in loaded
    assert [] == [name for name in loaded if name.partition(".")[0] in HEAVY]
    assert [] == [name for name in loaded if name.startswith("msggw.cli.") and "main" not in name]


def test_version_is_that_of_the_package() -> None:
    """The process prints its version and ends with 0."""
    done = process("--version")

    assert (0, f"msggw, version {package.__version__}\n") == (done.code, done.out)


def test_help_lists_every_command() -> None:
    """Each command that can be called stands in the list, with a text; each has help of its own."""
    names = root.list_commands(click.Context(root))
    shown = msggw("--help")

    assert 0 == shown.code
    for name in names:
        assert f"\n  {name}" in shown.out
        assert 0 == msggw(name, "--help").code


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("translate",),
        ("iso8583", "describe", "no-such-file"),
        ("config", "show", "--no-such-option"),
        ("translate", EXAMPLES / "0100.hex", "--to", "nothing"),
        ("translate", EXAMPLES / "0100.hex", "--from", "nothing", "--to", "canonical"),
        ("translate", EXAMPLES / "pacs.008.xml", "--to", "iso20022"),
        ("iso8583", "build", EXAMPLES / "0100.json", "--spec", "no-such-spec"),
        ("iso8583", "build", EXAMPLES / "0100.json", "--framing", "no-such-framing"),
        ("translate", EXAMPLES / "0100.hex", "--to", "iso8583:no-such-spec"),
        ("db", "upgrade", "--store", "mysql://somewhere/db"),
        ("worker", "--config", "no-such.toml"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_usage_ends_with_2(arguments: tuple[str | Path, ...]) -> None:
    """Usage and configuration errors end with 2, say so on stderr, and print nothing else."""
    done = msggw(*arguments)

    assert (2, b"") == (done.code, done.raw)
    assert done.err.startswith("msggw: ")


def test_no_command_shows_the_help() -> None:
    """Without a command there is nothing to do: the help, and 2."""
    done = msggw()

    assert 2 == done.code
    assert "Commands:" in done.err


@pytest.mark.parametrize(
    ("error", "code", "exit_code", "detail"),
    [
        (Unavailable("the store is away"), "peer", 5, "the store is away"),
        (Conflict(), "peer", 5, "Conflict"),
        (ConnectionRefusedError(111, "refused"), "peer", 5, "[Errno 111] refused"),
        (TimeoutError(), "peer", 5, "TimeoutError"),
        (OSError("no route"), "peer", 5, "no route"),
        (IsADirectoryError(21, "is one", "x"), "usage", 2, "[Errno 21] is one: 'x'"),
        (FileNotFoundError("specs is nowhere"), "usage", 2, "specs is nowhere"),
        (ZeroDivisionError("secret"), "defect", 1, "ZeroDivisionError"),
    ],
)
def test_errors_become_exit_codes(
    error: Exception, code: str, exit_code: int, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each kind of error has its exit code; with --json it is one object. Defects quote nothing."""

    @click.command(context_settings={"ignore_unknown_options": True})
    @click.argument("rest", nargs=-1)
    def broken(rest: tuple[str, ...]) -> None:
        raise error

    monkeypatch.setattr(root, "get_command", lambda _ctx, _name: broken)
    done = msggw("broken", "--json")

    assert exit_code == done.code
    assert {
        "type": f"urn:msggw:problem:{code}",
        "code": code,
        "detail": detail,
    } == done.problem()


def test_a_defect_shows_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --json a defect goes on as it is: Python prints the place and ends with 1."""

    def broken(_ctx: click.Context, _name: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(root, "get_command", broken)

    with pytest.raises(ZeroDivisionError):
        main(["broken"])


def test_ctrl_c_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted command ends as shells expect it."""

    def interrupted(_ctx: click.Context, _name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(root, "get_command", interrupted)

    assert 130 == msggw("anything").code


def test_a_refused_message_names_its_faults() -> None:
    """The JSON of a refusal holds every fault with its place; the text has a line for each."""
    arguments = ("translate", "-", "--from", "canonical", "--to", "iso8583:iso87-ascii")
    bad = b'{"kind": "authorisation", "amount": {"value": 1.5}}'
    told, shown = msggw(*arguments, "--json", stdin=bad), msggw(*arguments, stdin=bad)

    assert 3 == told.code
    assert "invalid" == told.problem()["code"]
    assert ["class"] == [fault["rule"] for fault in told.problem()["errors"]]
    assert 3 == shown.code
    assert shown.err.startswith("msggw: the message is refused:\n  ")


def test_the_process_ends_as_the_function_does() -> None:
    """Exit codes reach the shell: 0, 2, 3 and 5."""
    sent = (EXAMPLES / "0100.json").read_bytes()

    assert 0 == process("iso8583", "build", "-", stdin=sent).code
    assert 2 == process("iso8583", "build").code
    assert 3 == process("iso8583", "build", "-", stdin=b"[]").code
    assert 5 == process("send", "-", "--to", "tcp://127.0.0.1:1", stdin=sent).code
