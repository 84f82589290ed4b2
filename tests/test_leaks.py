"""A marked card goes through every ingress, whole and broken, and is found nowhere afterwards.

Looked through are the log lines, the answers over HTTP, the database as bytes on disk (and every
column of every table on PostgreSQL), what travels on the broker, the journal, GET and the metrics.
The number is looked for as text, as hexadecimal, packed, in base64 and in EBCDIC.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import asyncpg
import httpx2
import pytest
from tests.flow.acquirer import CODEC, Acquirer, frame, request, reversal
from tests.flow.conftest import NewHouse, any_house, new_house, new_shared_house
from tests.flow.house import House, until
from tests.flow.test_iso20022 import leg, pacs008, transfer
from tests.flow.test_json import card, new_idempotency_key, post
from tests.flow.test_json import transfer as json_transfer

from msggw.broker.rabbitmq import Topology
from msggw.iso20022 import build_pacs008
from msggw.observe import setup_logs

__all__ = ["any_house", "new_house", "new_shared_house"]

PAN = "4539578763621486"
TRACK_DATA = "28122011234512345678"
CVV = "739"
PIN_BLOCK = "A1B2C3D4E5F60718"
SECRETS = {"PAN": PAN, "track": f"{TRACK_DATA}"}


def forms(digits: str) -> dict[str, bytes]:
    """Every form in which digits could lie about."""
    text = digits.encode()
    packed = bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    found = {
        "text": text,
        "hexadecimal": text.hex().encode(),
        "packed": packed,
        "EBCDIC": digits.encode("cp500"),
        "EBCDIC in hexadecimal": digits.encode("cp500").hex().encode(),
    }
    for shift in range(3):
        # At any offset the middle letters are the same, whatever stands around.
        whole = base64.b64encode(b"\0" * shift + text).rstrip(b"=")
        found[f"base64 at {shift}"] = whole[2 + shift : -2]
    return found


def leaks(sinks: dict[str, bytes]) -> list[str]:
    """Where a secret stands, and in which form."""
    wanted = {f"{what} as {how}": f for what, d in SECRETS.items() for how, f in forms(d).items()}
    wanted["PIN block"] = bytes.fromhex(PIN_BLOCK)
    wanted["PIN block as text"] = PIN_BLOCK.encode()
    return [
        f"{what} in {sink}"
        for sink, data in sinks.items()
        for what, f in wanted.items()
        if f in data
    ]


@pytest.fixture
def log_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Everything that is logged, at the most talkative level."""
    stream = io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with monkeypatch.context() as patched:
        patched.setattr("sys.stderr", stream)
        setup_logs("debug")
    yield stream
    root.handlers[:], root.level = before
    import structlog  # noqa: PLC0415 - only to put it back

    structlog.reset_defaults()


def card_messages() -> list[bytes]:
    """The card in ISO 8583: happy, declined, doubtful, and broken in many places."""
    secret = {
        "f2": PAN,
        "f35": f"{PAN}={TRACK_DATA}",
        "f45": f"B{PAN}^DEMO/CARD^{TRACK_DATA}",
        "f52": bytes.fromhex(PIN_BLOCK),
        "f22": "021",
    }
    sent = [request(amount=amount, **secret) for amount in (1000, 1051, 2084, 2085)]
    sent.append(request(f2=PAN, f43=f"SHOP {PAN}"[:40].ljust(40)))
    sent.append(request(f2=PAN, f48=f"free text {PAN} and more"))
    sent.append(request(f2=PAN, f37=PAN[:12], f42=PAN[:15]))
    sent.append(reversal(sent[0]))
    wires = [CODEC.encode(message) for message in sent]
    whole = wires[0]
    broken = [whole[:size] for size in range(20, len(whole), 23)]
    broken += [whole.replace(b"000000001000", b"00000000X000"), whole + whole, whole[4:]]
    broken.append(b"0100" + b"4000000000000000" + b"19" + PAN.encode() + b"123")
    broken.append(PAN.encode() * 10)
    return wires + broken


async def send_cards(house: House) -> None:
    """Send every card message on a line of its own; two broken ones do not end the sending."""
    for wire in card_messages():
        async with Acquirer(house.ports["acquirer"]) as line:
            line.raw(frame(wire))
            line.writer.write_eof()
            await line.closed()
    async with Acquirer(house.ports["acquirer"]) as line:
        line.raw(b"\xff\xff" + PAN.encode())
        await line.closed()
    async with Acquirer(house.ports["acquirer"]) as line:
        line.raw(frame(card_messages()[0])[:60])
        await asyncio.sleep(0.05)


async def send_json(client: httpx2.AsyncClient) -> AsyncIterator[bytes]:
    """Send JSON with the card where it belongs and where it does not; yield the answers."""
    good = card(2500, PAN)
    good["card"] |= {"track2": f"{PAN}={TRACK_DATA}", "verification_code": CVV}
    wrong = [
        good,
        card(2551, PAN),
        card(2585, PAN),
        json_transfer(purpose={"unstructured": [f"card {PAN}"]}),
        json_transfer(references={"end_to_end_id": f"E{PAN}"}),
        json_transfer(debtor={"name": PAN}),
        {**card(2500, PAN), "kind": PAN},
        {**card(2500, PAN), PAN: 1},
        card(2500, PAN + "0"),
        {"kind": "authorisation", "card": {"pan": PAN, PAN: PAN}},
        {"kind": "authorisation", "amount": PAN, "card": PAN},
    ]
    bodies = [json.dumps(one).encode() for one in wrong]
    bodies += [bodies[0][:-9], PAN.encode(), f'{{"a": {PAN}.0}}'.encode()]
    for body in bodies:
        done = await post(client, body, f"{new_idempotency_key()}")
        yield str(done.headers).encode() + done.content
        if "location" in done.headers:
            yield (await client.get(done.headers["location"])).content
    yield (await post(client, bodies[0], PAN)).content
    yield (await client.get(f"/v1/transactions/{PAN}")).content
    yield (await client.get(f"/{PAN}")).content


async def send_xml(client: httpx2.AsyncClient) -> AsyncIterator[bytes]:
    """Send ISO 20022 with the card in free text, in names, in wrong places and half."""
    good = build_pacs008(transfer(2500), **leg())
    texts = [
        good.replace(b"Aigerim Demo", PAN.encode()),
        good.replace(b"</Cdtr>", b"</Cdtr><Wrong>" + PAN.encode() + b"</Wrong>"),
        good.replace(b">25.00<", b">" + PAN.encode() + b"<"),
        good.replace(b"DE89370400440532013000", PAN.encode()),
        good.replace(b"SHAR", PAN.encode()),
        good.replace(b"DEMODEFFXXX", PAN.encode()),
        pacs008(2500)[:-50].replace(b"Aigerim Demo", PAN.encode()),
        b"<a>" + PAN.encode() + b"</a>",
        PAN.encode(),
    ]
    headers = {"content-type": "application/xml"}
    for data in texts:
        yield (await client.post("/v1/iso20022", content=data, headers=headers)).content


def sqlite_sinks(folder: Path) -> dict[str, bytes]:
    """The files of the folder: database, write-ahead log, keys."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


async def postgres_sinks(url: str) -> dict[str, bytes]:
    """Every table, all columns, text and bytes alike."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname='public'")
        sinks = {}
        for (table,) in tables:
            rows = await connection.fetch(f'SELECT * FROM "{table}"')  # noqa: S608 - our own table
            cells = [cell for row in rows for cell in row.values()]
            raw = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells]
            sinks[f"table {table}"] = b"\n".join(raw)
        return sinks
    finally:
        await connection.close()


@asynccontextmanager
async def tap(house: House) -> AsyncIterator[list[bytes]]:
    """Copy everything that is published to the work exchange."""
    settings, seen = house.core.settings.broker, []
    if settings.url == "memory:":
        yield seen
        return
    connection = await aio_pika.connect(settings.url)
    async with connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(Topology(settings.prefix).work, "#")

        async def note(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            seen.append(message.body + repr(message.properties).encode())

        await queue.consume(note, no_ack=True)
        yield seen


async def test_nothing_leaks(any_house: NewHouse, log_lines: io.StringIO, tmp_path: Path) -> None:
    """The marked card is in no sink, whatever it went through."""
    house = await any_house()
    sinks: dict[str, bytes] = {}
    async with tap(house) as taken, house.http() as client:
        await send_cards(house)
        for name, answers in (("JSON", send_json(client)), ("XML", send_xml(client))):
            number = 0
            async for answer in answers:
                number += 1
                sinks[f"answer {number} to {name}"] = answer
        sinks["metrics"] = (await client.get("/metrics")).content
        await until(lambda: house.provider.count("reverse") >= 2)
        sinks["broker"] = b"\n".join(taken)
        shared = house.core.settings.broker.url != "memory:"
        assert bool(taken) is shared
    url = house.core.settings.store.url
    sinks |= await postgres_sinks(url) if shared else {}
    sinks |= sqlite_sinks(tmp_path)
    sinks["logs"] = log_lines.getvalue().encode()
    sinks["events"] = repr(house.logs).encode()
    assert len(sinks["logs"]) > 1000
    found = leaks(sinks)
    assert not found, "\n".join(found)


def test_the_search_finds_what_is_there() -> None:
    """A search that finds nothing anywhere would be no proof."""
    for how, form in forms(PAN).items():
        assert leaks({"sink": b"before" + form + b"after"}), how
    for shift in range(4):
        text = base64.b64encode(b"x" * shift + PAN.encode() + b"yy")
        assert leaks({"sink": text}), shift
