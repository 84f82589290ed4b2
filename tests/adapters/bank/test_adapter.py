from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.adapter.submissions import NOW, card, context, submission, transfer

from msggw.adapter import HealthStatus
from msggw.adapter.contract import Subject, broken
from msggw.canonical import Kind, OutcomeKind, Reason
from msggw.errors import ConfigurationError
from msggw.iso20022 import identify
from msggw.sandbox import Bank as Simulator
from msggw_adapters.bank import Bank, Settings, create
from msggw_adapters.bank.mapping import (
    build_cancellation,
    build_inquiry,
    message_id_of,
    outcome_of,
)


def settings(port: int, **more) -> dict:
    """Settings for a bank on this port."""
    base = {
        "url": f"http://127.0.0.1:{port}/iso20022",
        "sender": "MSGGDEFF",
        "receiver": "BETADEFF",
    }
    return base | {"timeout_s": 3, "connect_timeout_s": 1} | more


@asynccontextmanager
async def bank(**more):
    """A simulated bank and a started adapter for it."""
    async with Simulator() as sim:
        await sim.listen()
        adapter = create(settings(sim.port, **more), context())
        await adapter.start()
        try:
            yield sim, adapter
        finally:
            await adapter.stop()


def entries(sim: Simulator) -> list[dict]:
    """What the bank has in its books."""
    return sim.ledger.as_dict()["entries"]


async def test_the_contract_is_kept() -> None:
    """Against the simulator, and against a port where nobody listens."""
    async with Simulator() as sim:
        await sim.listen()

        async def executed(work) -> int:
            uetr = str(work.transaction.references.uetr)
            return sum(item["state"] == "booked" for item in entries(sim) if uetr in item["key"])

        subject = Subject(
            make=lambda: create(settings(sim.port), context()),
            make_down=lambda: create(settings(1), context()),
            submission=lambda: submission(transfer(), timeout_s=3.0),
            executed=executed,
        )
        assert await broken(subject) == {}


@pytest.mark.parametrize(
    ("minor", "kind", "reason"),
    [
        (10_00, OutcomeKind.ACCEPTED, Reason.APPROVED),
        (10_51, OutcomeKind.REJECTED, Reason.INSUFFICIENT_FUNDS),
        (10_54, OutcomeKind.REJECTED, None),
        (10_91, OutcomeKind.REJECTED, Reason.ISSUER_UNAVAILABLE),
        (10_82, OutcomeKind.PENDING, Reason.PENDING),
        (10_84, OutcomeKind.UNKNOWN, Reason.FORMAT_ERROR),
        (10_86, OutcomeKind.UNKNOWN, Reason.FORMAT_ERROR),
        (10_87, OutcomeKind.UNKNOWN, Reason.TIMED_OUT),
        (10_88, OutcomeKind.ACCEPTED, Reason.APPROVED),
    ],
)
async def test_fault_matrix(minor: int, kind: OutcomeKind, reason: Reason | None) -> None:
    """What the bank does decides the outcome; a doubt is never a guess."""
    async with bank() as (_, adapter):
        outcome = await adapter.submit(submission(transfer(minor)))
        assert kind is outcome.kind
        assert reason in {None, outcome.reason}
        assert outcome.provider == "bank"


@pytest.mark.parametrize("minor", [10_68, 10_69])
async def test_a_lost_message_is_unknown_and_inquiry_tells(minor: int) -> None:
    """68 was executed, 69 was not; only the bank knows, and pacs.028 asks it."""
    async with bank() as (sim, adapter):
        work = submission(transfer(minor), timeout_s=0.2)
        outcome = await adapter.submit(work)
        assert (OutcomeKind.UNKNOWN, Reason.TIMED_OUT) == (outcome.kind, outcome.reason)
        again = replace(work, provider_reference=outcome.provider_reference, timeout_s=3.0)
        told = await adapter.inquire(again)
        if len(entries(sim)) == 1:
            assert told.kind is OutcomeKind.ACCEPTED
        else:
            assert told.reason is Reason.ORIGINAL_NOT_FOUND


REPORT = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10"><FIToFIPmtStsRpt><GrpHdr>'
    "<MsgId>R1</MsgId><CreDtTm>2026-09-21T14:13:20Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
    "<OrgnlMsgId>{}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
    "<GrpSts>{}</GrpSts></OrgnlGrpInfAndSts></FIToFIPmtStsRpt></Document>"
)
UNREADABLE = (
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"><admi.002.001.01><RltdRef>'
    "<Ref>R1</Ref></RltdRef><Rsn><RjctgPtyRsn>FF01</RjctgPtyRsn></Rsn></admi.002.001.01></Document>"
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (REPORT.format("OURS", "ACSC"), OutcomeKind.ACCEPTED),
        (REPORT.format("OURS", "RJCT"), OutcomeKind.REJECTED),
        (REPORT.format("OURS", "ACSP"), OutcomeKind.PENDING),
        (REPORT.format("OURS", "XXXX"), OutcomeKind.UNKNOWN),
        (REPORT.format("OTHER", "ACSC"), OutcomeKind.UNKNOWN),
        (UNREADABLE, OutcomeKind.REJECTED),
        ("<html/>", OutcomeKind.UNKNOWN),
        ("", OutcomeKind.UNKNOWN),
    ],
)
def test_answers_about_the_whole_message(body: str, kind: OutcomeKind) -> None:
    """A group status counts if it is about our message id; admi.002 is a definite no."""
    work = submission(transfer())
    about = message_id_of(work.idempotency_key)
    now = datetime.fromtimestamp(NOW, UTC)
    data = body.replace("OURS", about).encode()
    assert kind is outcome_of(work, data, now, about=about).kind


def test_each_question_is_a_message_of_its_own() -> None:
    """A question has its own id, another one when asked again, and names the transfer's."""
    work = submission(transfer())
    now, chosen = datetime.fromtimestamp(NOW, UTC), Settings(**settings(1))
    sent = message_id_of(work.idempotency_key)
    asked = [
        build(replace(work, attempt=attempt), chosen, now)
        for build in (build_inquiry, build_cancellation)
        for attempt in (1, 2)
    ]
    ids = {identify(data).message_id for data in asked}
    assert (4, False) == (len(ids), sent in ids)
    assert [True, True] == [sent.encode() in data for data in asked[:2]]


async def test_a_crash_in_between_does_not_lose_the_transfer() -> None:
    """Another process, with nothing but the transaction, finds it by its UETR."""
    async with bank() as (sim, adapter):
        no_uetr = transfer()
        bare = no_uetr.references.model_copy(update={"uetr": None})
        work = submission(no_uetr.model_copy(update={"references": bare}))
        await adapter.submit(work)
        other = create(settings(sim.port), context())
        await other.start()
        found = await other.inquire(replace(work, idempotency_key="another"))
        await other.stop()
        assert found.kind is OutcomeKind.ACCEPTED


async def test_pending_is_settled_by_inquiry_or_cancelled() -> None:
    """82: asked about it is executed; another is cancelled, and stays so."""
    async with bank() as (_, adapter):
        asked, cancelled = submission(transfer(10_82)), submission(transfer(10_82))
        for work in (asked, cancelled):
            assert (await adapter.submit(work)).kind is OutcomeKind.PENDING
        assert (await adapter.inquire(asked)).kind is OutcomeKind.ACCEPTED
        answer = await adapter.cancel(cancelled)
        assert (OutcomeKind.ACCEPTED, Reason.CANCELLED) == (answer.kind, answer.reason)
        assert (await adapter.inquire(cancelled)).kind is OutcomeKind.REJECTED
        assert (await adapter.cancel(asked)).kind is OutcomeKind.REJECTED


async def test_the_same_attempt_twice_is_executed_once() -> None:
    """Same key, same message id: the bank answers again and books once."""
    async with bank() as (sim, adapter):
        work = submission(transfer())
        kinds = [(await adapter.submit(work)).kind for _ in range(2)]
        assert [OutcomeKind.ACCEPTED] * 2 == kinds
        assert [item["times_asked"] for item in entries(sim)] == [2]


async def test_a_return_is_sent_as_pacs_004() -> None:
    """The original at the bank is marked, the return is booked."""
    async with bank() as (sim, adapter):
        sent = transfer()
        await adapter.submit(submission(sent))
        named = sent.references
        back = transfer(
            kind=Kind.RETURN,
            original={
                "message_id": "M1",
                "message_name": "pacs.008.001.08",
                "end_to_end_id": named.end_to_end_id,
                "transaction_id": named.transaction_id,
                "uetr": named.uetr,
                "reason_code": "AC04",
            },
        )
        outcome = await adapter.submit(submission(back))
        assert (OutcomeKind.ACCEPTED, None) == (outcome.kind, outcome.detail)
        assert ["returned", "booked"] == [item["state"] for item in entries(sim)]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("429", OutcomeKind.NOT_SENT),
        ("307", OutcomeKind.NOT_SENT),
        ("409", OutcomeKind.UNKNOWN),
        ("500", OutcomeKind.UNKNOWN),
        ("503", OutcomeKind.UNKNOWN),
        ("504", OutcomeKind.UNKNOWN),
        ("400", OutcomeKind.REJECTED),
        ("401", OutcomeKind.REJECTED),
        ("404", OutcomeKind.REJECTED),
    ],
)
async def test_http_statuses(status: str, kind: OutcomeKind) -> None:
    """Only a status that says so means that nothing happened; none answers the question."""
    async with bank() as (sim, adapter):
        work = submission(transfer())
        sim.faults.add({"fault": "http", "code": status})
        assert (await adapter.submit(work)).kind is kind
        assert (await adapter.inquire(work)).kind is OutcomeKind.UNKNOWN


@pytest.mark.parametrize("fault", ["disconnect_before", "disconnect_middle", "timeout_before"])
async def test_a_broken_exchange_is_in_doubt(fault: str) -> None:
    """Once the request has left, nothing but an answer ends the doubt."""
    async with bank() as (sim, adapter):
        sim.faults.add({"fault": fault})
        outcome = await adapter.submit(submission(transfer(), timeout_s=0.2))
        assert outcome.kind is OutcomeKind.UNKNOWN


async def test_slow_bytes_do_not_outlast_the_deadline() -> None:
    """Each byte in time is not enough; the whole answer has to be."""
    async with bank() as (sim, adapter):
        sim.faults.add({"fault": "slow_drip", "ms": 20})
        outcome = await adapter.submit(submission(transfer(), timeout_s=0.2))
        assert outcome.kind is OutcomeKind.UNKNOWN


async def test_what_cannot_be_written_is_rejected() -> None:
    """A card payment is no message to a bank; nothing is sent."""
    async with bank() as (sim, adapter):
        outcome = await adapter.submit(submission(card()))
        assert (OutcomeKind.REJECTED, Reason.FORMAT_ERROR) == (outcome.kind, outcome.reason)
        assert entries(sim) == []


async def test_health_follows_the_exchanges() -> None:
    """Down before start; degraded, then down with failures; healthy again after an answer."""
    async with bank() as (sim, adapter):
        seen = [adapter.health().status]
        sim.faults.add({"fault": "http", "code": "503", "times": 3})
        for _ in range(4):
            await adapter.submit(submission(transfer()))
            seen.append(adapter.health().status)
        up, less, down = HealthStatus.HEALTHY, HealthStatus.DEGRADED, HealthStatus.DOWN
        assert [up, less, less, down, up] == seen
    assert create(settings(1), context()).health().status is down


async def test_many_at_once() -> None:
    """Connections are shared; each answer finds its question."""
    async with bank(connections_max=4) as (sim, adapter):
        works = [submission(transfer(10_00 + 51 * (n % 2))) for n in range(20)]
        outcomes = await asyncio.gather(*(adapter.submit(work) for work in works))
        expected = [OutcomeKind.ACCEPTED, OutcomeKind.REJECTED] * 10
        assert expected == [outcome.kind for outcome in outcomes]
        assert len(entries(sim)) == 20


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """More bytes than an answer can have are not collected."""
    monkeypatch.setattr("msggw_adapters.bank.client.ANSWER_BYTES_MAX", 100)
    async with bank() as (_, adapter):
        outcome = await adapter.submit(submission(transfer()))
        assert (OutcomeKind.UNKNOWN, "no answer: the answer is too long") == (
            outcome.kind,
            outcome.detail,
        )


@pytest.mark.parametrize(
    "wrong", [{"url": "ftp://x"}, {"sender": "NOBIC"}, {"timeout_s": 0}, {"colour": "red"}]
)
def test_wrong_settings_are_refused(wrong: dict) -> None:
    """Before anything is opened."""
    with pytest.raises(ConfigurationError, match=f"adapters.bank:/{next(iter(wrong))}"):
        create(settings(1, **wrong), context())


def test_it_keeps_its_name() -> None:
    """The registry may give it another one."""
    adapter = create(settings(1), context())
    assert (Bank, "bank") == (type(adapter), adapter.name)
