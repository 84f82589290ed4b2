"""`msggw send FILE --to URL`: send one message and print its answer."""

from __future__ import annotations

import json
import socket
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from msggw.cli.output import emit, json_option, read_source
from msggw.errors import Unavailable

if TYPE_CHECKING:
    from msggw.iso8583 import Codec

__all__ = ["send"]


@click.command()
@click.argument("source", metavar="FILE|-")
@click.option("--to", "url", required=True, help="tcp://host:port or http://host:port")
@click.option("--spec", default="iso87-ascii", show_default=True, help="For tcp: the dialect.")
@click.option("--framing", default="binary-2", show_default=True, help="For tcp: the framing.")
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="Seconds to wait.")
@click.option("--key", help="For http: the Idempotency-Key (a new one if not given).")
@click.option("--api-key", envvar="MSGGW_API_KEY", help="For http: the API key.")
@json_option
def send(
    source: str,
    url: str,
    spec: str,
    framing: str,
    timeout_s: float,
    key: str | None,
    api_key: str | None,
    *,
    as_json: bool,
) -> None:
    """Send FILE: for tcp ISO 8583 (JSON to build, hex or raw), for http canonical JSON or XML."""
    data = read_source(source)
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname and parts.port:
        shown = over_tcp(data, (parts.hostname, parts.port), spec, framing, timeout_s)
    elif parts.scheme in {"http", "https"} and parts.hostname:
        shown = over_http(data, url.rstrip("/"), timeout_s, key, api_key)
    else:
        msg = "--to takes tcp://host:port or http://host:port"
        raise click.UsageError(msg)
    emit(shown, shown.pop("text"), as_json=as_json)


def over_tcp(
    data: bytes, address: tuple[str, int], spec: str, framing: str, timeout_s: float
) -> dict[str, Any]:
    """Send one ISO 8583 message and wait for one frame back."""
    from msggw.iso8583 import Codec  # noqa: PLC0415 - commands import late
    from msggw.iso8583 import framing as framings

    codec = Codec.load(spec)
    cutter = framings.of(framing, length_max=65_535)
    wire = message_bytes(data, codec)
    with socket.create_connection(address, timeout=timeout_s) as line:
        line.settimeout(timeout_s)
        line.sendall(cutter.frame(wire))
        frames: list[bytes] = []
        while not frames:
            chunk = line.recv(65_536)
            if not chunk:
                msg = "the line was closed without an answer"
                raise Unavailable(msg)
            frames = cutter.receive_data(chunk)
    answer = codec.decode(frames[0])
    masked = answer.masked()
    lines = [f"{answer.mti}", *(f"  DE {de:>3}  {value}" for de, value in masked.items())]
    return {"mti": answer.mti, "fields": masked, "text": "\n".join(lines)}


def message_bytes(data: bytes, codec: Codec) -> bytes:
    """Return the message: built from JSON, read from hexadecimal or base64, or as it is."""
    from msggw.canonical.strict_json import loads  # noqa: PLC0415 - as above
    from msggw.iso8583.build import build  # noqa: PLC0415 - as above
    from msggw.iso8583.describe import read_input  # noqa: PLC0415 - as above

    if data.lstrip()[:1] == b"{":
        return build(loads(data), codec)
    return read_input(data)[1]


def over_http(
    data: bytes, url: str, timeout_s: float, key: str | None, api_key: str | None
) -> dict[str, Any]:
    """Post canonical JSON to /v1/transactions, or XML to /v1/iso20022."""
    import httpx2  # noqa: PLC0415 - as above

    is_xml = data.lstrip()[:1] == b"<" or data[:3] == b"\xef\xbb\xbf"
    path = "/v1/iso20022" if is_xml else "/v1/transactions"
    headers = {"Content-Type": "application/xml" if is_xml else "application/json"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    if not is_xml:
        headers["Idempotency-Key"] = key or str(uuid.uuid4())
    target = url if urlsplit(url).path else url + path
    try:
        response = httpx2.post(target, content=data, headers=headers, timeout=timeout_s)
    except httpx2.HTTPError as error:
        msg = f"{target}: {type(error).__name__}"
        raise Unavailable(msg) from None
    text = response.text
    shown: dict[str, Any] = {
        "status": response.status_code,
        "text": f"HTTP {response.status_code}\n{text}",
    }
    if "json" in response.headers.get("content-type", ""):
        shown["body"] = response.json()
        shown["text"] = f"HTTP {response.status_code}\n{json.dumps(shown['body'], indent=2)}"
    else:
        shown["body"] = text
    return shown
