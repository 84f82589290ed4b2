"""`msggw iso8583 spec lint|show|diff`."""

from __future__ import annotations

import click

from msggw.cli.output import emit, json_option

__all__ = ["spec"]


@click.group()
def spec() -> None:
    """Check, show and compare dialects."""


@spec.command()
@click.argument("sources", metavar="SPEC…", nargs=-1, required=True)
@json_option
def lint(sources: tuple[str, ...], *, as_json: bool) -> None:
    """Name everything wrong with dialects or spec files; exit with 3 if there is anything."""
    from msggw.iso8583.specbook import lint as linted

    results, lines = [], []
    for source in sources:
        faults = linted(source)
        found = [fault.as_dict() for fault in faults]
        results.append({"spec": source, "sound": not faults, "faults": found})
        lines.append(f"{source}: {f'{len(faults)} fault(s)' if faults else 'sound'}")
        lines += [f"  {fault}" for fault in faults]
    emit(results[0] if len(results) == 1 else results, "\n".join(lines), as_json=as_json)
    if not all(result["sound"] for result in results):
        raise click.exceptions.Exit(3)


@spec.command()
@click.argument("source", metavar="SPEC")
@json_option
def show(source: str, *, as_json: bool) -> None:
    """Print the field book of a dialect: each element with format, encoding and sensitivity."""
    from msggw.cli.wire import codec_of
    from msggw.iso8583.specbook import book

    found = codec_of(source).spec
    rows = book(found)
    keys = ("number", "format", "encoding", "sensitivity", "name")
    data = {"spec": found.name, "fields": [dict(zip(keys, row, strict=True)) for row in rows]}
    lines = [
        f"{number:<10} {form:<16} {written:<32} {sensitivity:<12} {name}".rstrip()
        for number, form, written, sensitivity, name in rows
    ]
    emit(data, "\n".join([found.name, *lines]), as_json=as_json)


@spec.command()
@click.argument("left", metavar="SPEC")
@click.argument("right", metavar="SPEC")
@json_option
def diff(left: str, right: str, *, as_json: bool) -> None:
    """Print the elements that two dialects write differently."""
    from msggw.cli.wire import codec_of
    from msggw.iso8583.specbook import differences

    found = differences(codec_of(left).spec, codec_of(right).spec)
    data = [{"number": one.number, "left": one.left, "right": one.right} for one in found]
    lines = [f"{one.number:<10} {one.left or '-'}  →  {one.right or '-'}" for one in found]
    emit(data, "\n".join(lines) or "no difference", as_json=as_json)
