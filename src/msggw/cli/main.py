"""The root command: lazy sub-commands, and one place that turns errors into exit codes.

Exit codes: 0 ok · 1 bug · 2 usage or configuration · 3 message invalid · 5 peer or network.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

import msggw
from msggw.errors import ConfigurationError, GatewayError, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BUG", "INVALID", "PEER", "USAGE", "main"]

BUG, USAGE, INVALID, PEER = 1, 2, 3, 5

_COMMANDS = {
    "config": "msggw.cli.config:config",
    "db": "msggw.cli.db:db",
    "demo": "msggw.cli.demo:demo",
    "iso20022": "msggw.cli.iso20022:iso20022",
    "iso8583": "msggw.cli.iso8583:iso8583",
    "partner": "msggw.cli.partner:partner",
    "run": "msggw.cli.run:run",
    "sandbox": "msggw.cli.sandbox:sandbox",
    "send": "msggw.cli.send:send",
    "translate": "msggw.cli.translate:translate",
    "worker": "msggw.cli.run:worker",
}
_HELP = {
    "config": "Show the settings in force.",
    "db": "Look after the database schema and the journal.",
    "demo": "Start everything, send one message of each standard, show both sides.",
    "iso20022": "Validate and describe ISO 20022 messages.",
    "iso8583": "Describe and build ISO 8583 messages; look into dialects.",
    "partner": "Add partners and their API keys.",
    "run": "Run the gateway.",
    "sandbox": "Play an outside system on its real wire protocol.",
    "send": "Send a message and print its answer.",
    "translate": "Translate a message from one standard to another.",
    "worker": "Run a worker that calls adapters.",
}


class _Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command."""
        del ctx
        target = _COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table, without importing anything."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_HELP.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(msggw.__version__, prog_name="msggw")
def root() -> None:
    """Financial message gateway and standards translator: ISO 8583, ISO 20022, JSON."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; every error ends as one clear line (or one JSON document) on stderr."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    try:
        # Outside of click's standalone mode an exit code comes back as the result.
        code = root.main(given, prog_name="msggw", standalone_mode=False)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        _fail(as_json, "usage", error.format_message(), error.exit_code)
    except Refused as error:
        faults = [fault.as_dict() for fault in error]
        _fail(as_json, "invalid", _lines(error), INVALID, errors=faults)
    except ConfigurationError as error:
        _fail(as_json, "configuration", str(error), USAGE)
    except (GatewayError, ConnectionError, TimeoutError) as error:
        _fail(as_json, "peer", str(error) or type(error).__name__, PEER)
    except OSError as error:
        # One that names a file is about what was given; the others come from the network.
        about_a_file = error.filename is not None or isinstance(error, FileNotFoundError)
        code, exit_code = ("usage", USAGE) if about_a_file else ("peer", PEER)
        _fail(as_json, code, str(error), exit_code)
    except Exception as error:
        if not as_json:
            raise  # the traceback names the place, and Python ends with 1
        _fail(as_json, "defect", type(error).__name__, BUG)
    sys.exit(code if isinstance(code, int) else 0)


def _lines(error: Refused) -> str:
    return "\n  ".join(("the message is refused:", *map(str, error)))


def _fail(as_json: bool, code: str, text: str, exit_code: int, **more: Any) -> NoReturn:  # noqa: FBT001 - internal
    if as_json:
        body = {"type": f"urn:msggw:problem:{code}", "code": code, "detail": text, **more}
        click.echo(json.dumps(body), err=True)
    else:
        click.echo(f"msggw: {text}", err=True)
    sys.exit(exit_code)
