"""ISO 20022 through the whole gateway: each message gets its answer in its own standard."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from lxml import etree
from tests.flow.conftest import NewHouse
from tests.flow.house import House, until

from msggw.canonical import State, Transaction
from msggw.canonical.document import build
from msggw.iso20022 import build_camt056, build_pacs004, build_pacs008, build_pacs028, validate

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
XML = {"content-type": "application/xml"}
_numbers = itertools.count(1)


def transfer(minor: int = 2500, number: int | None = None) -> Transaction:
    """A credit transfer with references of its own."""
    number = next(_numbers) if number is None else number
    document = {
        "kind": "credit_transfer",
        "amount": {"value": f"{minor // 100}.{minor % 100:02d}", "currency": "EUR"},
        "debtor": {"name": "Aigerim Demo"},
        "debtor_account": {"iban": "KZ86125KZT5004100100"},
        "debtor_agent": {"bic": "DEMOKZKAXXX"},
        "creditor": {"name": "Example Books GmbH"},
        "creditor_account": {"iban": "DE89370400440532013000"},
        "creditor_agent": {"bic": "DEMODEFFXXX"},
        "references": {
            "end_to_end_id": f"E2E-{number:06d}",
            "transaction_id": f"TX-{number:06d}",
            "uetr": f"7c6f1d0e-52a4-4c1e-9d2b-{number:012d}",
        },
        "settlement": {"method": "CLRG", "charge_bearer": "SHAR"},
    }
    return build(Transaction, document)


def leg(message_id: str | None = None) -> dict[str, object]:
    """Who sends to whom, and when."""
    message_id = message_id or f"MSG-{next(_numbers):06d}"
    parties = {"sender": "DEMOKZKAXXX", "receiver": "MSGGKZKAXXX"}
    return {"message_id": message_id, "now": NOW, **parties}


def pacs008(*minors: int, message_id: str | None = None) -> bytes:
    """A message with one transfer per amount."""
    return build_pacs008([transfer(minor) for minor in minors], **leg(message_id))


def texts(xml: bytes, name: str) -> list[str | None]:
    """The texts of every element with a local name."""
    return [node.text for node in etree.fromstring(xml).iter("{*}" + name)]


async def post(client: httpx2.AsyncClient, data: bytes, **headers: str) -> httpx2.Response:
    """Post a message."""
    return await client.post("/v1/iso20022", content=data, headers={**XML, **headers})


@pytest.fixture
async def client(gateway: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the embedded gateway."""
    async with gateway.http() as client:
        yield client


async def test_one_transfer(any_house: NewHouse) -> None:
    """pacs.008 is answered by pacs.002 ACSC, schema-valid, with sender and receiver swapped."""
    house = await any_house()
    async with house.http() as client:
        done = await post(client, pacs008(2500))
        assert (200, "application/xml") == (done.status_code, done.headers["content-type"])
        assert ["ACSC"] == texts(done.content, "TxSts")
        assert ["pacs.002.001.10"] == texts(done.content, "MsgDefIdr")[:1]
        assert () == validate(done.content)
        assert ["MSGGKZKAXXX", "DEMOKZKAXXX"] == texts(done.content, "BICFI")[:2]
        assert 1 == house.provider.count("submit")


async def test_many_transfers(any_house: NewHouse) -> None:
    """Each transfer of a message has a fate and a status of its own, in order."""
    house = await any_house()
    async with house.http() as client:
        done = await post(client, pacs008(2500, 2551, 2582, 2500))
        assert ["ACSC", "RJCT", "PDNG", "ACSC"] == texts(done.content, "TxSts")
        assert ["AM04"] == texts(done.content, "Cd")
        assert 4 == house.provider.count("submit")


async def test_resend(any_house: NewHouse) -> None:
    """The same message again gets the same bytes, and nothing is paid twice."""
    house = await any_house()
    async with house.http() as client:
        for data in (pacs008(2500), pacs008(2500, 2551)):
            first, again = await post(client, data), await post(client, data)
            assert first.content == again.content
        assert 3 == house.provider.count("submit")


async def test_resend_while_it_is_worked_on(any_house: NewHouse) -> None:
    """Twenty copies at once: one is executed, the others are told to ask again."""
    house = await any_house()
    release = asyncio.Event()
    house.provider.before = lambda _: release.wait()
    async with house.http() as client:
        data = pacs008(2500)
        tasks = [asyncio.ensure_future(post(client, data)) for _ in range(20)]
        await until(lambda: sum(task.done() for task in tasks), 19)
        release.set()
        results = await asyncio.gather(*tasks)
        codes = [done.status_code for done in results]
        assert (1, 19) == (codes.count(200), codes.count(409))
        assert 1 == house.provider.count("submit")
        assert ["ACSC"] == texts((await post(client, data)).content, "TxSts")


async def test_used_identification(client: httpx2.AsyncClient, gateway: House) -> None:
    """Other content under a used message id is refused with AM05 and not executed."""
    await post(client, pacs008(2500, message_id="USED-1"))
    done = await post(client, pacs008(9900, message_id="USED-1"))
    assert ["RJCT"] == texts(done.content, "TxSts")
    assert ["AM05"] == texts(done.content, "Cd")
    assert 1 == gateway.provider.count("submit")


async def test_status_request(client: httpx2.AsyncClient, gateway: House) -> None:
    """pacs.028 tells how the original stands; an unknown original is RJCT NOOR."""
    one, two = transfer(2500), transfer(2551)
    await post(client, build_pacs008([one, two], **leg()))
    statuses = []
    for asked in (one, two, transfer()):
        done = await post(client, build_pacs028(asked, **leg()))
        statuses.append((texts(done.content, "TxSts"), texts(done.content, "Cd")))
    assert [(["ACSC"], []), (["RJCT"], ["AM04"]), (["RJCT"], ["NOOR"])] == statuses
    assert 2 == gateway.provider.count("submit")


async def test_status_of_what_is_settled_later(any_house: NewHouse) -> None:
    """A pending transfer is PDNG, and ACSC once the inquiry has found it executed."""
    house = await any_house()
    async with house.http() as client:
        asked = transfer(2582)
        await post(client, build_pacs008(asked, **leg()))
        done = await post(client, build_pacs028(asked, **leg()))
        assert ["PDNG"] == texts(done.content, "TxSts")
        await house.reaches(house.provider.submitted()[0], State.APPROVED)
        done = await post(client, build_pacs028(asked, **leg()))
        assert ["ACSC"] == texts(done.content, "TxSts")


async def test_cancellation(client: httpx2.AsyncClient, gateway: House) -> None:
    """camt.056: what is pending is cancelled, what is executed stays."""
    pending, executed = transfer(2582), transfer(2500)
    await post(client, build_pacs008([pending, executed], **leg()))
    told = []
    for about in (pending, executed, transfer()):
        done = await post(client, build_camt056(about, **leg()))
        assert ["camt.029.001.09"] == texts(done.content, "MsgDefIdr")[:1]
        assert () == validate(done.content)
        told.append(texts(done.content, "TxCxlSts") or texts(done.content, "Conf"))
    assert [["ACCR"], ["RJCR"], ["RJCR"]] == told
    assert 2 == gateway.provider.count("cancel")
    assert "cancelled" == gateway.provider.standing(gateway.provider.submitted()[0])


async def test_return(client: httpx2.AsyncClient, gateway: House) -> None:
    """pacs.004 is a payment of its own and is answered by pacs.002."""
    original = transfer()
    await post(client, build_pacs008(original, **leg()))
    done = await post(client, (EXAMPLES / "pacs.004.xml").read_bytes())
    assert ["ACSC"] == texts(done.content, "TxSts")
    assert 2 == gateway.provider.count("submit")
    assert build_pacs004 is not None


async def test_bare_document(client: httpx2.AsyncClient) -> None:
    """A Document without a header gets a Document without a header."""
    done = await post(client, build_pacs008(transfer(), header=False, **leg()))
    assert ["ACSC"] == texts(done.content, "TxSts")
    assert [] == texts(done.content, "MsgDefIdr")


async def test_invalid_message(client: httpx2.AsyncClient, gateway: House) -> None:
    """Schema and rule faults come back in pacs.002 RJCT with their paths; nothing is executed."""
    done = await post(client, (EXAMPLES / "pacs.008-invalid.xml").read_bytes())
    assert 200 == done.status_code
    assert {"RJCT"} == set(texts(done.content, "GrpSts") + texts(done.content, "TxSts"))
    assert any("/" in (text or "") for text in texts(done.content, "AddtlInf"))
    assert [] == gateway.provider.calls


GOOD = pacs008(2500)
HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'
ATTACKS: dict[str, bytes] = {
    "nothing": b"",
    "JSON": b'{"a": 1}',
    "noise": bytes(range(256)),
    "half a message": GOOD[:-40],
    "a DOCTYPE": GOOD.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
    "an external entity": GOOD.replace(b"?>", b'?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1),
    "a wrong encoding": GOOD.replace(b"UTF-8", b"UTF-16", 1),
    "depth": HEAD + b"<a>" * 5000 + b"</a>" * 5000,
    "attributes": HEAD + b"<a " + b" ".join(b'x%d=""' % n for n in range(500)) + b"/>",
    "another schema": HEAD + b'<Document xmlns="urn:x"/>',
    "a message nobody serves": GOOD.replace(b"pacs.008.001.08", b"pain.001.001.09"),
    "a sign": GOOD.replace(b">25.00<", b">-25.00<"),
    "an exponent": GOOD.replace(b">25.00<", b">25e2<"),
    "a wrong IBAN": GOOD.replace(b"DE89370400440532013000", b"DE00370400440532013000"),
    "a BIC of nowhere": GOOD.replace(b"DEMODEFFXXX", b"DEMO99FFXXX"),
    "two identifications": GOOD.replace(b"</MsgId>", b"</MsgId><MsgId>X</MsgId>", 1),
}


@pytest.mark.parametrize("what", ATTACKS)
async def test_attacks(client: httpx2.AsyncClient, gateway: House, what: str) -> None:
    """Each is refused: pacs.002 RJCT if it is readable, else admi.002 with 400; never executed."""
    done = await post(client, ATTACKS[what])
    assert "application/xml" == done.headers["content-type"]
    if done.status_code == 200:
        assert "RJCT" in texts(done.content, "GrpSts") + texts(done.content, "TxSts")
    else:
        assert 400 == done.status_code
        assert b"admi.002" in done.content
    assert () == validate(done.content)
    assert [] == gateway.provider.calls
    assert [] == gateway.logged("http.defect")


async def test_comments_do_not_change_an_amount(client: httpx2.AsyncClient, gateway: House) -> None:
    """A comment or an instruction inside an amount is no content: the whole amount is executed."""
    for between in (b"<!-- 1 -->", b"<?x 1?>"):
        done = await post(client, pacs008(2500).replace(b">25.00<", b">2" + between + b"5.00<"))
        executed = [work.transaction.amount.minor for work in gateway.provider.works]
        assert {2500} >= set(executed)
        assert executed or "RJCT" in texts(done.content, "GrpSts") or done.status_code == 400


async def test_limits_and_media_types(new_house: NewHouse) -> None:
    """413 beyond the size, 415 for another media type, 401 without a key: problem documents."""
    house = await new_house(http={"body_bytes_max": 4096, "open_partner": None})
    async with house.http() as client:
        assert 401 == (await post(client, GOOD)).status_code
    house = await new_house(http={"body_bytes_max": 1024}, instance="flow-2")
    async with house.http() as client:
        done = await post(client, GOOD)
        assert (413, "too-large") == (done.status_code, done.json()["code"])
        done = await client.post("/v1/iso20022", content=GOOD, headers={"content-type": "text/csv"})
        assert 415 == done.status_code


async def test_refusals_are_counted(client: httpx2.AsyncClient, gateway: House) -> None:
    """Refused messages count by rule, answered ones by reason."""
    await post(client, b"<a/>")
    await post(client, pacs008(2500))
    text = gateway.core.metrics.render().decode()
    assert 'msggw_refused_total{rule="' in text
    assert (
        'msggw_answers_total{kind="credit_transfer",reason="approved",standard="iso20022"}' in text
    )
