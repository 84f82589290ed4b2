"""`msggw send FILE --to URL`: send one message and print its answer."""

from __future__ import annotations

import json
import socket
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from msggw.cli.output import emit, json_option, read_source
from msggw.errors import Refused, Unavailable

if TYPE_CHECKING:
    from msggw.iso8583 import Codec
    from msggw.iso8583.framing import Framing

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
    scheme, host, port = _target(url)
    if scheme == "tcp" and port:
        shown = over_tcp(data, (host, port), spec, framing, timeout_s)
    elif scheme in {"http", "https"}:
        shown = over_http(data, url.rstrip("/"), timeout_s, key, api_key)
    else:
        raise click.UsageError(_TO)
    emit(shown, shown.pop("text"), as_json=as_json)


_TO = "--to takes tcp://host:port or http://host:port"


def _target(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise click.UsageError(_TO) from None
    if not parts.hostname:
        raise click.UsageError(_TO)
    return parts.scheme, parts.hostname, port


def over_tcp(
    data: bytes, address: tuple[str, int], spec: str, framing: str, timeout_s: float
) -> dict[str, Any]:
    """Send one ISO 8583 message and wait for one frame back."""
    from msggw.cli.wire import codec_of, framing_of

    codec = codec_of(spec)
    cutter = framing_of(framing)
    wire = message_bytes(data, codec)
    with socket.create_connection(address, timeout=timeout_s) as line:
        line.sendall(cutter.frame(wire))
        try:
            answer = codec.decode(_first_frame(line, cutter))
        except Refused as refusal:
            # What the peer sent is the peer's fault, not an invalid message of ours.
            msg = f"the answer cannot be read: {refusal}"
            raise Unavailable(msg) from None
    masked = answer.masked()
    lines = [f"{answer.mti}", *(f"  DE {de:>3}  {value}" for de, value in masked.items())]
    return {"mti": answer.mti, "fields": masked, "text": "\n".join(lines)}


def _first_frame(line: socket.socket, cutter: Framing) -> bytes:
    while True:
        chunk = line.recv(65_536)
        if not chunk:
            msg = "the line was closed without an answer"
            raise Unavailable(msg)
        for frame in cutter.receive_data(chunk):
            return frame


def message_bytes(data: bytes, codec: Codec) -> bytes:
    """Return the message: built from JSON, read from hexadecimal or base64, or as it is."""
    from msggw.cli.wire import built, wire_bytes

    return built(data, codec) if data.lstrip()[:1] == b"{" else wire_bytes(data, codec)


def over_http(
    data: bytes, url: str, timeout_s: float, key: str | None, api_key: str | None
) -> dict[str, Any]:
    """Post canonical JSON to /v1/transactions, or XML to /v1/iso20022."""
    import httpx2

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
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
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
