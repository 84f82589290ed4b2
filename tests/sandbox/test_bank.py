from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from lxml import etree

from msggw.sandbox import Bank, serve_bank

XSD = Path(__file__).parents[2] / "xsd"
UETR = "11111111-2222-4333-8444-55555555555{}"


def transfer(amount: str = "10.00", number: int = 1, message_id: str | None = None) -> bytes:
    """A pacs.008 with as much as the bank looks at."""
    return _message(
        "pacs.008.001.08",
        f"<FIToFICstmrCdtTrf><GrpHdr><MsgId>{message_id or f'M{number}'}</MsgId></GrpHdr>"
        f"<CdtTrfTxInf><PmtId><EndToEndId>E{number}</EndToEndId>"
        f"<UETR>{UETR.format(number)}</UETR></PmtId>"
        f'<IntrBkSttlmAmt Ccy="EUR">{amount}</IntrBkSttlmAmt></CdtTrfTxInf></FIToFICstmrCdtTrf>',
    )


def about(name: str, number: int = 1) -> bytes:
    """A pacs.028, pacs.004 or camt.056 about transfer `number`."""
    references = (
        f"<TxInf><OrgnlGrpInf><OrgnlMsgId>M{number}</OrgnlMsgId></OrgnlGrpInf>"
        f"<OrgnlEndToEndId>E{number}</OrgnlEndToEndId>"
        f"<OrgnlUETR>{UETR.format(number)}</OrgnlUETR>"
        '<RtrdIntrBkSttlmAmt Ccy="EUR">10.00</RtrdIntrBkSttlmAmt></TxInf>'
    )
    head = f"<Assgnmt><Id>A{number}</Id></Assgnmt>" if name.startswith("camt") else ""
    head = head or f"<GrpHdr><MsgId>R{number}</MsgId></GrpHdr>"
    return _message(name, f"<Body>{head}{references}</Body>")


def _message(name: str, body: str) -> bytes:
    def agent(tag: str, bic: str) -> str:
        return f"<{tag}><FIId><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></FIId></{tag}>"

    return (
        '<E xmlns="urn:x"><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02">'
        f"{agent('Fr', 'ALFAKZKA')}{agent('To', 'BETADEFF')}<BizMsgIdr>B1</BizMsgIdr></AppHdr>"
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}">{body}</Document></E>'
    ).encode()


@asynccontextmanager
async def bank():
    """A bank on a free port and a client of it."""
    async with Bank() as sim:
        await sim.listen()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{sim.port}") as http:
            yield sim, http


def status(answer: httpx2.Response) -> tuple[str, str]:
    """Status and reason of the first transaction."""
    tree = etree.fromstring(answer.content)
    found = tree.find(".//{*}TxSts")
    if found is None:
        found = tree.find(".//{*}TxCxlSts")
    return found.text, tree.findtext(".//{*}Rsn/{*}Cd") or ""


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("pacs.028.001.03", "pacs.002.001.10"),
        ("pacs.004.001.09", "pacs.002.001.10"),
        ("camt.056.001.08", "camt.029.001.09"),
    ],
)
async def test_answers_are_valid(name: str, schema: str) -> None:
    """Header and document of every answer satisfy the schemas; sender and receiver swap."""
    async with bank() as (_, http):
        for sent, expected in ((transfer(), "pacs.002.001.10"), (about(name), schema)):
            tree = etree.fromstring((await http.post("/", content=sent)).content)
            assert tree.tag == "{urn:x}E"
            header, document = tree
            for part, xsd in ((header, "head.001.001.02"), (document, expected)):
                alone = etree.fromstring(etree.tostring(part))
                etree.XMLSchema(file=str(XSD / f"{xsd}.xsd")).assertValid(alone)
            assert header.findtext(".//{*}Fr//{*}BICFI") == "BETADEFF"


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("10.00", ("ACSC", "")),
        ("10", ("ACSC", "")),
        ("10.5", ("ACSC", "")),
        ("10.51", ("RJCT", "AM04")),
        ("10.62", ("RJCT", "AC06")),
        ("10.96", ("RJCT", "NARR")),
        ("10.82", ("PDNG", "")),
        ("x", ("ACSC", "")),
    ],
)
async def test_amounts_choose_the_status(amount: str, expected: tuple[str, str]) -> None:
    """The hundredths choose; whole units mean zero hundredths."""
    async with bank() as (_, http):
        assert status(await http.post("/", content=transfer(amount))) == expected


async def test_the_same_message_is_executed_once() -> None:
    """Same ids: same answer. Another message with a live UETR: duplicate."""
    async with bank() as (sim, http):
        answers = [status(await http.post("/", content=transfer())) for _ in range(2)]
        assert [("ACSC", ""), ("ACSC", "")] == answers
        other = await http.post("/", content=transfer(message_id="M99"))
        assert status(other) == ("RJCT", "AM05")
        assert sim.ledger.as_dict()["events"] == {"booked": 1, "asked_again": 1, "declined": 1}


async def test_inquiry_settles_what_is_pending() -> None:
    """pacs.028: unknown is NOOR; pending becomes settled."""
    async with bank() as (_, http):
        ask = about("pacs.028.001.03")
        assert status(await http.post("/", content=ask)) == ("RJCT", "NOOR")
        assert status(await http.post("/", content=transfer("10.82"))) == ("PDNG", "")
        assert status(await http.post("/", content=ask)) == ("ACSC", "")


async def test_only_pending_can_be_cancelled() -> None:
    """camt.056: pending is cancelled, also twice; settled and refused are not; unknown is NOOR."""
    async with bank() as (_, http):
        await http.post("/", content=transfer("10.82", 1))
        await http.post("/", content=transfer("10.00", 2))
        await http.post("/", content=transfer("10.51", 3))
        numbers = (1, 1, 2, 3, 4)
        found = [status(await http.post("/", content=about("camt.056.001.08", n))) for n in numbers]
        expected = [("ACCR", "")] * 2 + [("RJCR", "ARDT"), ("RJCR", "NOAS"), ("RJCR", "NOOR")]
        assert found == expected
        ask = await http.post("/", content=about("pacs.028.001.03", 1))
        assert status(ask) == ("CANC", "CUST")


async def test_a_return_undoes_its_transfer() -> None:
    """pacs.004 is booked itself, and its original is marked as returned."""
    async with bank() as (sim, http):
        await http.post("/", content=transfer())
        assert status(await http.post("/", content=about("pacs.004.001.09"))) == ("ACSC", "")
        states = [entry["state"] for entry in sim.ledger.as_dict()["entries"]]
        assert states == ["returned", "booked"]


@pytest.mark.parametrize("end", ["68", "69"])
async def test_lost_messages(end: str) -> None:
    """68 loses the answer after booking, 69 the request before it."""
    async with bank() as (sim, http):
        with pytest.raises(httpx2.ReadTimeout):
            await http.post("/", content=transfer(f"10.{end}"), timeout=0.1)
        assert len(sim.ledger.as_dict()["entries"]) == (1 if end == "68" else 0)


@pytest.mark.parametrize(
    ("fault", "booked"), [("disconnect", 1), ("disconnect_before", 0), ("disconnect_middle", 1)]
)
async def test_disconnects(fault: str, booked: int) -> None:
    """The connection ends before or within the answer."""
    async with bank() as (sim, http):
        sim.faults.add({"fault": fault})
        with pytest.raises(httpx2.RemoteProtocolError):
            await http.post("/", content=transfer())
        assert len(sim.ledger.as_dict()["entries"]) == booked


async def test_spoilt_answers() -> None:
    """Cut XML, other references, late and slow answers, an HTTP status."""
    async with bank() as (sim, http):
        with pytest.raises(etree.XMLSyntaxError):
            status(await http.post("/", content=transfer("10.84", 1)))
        wrong = await http.post("/", content=transfer("10.86", 2))
        assert b"OTHER" in wrong.content
        for number, rule in ((3, "late"), (4, "slow_drip")):
            sim.faults.add({"fault": rule, "ms": 0, "times": 1})
            answer = await http.post("/", content=transfer(number=number))
            assert status(answer) == ("ACSC", "")
        sim.faults.add({"fault": "http", "code": "502"})
        assert (await http.post("/", content=transfer(number=5))).status_code == 502


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<a/>", _message("pain.001.001.09", "<x/>"), transfer()[:99]]
)
async def test_what_is_no_message_gets_admi_002(body: bytes) -> None:
    """A status 400 with a valid admi.002."""
    async with bank() as (_, http):
        answer = await http.post("/", content=body)
        tree = etree.fromstring(answer.content)
        etree.XMLSchema(file=str(XSD / "admi.002.001.01.xsd")).assertValid(tree)
        assert answer.status_code == 400


async def test_only_post_is_taken() -> None:
    """GET has nothing to give; a bare document gets a bare document."""
    async with bank() as (_, http):
        assert (await http.get("/")).status_code == 405
        bare = etree.tostring(etree.fromstring(transfer())[1])
        assert etree.QName(
            etree.fromstring((await http.post("/", content=bare)).content)
        ).localname == ("Document")


@pytest.mark.parametrize(
    "head",
    [
        b"rubbish\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nx: " + b"x" * 70_000,
        b"POST / HTTP/1.1\r\nx: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_hung_up_on(head: bytes) -> None:
    """Nothing unbounded is read."""
    async with bank() as (sim, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
        writer.write(head)
        with suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()


async def test_it_may_be_stopped_before_it_listens() -> None:
    """Nothing was opened, so nothing has to be closed."""
    async with Bank() as sim:
        assert sim.port == 0


async def test_it_serves_until_cancelled(tmp_path) -> None:
    """Both ports are told when they listen, and every event is in the file at once."""
    path = tmp_path / "ledger.jsonl"
    ready: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve_bank(ledger_path=path, ready=lambda *ports: ready.set_result(ports))
    )
    port, admin_port = await ready
    async with httpx2.AsyncClient() as http:
        await http.post(f"http://127.0.0.1:{port}/", content=transfer())
        assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["booked"]
        links = await http.delete(f"http://127.0.0.1:{admin_port}/__sim/links")
        assert links.status_code == 404
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
