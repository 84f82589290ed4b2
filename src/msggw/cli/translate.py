"""`msggw translate FILE --from F --to T`: one standard to another, with what was lost.

Formats: `canonical` (JSON), `iso8583:<dialect>` (input hexadecimal, base64 or raw; output
hexadecimal) and `iso20022:<message>`. Card data in canonical JSON is sealed with this machine's key
file, so that the way back gives the same bytes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from msggw.cli.output import json_option, read_source, settings_options
from msggw.cli.settings import settings_from

if TYPE_CHECKING:
    from msggw.canonical import Transaction
    from msggw.config import Settings
    from msggw.translate import Loss

__all__ = ["translate"]


@click.command()
@click.argument("source", metavar="FILE|-")
@click.option("--from", "origin", default="auto", show_default=True, help="The input's format.")
@click.option("--to", "target", required=True, help="The output's format.")
@click.option("--out", type=Path, help="Write the result here instead of stdout.")
@click.option("--loss", type=Path, help="Write the loss report (JSON) here.")
@settings_options
@json_option
def translate(
    source: str,
    origin: str,
    target: str,
    out: Path | None,
    loss: Path | None,
    config_file: Path | None,
    broker: str | None,
    store: str | None,
    instance: str | None,
    *,
    as_json: bool,
) -> None:
    """Translate one message; the loss report goes to stderr, to --loss, or into the JSON."""
    settings = settings_from(config_file, broker, store, instance)
    data = read_source(source)
    origin = _guess(data) if origin == "auto" else origin
    transactions = _read(data, origin, settings)
    result, losses = _write(transactions, target, settings)
    report = [entry.as_dict() for entry in losses]
    if loss is not None:
        loss.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    if out is not None:
        out.write_text(result + "\n", "utf-8")
    if as_json:
        click.echo(json.dumps({"from": origin, "to": target, "result": result, "loss": report}))
        return
    if out is None:
        click.echo(result)
    for entry in report:
        click.echo(f"loss: {entry['kind']} {entry['source']}: {entry['rule']}", err=True)


def _guess(data: bytes) -> str:
    start = data.lstrip()[:1]
    if start == b"<" or data[:3] == b"\xef\xbb\xbf":
        return "iso20022"
    return "canonical" if start in {b"{", b"["} else "iso8583:iso87-ascii"


def _read(data: bytes, origin: str, settings: Settings) -> tuple[Transaction, ...]:
    standard, _, dialect = origin.partition(":")
    now = datetime.now(UTC)
    if standard == "iso8583":
        from msggw.cli.wire import codec_of, wire_bytes
        from msggw.iso8583.mapping import to_canonical

        dialect = dialect or "iso87-ascii"
        codec = codec_of(dialect)
        message = codec.decode(wire_bytes(data, codec))
        return (to_canonical(message, now=now, dialect=dialect),)
    if standard == "iso20022":
        from msggw.iso20022 import to_canonical as from_xml

        return from_xml(data, now=now)
    if standard == "canonical":
        return _from_json(data, settings)
    msg = f"--from {origin}: canonical, iso8583:<dialect>, iso20022 or auto"
    raise click.UsageError(msg)


def _from_json(data: bytes, settings: Settings) -> tuple[Transaction, ...]:
    from msggw.canonical import Transaction, build
    from msggw.canonical.strict_json import loads
    from msggw.keys import FileKeys, open_transaction

    keys = FileKeys.load_or_create(settings.keys.file)
    value: Any = loads(data, size_bytes_max=16 * 1024 * 1024)
    items = value if isinstance(value, list) else [value]
    return tuple(open_transaction(build(Transaction, item), keys) for item in items)


def _write(
    transactions: tuple[Transaction, ...], target: str, settings: Settings
) -> tuple[str, list[Loss]]:
    standard, _, dialect = target.partition(":")
    if standard == "canonical":
        return _to_json(transactions, settings), []
    if standard == "iso8583":
        return _to_iso8583(transactions, dialect or "iso87-ascii")
    if standard == "iso20022" and dialect:
        from msggw.iso20022 import from_canonical as to_xml
        from msggw.iso20022 import losses as xml_losses

        xml = to_xml(transactions, dialect, now=datetime.now(UTC)).decode()
        return xml, [entry for one in transactions for entry in xml_losses(one, dialect)]
    msg = f"--to {target}: canonical, iso8583:<dialect> or iso20022:<message>"
    raise click.UsageError(msg)


def _to_iso8583(transactions: tuple[Transaction, ...], dialect: str) -> tuple[str, list[Loss]]:
    from msggw.cli.wire import codec_of
    from msggw.iso8583.mapping import from_canonical, losses

    codec = codec_of(dialect)
    has = codec.spec.fields.__contains__
    lines, lost = [], []
    for one in transactions:
        message = from_canonical(one, dialect=dialect, codec_has=has, spec=codec.spec)
        lines.append(codec.encode(message).hex())
        lost += losses(one, dialect, codec_has=has)
    return "\n".join(lines), lost


def _to_json(transactions: tuple[Transaction, ...], settings: Settings) -> str:
    from msggw.canonical.document import dump
    from msggw.keys import FileKeys, in_transit

    keys = FileKeys.load_or_create(settings.keys.file)
    items = [json.loads(dump(in_transit(one, keys))) for one in transactions]
    return json.dumps(items[0] if len(items) == 1 else items, ensure_ascii=False, indent=2)
