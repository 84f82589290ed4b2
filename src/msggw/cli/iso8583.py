"""`msggw iso8583 describe|build|guess|spec`."""

from __future__ import annotations

import sys

import click

from msggw.cli.iso8583_spec import spec
from msggw.cli.output import emit, json_option, read_source

__all__ = ["iso8583"]


@click.group()
def iso8583() -> None:
    """Describe and build ISO 8583 messages, and look into dialects."""


iso8583.add_command(spec)


@iso8583.command()
@click.argument("source", metavar="FILE|-")
@click.option("--spec", default="iso87-ascii", show_default=True, help="A dialect, or a file.")
@click.option("--framing", help="How frames are cut, for example binary-2; none if not given.")
@json_option
def describe(source: str, spec: str, framing: str | None, *, as_json: bool) -> None:
    """Print the tree of a message (hex, base64 or raw) with offsets and every fault explained."""
    from msggw.cli.wire import codec_of, framing_of, wire_bytes
    from msggw.iso8583.describe import describe as described

    codec = codec_of(spec)
    cutter = None if framing is None else framing_of(framing)
    result = described(wire_bytes(read_source(source), codec, framing), codec, cutter)
    emit(result.as_dict(), result.text(), as_json=as_json)
    if not result.sound:
        raise click.exceptions.Exit(3)


@iso8583.command()
@click.argument("source", metavar="FILE|-")
@click.option("--spec", default="iso87-ascii", show_default=True, help="A dialect, or a file.")
@click.option("--framing", help="Put the message into a frame, for example binary-2.")
@click.option("--raw", is_flag=True, help="Write bytes instead of hexadecimal digits.")
@json_option
def build(source: str, spec: str, framing: str | None, *, raw: bool, as_json: bool) -> None:
    """Build a message from JSON: {"mti": "0100", "fields": {"3": "000000"}}."""
    from msggw.cli.wire import built, codec_of, framing_of

    data = built(read_source(source), codec_of(spec))
    if framing is not None:
        data = framing_of(framing).frame(data)
    if raw and not as_json:
        sys.stdout.buffer.write(data)
        return
    emit({"hex": data.hex(), "bytes": len(data)}, data.hex(), as_json=as_json)


@iso8583.command()
@click.argument("source", metavar="FILE|-")
@json_option
def guess(source: str, *, as_json: bool) -> None:
    """Tell which dialects and framings the bytes could be, the best first; 3 if none fits."""
    from dataclasses import asdict

    from msggw.iso8583 import speclang
    from msggw.iso8583.describe import read_input
    from msggw.iso8583.guess import guess as guessed

    specs = tuple(map(speclang.load, speclang.names()))

    def fits(raw: bytes) -> bool:
        return any(one.score == 1 for one in guessed(raw, specs))

    form, data = read_input(read_source(source), fits)
    found = guessed(data, specs)
    lines = [
        f"{one.score:.3f}  {one.spec:<18} {one.framing or 'no framing':<18} {one.reason}"
        for one in found
    ]
    rows = [asdict(one) for one in found]
    emit({"form": form, "guesses": rows}, "\n".join(lines) or "nothing fits", as_json=as_json)
    if not found:
        raise click.exceptions.Exit(3)
