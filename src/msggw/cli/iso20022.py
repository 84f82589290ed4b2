"""`msggw iso20022 validate|describe`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from msggw.cli.output import emit, json_option, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["iso20022"]


@click.group()
def iso20022() -> None:
    """Validate and describe ISO 20022 messages."""


@iso20022.command()
@click.argument("sources", metavar="FILE…|-", nargs=-1, required=True)
@click.option("--profile", default="base", show_default=True, help="Which rules apply.")
@click.option("--schema-only", is_flag=True, help="Check the schema and no rules.")
@json_option
def validate(sources: tuple[str, ...], profile: str, *, schema_only: bool, as_json: bool) -> None:
    """Check files, or every .xml file of folders; exit with 3 if one is not valid."""
    from msggw.iso20022 import Profile
    from msggw.iso20022 import validate as validated

    if profile not in set(Profile):
        msg = f"--profile {profile}: {', '.join(Profile)}"
        raise click.UsageError(msg)
    results, lines = [], []
    now = datetime.now(UTC)
    for name in _files(sources):
        faults = validated(read_source(name), now=now, profile=profile, schema_only=schema_only)
        found = [fault.as_dict() for fault in faults]
        results.append({"file": name, "valid": not faults, "faults": found})
        lines.append(f"{name}: {'valid' if not faults else f'{len(faults)} fault(s)'}")
        lines += [f"  {fault}" for fault in faults]
    emit(results[0] if len(results) == 1 else results, "\n".join(lines), as_json=as_json)
    if not all(result["valid"] for result in results):
        raise click.exceptions.Exit(3)


def _files(sources: tuple[str, ...]) -> Iterator[str]:
    for source in sources:
        if source != "-" and Path(source).is_dir():
            yield from map(str, sorted(Path(source).rglob("*.xml")))
        else:
            yield source


@iso20022.command()
@click.argument("source", metavar="FILE|-")
@json_option
def describe(source: str, *, as_json: bool) -> None:
    """Print the tree of a message; values are masked."""
    from msggw.iso20022 import describe as described

    text = described(read_source(source)).rstrip("\n")
    emit({"tree": text.splitlines()}, text, as_json=as_json)
