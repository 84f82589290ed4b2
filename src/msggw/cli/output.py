"""What commands print: JSON for machines, or text for people; and where input comes from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msggw.errors import ConfigurationError, Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["emit", "json_option", "read_source", "settings_options"]

INPUT_BYTES_MAX = 16 * 1024 * 1024


def json_option(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--json`."""
    text = "Print one JSON document on stdout and nothing else."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def emit(data: Any, text: str, *, as_json: bool) -> None:
    """Print the data or the text."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else text)


def read_source(name: str) -> bytes:
    """Read a file, or standard input for `-`, up to a limit."""
    if name == "-":
        data = sys.stdin.buffer.read(INPUT_BYTES_MAX + 1)
    else:
        path = Path(name)
        if not path.is_file():
            msg = f"there is no file {name}"
            raise ConfigurationError(msg)
        with path.open("rb") as file:
            data = file.read(INPUT_BYTES_MAX + 1)
    if len(data) > INPUT_BYTES_MAX:
        raise Refused.of("input", "", Rule.LIMIT, f"at most {INPUT_BYTES_MAX} bytes")
    return data


def settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that override settings."""
    for option in reversed(
        (
            click.option("--config", "config_file", type=Path, help="A msggw.toml file."),
            click.option("--broker", metavar="URL", help="memory: or amqp://…"),
            click.option("--store", metavar="URL", help="sqlite:///… or postgresql://…"),
            click.option("--instance", metavar="NAME", help="The name of this process."),
        )
    ):
        command = option(command)
    return command
