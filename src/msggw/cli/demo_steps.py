"""What the demo sends, one message of each standard and two broken ones, and what must come."""

from __future__ import annotations

import json
import socket
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from msggw.canonical import Transaction, build
from msggw.cli.send import message_bytes, over_http
from msggw.errors import Unavailable
from msggw.iso8583 import Codec
from msggw.iso20022 import build_pacs008

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Step", "steps"]


@dataclass
class Step:
    """One exchange: its title, what is sent, and what the answer must contain."""

    title: str
    sent: str
    answer: str
    expected: Sequence[str]

    def show(self) -> bool:
        """Print both sides; return whether the answer is as expected."""
        good = all(part in self.answer for part in self.expected)
        mark = click.style("as expected", fg="green") if good else click.style("WRONG", fg="red")
        click.secho(f"── {self.title}", bold=True)
        for arrow, text in (("→", self.sent), ("←", self.answer)):
            for number, line in enumerate(text.strip().splitlines()):
                click.echo(f" {arrow if number == 0 else ' '} {line}")
        click.echo(f"   {mark}\n")
        return good


def steps(link: int, url: str) -> Iterator[Step]:
    """Yield the exchanges, each made when it is asked for, with a link's port and a base URL."""
    approved, declined = ("0110", "DE  39  00"), ("0110", "DE  39  51")
    yield _card(link, "0100 → 0110: a card authorisation, approved", 105_000, approved)
    yield _card(link, "0100 → 0110: declined by the issuer (51)", 105_051, declined)
    yield _transfer(url)
    yield _service(url)
    yield _refused_card(link)
    yield _refused_json(url)


def _fresh() -> dict[str, str]:
    now = time.time()
    stan = f"{int(now * 1000) % 1_000_000:06d}"
    return {
        "7": time.strftime("%m%d%H%M%S", time.gmtime(now)),
        "11": stan,
        "12": time.strftime("%H%M%S", time.localtime(now)),
        "13": time.strftime("%m%d", time.localtime(now)),
        "37": f"{time.strftime('%y%j', time.gmtime(now))[1:]}{int(now) % 100:02d}{stan}",
    }


def _authorisation(amount_minor: int) -> dict[str, Any]:
    fields = {
        "2": "4111111111111111",
        "3": "000000",
        "4": f"{amount_minor:012d}",
        "14": "2812",
        "18": "5411",
        "22": "051",
        "25": "00",
        "32": "398001",
        "41": "TERM0001",
        "42": "MERCHANT0000001",
        "43": "CORNER SHOP              ALMATY       KZ",
        "49": "398",
    }
    return {"mti": "0100", "fields": fields | _fresh()}


def _card(link: int, title: str, amount_minor: int, expected: Sequence[str]) -> Step:
    wire = _wire(_authorisation(amount_minor))
    return Step(title, _described(wire), _described(_exchange(link, wire)), expected)


def _wire(message: dict[str, Any]) -> bytes:
    return message_bytes(json.dumps(message).encode(), Codec.load("iso87-ascii"))


def _exchange(link: int, wire: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", link), timeout=30) as line:
        line.sendall(len(wire).to_bytes(2, "big") + wire)
        size = int.from_bytes(_exactly(line, 2), "big")
        return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = line.recv(size - len(data))
        if not chunk:
            msg = "the gateway closed the line without an answer"
            raise Unavailable(msg)
        data += chunk
    return data


def _described(wire: bytes) -> str:
    message = Codec.load("iso87-ascii").decode(wire)
    rows = [f"DE {de:>3}  {value}" for de, value in message.masked().items()]
    return "\n".join([message.mti, *rows])


def _transfer(url: str) -> Step:
    stamp = _fresh()
    document = _TRANSFER | {
        "references": {"end_to_end_id": f"DEMO-{stamp['37']}", "uetr": str(uuid.uuid4())}
    }
    xml = build_pacs008(
        build(Transaction, document),
        message_id=f"DEMO{stamp['37']}{stamp['11']}",
        now=datetime.now(UTC),
        sender="DEMOKZKA",
        receiver="MSGGKZKA",
    )
    shown = over_http(xml, url, 30, None, None)
    return Step(
        "pacs.008 → pacs.002: a credit transfer, settled",
        xml.decode(),
        shown["text"],
        ("200", "FIToFIPmtStsRpt", "ACSC"),
    )


_TRANSFER: dict[str, Any] = {
    "kind": "credit_transfer",
    "amount": {"value": "2500.00", "currency": "KZT"},
    "debtor": {"name": "Aigerim Service LLP"},
    "debtor_account": {"iban": "KZ86125KZT5004100100"},
    "debtor_agent": {"bic": "DEMOKZKA"},
    "creditor": {"name": "Bolat Supplies LLP"},
    "creditor_account": {"iban": "KZ75125KZT1001300335"},
    "creditor_agent": {"bic": "BANKKZKA"},
    "settlement": {"method": "CLRG", "charge_bearer": "SLEV"},
}


def _service(url: str) -> Step:
    document = _TRANSFER | {"references": {"end_to_end_id": f"SVC-{_fresh()['37']}"}}
    data = json.dumps(document, indent=2).encode()
    shown = over_http(data, url, 30, None, None)
    return Step(
        "canonical JSON: a service's transfer, executed",
        data.decode(),
        shown["text"],
        ("200", '"state": "approved"'),
    )


def _refused_card(link: int) -> Step:
    wire = _wire(_authorisation(105_000))
    # DE 4 begins behind MTI, bitmap, DE 2 and DE 3; a letter has no place in n 12.
    place = 4 + 16 + 2 + 16 + 6
    broken = wire[:place] + b"X" + wire[place + 1 :]
    return Step(
        "a letter in DE 4: refused with format error (30)",
        "0100 with a letter in DE 4",
        _described(_exchange(link, broken)),
        ("0110", "DE  39  30"),
    )


def _refused_json(url: str) -> Step:
    data = b'{"kind": "authorisation", "amount": {"value": 10.5, "currency": "KZT"}}'
    shown = over_http(data, url, 30, None, None)
    return Step(
        "an amount as a JSON number: refused as a problem",
        data.decode(),
        shown["text"],
        ("HTTP 400", "write amounts as text"),
    )
