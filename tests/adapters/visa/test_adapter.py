from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from tests.adapter.submissions import card, context, submission, transfer
from tests.adapters.visa.links import DIALECTS, events, settings, until, visa
from tests.sandbox.wire import HEADER

from msggw.adapter import HealthStatus
from msggw.adapter.contract import Subject, broken
from msggw.canonical import Kind, OutcomeKind, Reason
from msggw.errors import ConfigurationError
from msggw.sandbox import VisaHost
from msggw.sandbox.dialects import HostMessage
from msggw_adapters.visa import Visa, create


@pytest.mark.parametrize(("dialect", "framing"), DIALECTS)
async def test_the_contract_is_kept(dialect: str, framing: str) -> None:
    """On both dialects, against the simulator and against a port where nobody listens."""
    async with VisaHost(dialect=dialect, framing=framing) as sim:
        await sim.listen()

        async def executed(work) -> int:
            rrn = work.transaction.references.rrn
            entries = sim.ledger.as_dict()["entries"]
            return sum(e["state"] == "booked" and e["facts"]["rrn"] == rrn for e in entries)

        subject = Subject(
            make=lambda: create(settings(sim.port, dialect, framing), context()),
            make_down=lambda: create(settings(1, dialect, framing), context()),
            submission=lambda: submission(card(), timeout_s=3.0),
            executed=executed,
        )
        assert await broken(subject) == {}


@pytest.mark.parametrize(("dialect", "framing"), DIALECTS)
@pytest.mark.parametrize(
    ("minor", "kind", "reason"),
    [
        (10_00, OutcomeKind.ACCEPTED, Reason.APPROVED),
        (10_10, OutcomeKind.ACCEPTED, Reason.APPROVED_PARTIAL),
        (10_05, OutcomeKind.REJECTED, Reason.DO_NOT_HONOUR),
        (10_51, OutcomeKind.REJECTED, Reason.INSUFFICIENT_FUNDS),
        (10_54, OutcomeKind.REJECTED, Reason.EXPIRED_CARD),
        (10_91, OutcomeKind.REJECTED, Reason.ISSUER_UNAVAILABLE),
        (10_83, OutcomeKind.ACCEPTED, Reason.APPROVED),
        (10_84, OutcomeKind.UNKNOWN, None),
        (10_87, OutcomeKind.UNKNOWN, Reason.SYSTEM_MALFUNCTION),
        (10_88, OutcomeKind.ACCEPTED, Reason.APPROVED),
    ],
)
async def test_fault_matrix(
    dialect: str, framing: str, minor: int, kind: OutcomeKind, reason: Reason | None
) -> None:
    """What the host and the line do decides the outcome; a doubt is never a guess."""
    async with visa(dialect, framing) as (_, adapter):
        outcome = await adapter.submit(submission(card(minor), timeout_s=10.0))
        assert (kind, True) == (outcome.kind, reason in {None, outcome.reason})
        assert outcome.provider_reference is not None
        assert (outcome.approval_code is not None) == (kind is OutcomeKind.ACCEPTED)
        assert outcome.soft == (minor == 10_91)


@pytest.mark.parametrize("minor", [10_68, 10_69, 10_81, 10_86])
async def test_no_usable_answer_in_time_is_unknown_and_can_be_undone(minor: int) -> None:
    """Whether it was booked or not, the reversal is accepted and nothing stays booked."""
    async with visa() as (sim, adapter):
        work = submission(card(minor), timeout_s=0.15)
        outcome = await adapter.submit(work)
        assert (OutcomeKind.UNKNOWN, Reason.TIMED_OUT) == (outcome.kind, outcome.reason)
        undo = replace(work, provider_reference=outcome.provider_reference, timeout_s=3.0)
        assert (await adapter.reverse(undo)).kind is OutcomeKind.ACCEPTED
        states = {entry["state"] for entry in sim.ledger.as_dict()["entries"]}
        assert states <= {"reversed", "never"}


async def test_partial_approval_says_how_much() -> None:
    """DE 39 10 with DE 4: the amount approved."""
    async with visa() as (_, adapter):
        outcome = await adapter.submit(submission(card(10_10)))
        assert outcome.amount is not None
        assert 505 == outcome.amount.minor


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        (Kind.AUTHORISATION, "authorise"),
        (Kind.AUTHORISATION_ADVICE, "advise"),
        (Kind.FINANCIAL, "purchase"),
        (Kind.FINANCIAL_ADVICE, "advise"),
        (Kind.REFUND, "purchase"),
    ],
)
async def test_every_kind_has_its_message(kind: Kind, operation: str) -> None:
    """0100, 0120, 0200, 0220 all reach the books."""
    async with visa() as (sim, adapter):
        assert (await adapter.submit(submission(card(kind=kind)))).kind is OutcomeKind.ACCEPTED
        (entry,) = sim.ledger.as_dict()["entries"]
        assert operation == entry["operation"]


async def test_answers_in_any_order_find_their_questions() -> None:
    """Held and late answers are overtaken; each request gets its own."""
    async with visa() as (sim, adapter):
        sim.faults.add({"fault": "late", "ms": 60, "amount_minor": 1081})
        minors = [10_81, 10_83, 10_51, 10_00, 10_81, 10_10]
        works = [submission(card(minor)) for minor in minors]
        outcomes = await asyncio.gather(*(adapter.submit(work) for work in works))
        expected = ["00", "00", "51", "00", "00", "10"]
        assert expected == [outcome.response_code for outcome in outcomes]
        told = [outcome.provider_reference[:12] for outcome in outcomes]
        assert [work.transaction.references.rrn for work in works] == told


async def test_a_late_answer_is_logged_and_changes_nothing() -> None:
    """The caller has its UNKNOWN; the answer that comes after is only noted."""
    seen: list[str] = []
    lent = context(log=lambda event, **_: seen.append(event))
    async with visa(lent=lent) as (sim, adapter):
        sim.faults.add({"fault": "late", "ms": 120})
        outcome = await adapter.submit(submission(card(), timeout_s=0.05))
        assert outcome.kind is OutcomeKind.UNKNOWN
        await until(lambda: "visa.response.late" in seen)


async def test_an_answer_to_nothing_is_logged() -> None:
    """86: other references match no request; the log says what came nearest."""
    seen: dict[str, dict] = {}
    lent = context(log=lambda event, **values: seen.setdefault(event, values))
    async with visa(lent=lent) as (_, adapter):
        await adapter.submit(submission(card(10_86), timeout_s=0.1))
        assert "DE 11" in seen["visa.response.unmatched"]["why"]


async def test_a_reject_message_is_a_definite_no() -> None:
    """The scheme gives the message back behind its reject header; nothing was executed."""
    async with visa() as (sim, adapter):
        sim.faults.add({"fault": "reject", "times": 1})
        outcome = await adapter.submit(submission(card()))
        assert (OutcomeKind.REJECTED, Reason.FORMAT_ERROR) == (outcome.kind, outcome.reason)
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED
        assert {"booked": 1} == events(sim)


async def test_the_link_comes_back_by_itself() -> None:
    """After a cut NOT_SENT until it is signed on again, then business as usual."""
    async with visa() as (sim, adapter):
        sim.drop_links()
        await until(lambda: adapter.health().status is HealthStatus.DOWN)
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.NOT_SENT
        await until(lambda: adapter.health().status is HealthStatus.HEALTHY)
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED


async def test_a_host_that_appears_later_is_found() -> None:
    """`start` does not need the host; the link is made when it is there."""
    async with VisaHost() as first:
        await first.listen()
        port = first.port
    adapter = create(settings(port), context())
    await adapter.start()
    assert adapter.health().status is HealthStatus.DOWN
    async with VisaHost() as sim:
        await sim.listen(port=port)
        await until(lambda: adapter.health().status is HealthStatus.HEALTHY)
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED
        await adapter.stop()


async def test_a_request_in_flight_when_the_line_is_cut_is_unknown() -> None:
    """Booked or not: nobody on this side can tell."""
    async with visa() as (sim, adapter):
        sim.faults.add({"fault": "timeout_after"})
        task = asyncio.create_task(adapter.submit(submission(card())))
        await until(lambda: events(sim) == {"booked": 1})
        sim.drop_links()
        outcome = await task
        assert (OutcomeKind.UNKNOWN, Reason.SYSTEM_MALFUNCTION) == (outcome.kind, outcome.reason)


async def test_a_reversal_in_another_process_finds_the_original() -> None:
    """After a crash there is no outcome: DE 37 alone names the original."""
    async with visa() as (sim, adapter):
        work = submission(card())
        await adapter.submit(work)
        other = create(settings(sim.port), context())
        await other.start()
        assert (await other.reverse(work)).response_code == "00"
        assert (await other.reverse(replace(work, attempt=2))).response_code == "00"
        await other.stop()
        assert {"booked": 1, "reversed": 1, "asked_again": 1} == events(sim)


async def test_an_acquirers_reversal_is_undone_too() -> None:
    """A submission of kind REVERSAL is sent as 0420 about the same RRN."""
    async with visa() as (sim, adapter):
        bought = card()
        await adapter.submit(submission(bought))
        undo = bought.model_copy(update={"kind": Kind.REVERSAL})
        assert (await adapter.submit(submission(undo))).kind is OutcomeKind.ACCEPTED
        assert {"booked": 1, "reversed": 1} == events(sim)


async def test_a_refused_reversal_is_soft_and_a_lost_one_unknown() -> None:
    """Both are tried again by the worker until one is accepted."""
    async with visa() as (sim, adapter):
        work = submission(card())
        await adapter.submit(work)
        sim.faults.add({"fault": "decline", "code": "96", "operation": "reverse", "times": 1})
        sim.faults.add({"fault": "timeout_after", "operation": "reverse", "times": 1})
        refused = await adapter.reverse(work)
        assert (OutcomeKind.REJECTED, True) == (refused.kind, refused.may_retry)
        lost = await adapter.reverse(replace(work, attempt=2, timeout_s=0.05))
        assert lost.kind is OutcomeKind.UNKNOWN
        assert (await adapter.reverse(replace(work, attempt=3))).kind is OutcomeKind.ACCEPTED
        assert events(sim)["reversed"] == 1


async def test_a_partial_reversal_leaves_the_rest() -> None:
    """`amounts.replacement` goes out as DE 95."""
    async with visa() as (sim, adapter):
        bought = card(10_00, amounts={"replacement": {"value": "4.00", "currency": "KZT"}})
        work = submission(bought)
        await adapter.submit(work)
        assert (await adapter.reverse(work)).kind is OutcomeKind.ACCEPTED
        (entry,) = sim.ledger.as_dict()["entries"]
        assert ("booked", 400) == (entry["state"], entry["amount_minor"])


async def test_what_cannot_be_written_is_rejected_and_not_sent() -> None:
    """No card, a sealed PAN, a kind without message, a text that does not fit."""
    sealed = {"token": "0" * 32, "first6": "411111", "last4": "1111", "sealed": "x" * 16}
    bad = [
        transfer(),
        card(card={"pan": sealed}),
        card(terminal={"id": "TERMINAL-TOO-LONG"[:16]}),
    ]
    async with visa() as (sim, adapter):
        for transaction in bad:
            for operation in (adapter.submit, adapter.reverse):
                outcome = await operation(submission(transaction))
                assert (OutcomeKind.REJECTED, Reason.FORMAT_ERROR) == (outcome.kind, outcome.reason)
                assert not outcome.may_retry
        assert {} == events(sim)


async def test_stopping_waits_for_answers_within_its_limit() -> None:
    """What comes in time is delivered; what does not is UNKNOWN; new requests are NOT_SENT."""
    async with visa(stop_s=0.3) as (sim, adapter):
        sim.faults.add({"fault": "late", "ms": 50, "amount_minor": 1081})
        soon = asyncio.create_task(adapter.submit(submission(card(10_81))))
        never = asyncio.create_task(adapter.submit(submission(card(10_68))))
        await until(lambda: events(sim) == {"booked": 2})
        await adapter.stop()
        assert (OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN) == (
            (await soon).kind,
            (await never).kind,
        )
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.NOT_SENT
        assert adapter.health().detail == "stopped"


async def test_no_more_than_the_limit_in_flight() -> None:
    """What does not fit is NOT_SENT at once; nothing queues up here."""
    async with visa(in_flight_max=1) as (_, adapter):
        lost = asyncio.create_task(adapter.submit(submission(card(10_68), timeout_s=0.2)))
        await asyncio.sleep(0)
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.NOT_SENT
        assert (await lost).kind is OutcomeKind.UNKNOWN
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED


@pytest.mark.parametrize("fault", ["decline", "timeout_before"])
async def test_a_refused_sign_on_is_told_and_tried_again(fault: str) -> None:
    """Refused or not answered: health says so, submissions are NOT_SENT, and it is tried again."""
    async with VisaHost() as sim:
        await sim.listen()
        sim.faults.add({"fault": fault, "code": "05", "operation": "sign_on", "times": 1})
        adapter = create(settings(sim.port), context())
        task = asyncio.create_task(adapter.start())
        if fault == "decline":
            await task
            assert "sign-on refused with 05" in adapter.health().detail
        else:
            await until(lambda: len(sim.links) == 1)
            assert HealthStatus.DOWN is adapter.health().status
            sim.drop_links()
            await task
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.NOT_SENT
        await until(lambda: adapter.health().status is HealthStatus.HEALTHY)
        await adapter.stop()


async def test_without_sign_on_the_link_is_up_at_once() -> None:
    """Some hosts know their stations by the line."""
    async with VisaHost(sign_on_required=False) as sim:
        await sim.listen()
        adapter = create(settings(sim.port, sign_on=False), context())
        await adapter.start()
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED
        await adapter.stop()


@pytest.mark.parametrize(
    ("mti", "code", "expected"),
    [
        ("0800", "301", ("0810", "00")),
        ("0800", "161", ("0810", "40")),
        ("0600", "", ("0610", "40")),
    ],
)
async def test_what_the_host_asks_is_answered(
    mti: str, code: str, expected: tuple[str, str]
) -> None:
    """Echo by the session; what this link does not do is refused, not ignored."""
    async with visa() as (sim, adapter):
        fields = {7: "0921141320", 11: "000077"} | ({70: code} if code else {})
        sim.ask(HostMessage(mti, fields, HEADER))
        await until(lambda: sim.responses)
        assert expected == (sim.responses[0].mti, sim.responses[0].get(39))
        assert (await adapter.submit(submission(card()))).kind is OutcomeKind.ACCEPTED


async def test_a_host_that_signs_off_gets_nothing_more() -> None:
    """Maintenance: NOT_SENT until the host signs on again."""
    async with visa() as (sim, adapter):
        for code, kind in (("072", OutcomeKind.NOT_SENT), ("071", OutcomeKind.ACCEPTED)):
            sim.responses.clear()
            fields = {7: "0921141320", 11: "000078", 70: code}
            sim.ask(HostMessage("0800", fields, HEADER))
            await until(lambda: sim.responses)
            assert (await adapter.submit(submission(card()))).kind is kind


async def test_an_idle_link_is_tested() -> None:
    """After `echo_after_s` of silence an echo goes out and keeps the link."""
    async with visa(echo_after_s=0.05) as (sim, adapter):
        sim.faults.add({"fault": "none", "operation": "echo"})
        await until(lambda: sim.faults.as_dict()["rules"][0]["seen"] >= 2)
        assert adapter.health().status is HealthStatus.HEALTHY


async def test_own_messages_carry_the_stations() -> None:
    """H5 and H6 of every message, also of sign-on."""
    async with visa() as (sim, adapter):
        seen: list[bytes] = []
        original = sim.issuer.handle
        sim.issuer.handle = lambda message: seen.append(message.header) or original(message)
        await adapter.submit(submission(card()))
        assert [("222222", "111111")] == [(h[5:8].hex(), h[8:11].hex()) for h in seen]


async def test_silence_makes_health_worse() -> None:
    """Three time-outs in a row degrade; an answer heals."""
    async with visa() as (_, adapter):
        for _ in range(3):
            await adapter.submit(submission(card(10_68), timeout_s=0.01))
        assert adapter.health().status is HealthStatus.DEGRADED
        await adapter.submit(submission(card()))
        assert adapter.health().status is HealthStatus.HEALTHY


@pytest.mark.parametrize(
    "wrong",
    [{"port": 0}, {"spec": "no-such-dialect"}, {"source_station": "1"}, {"framing": "morse"}],
)
def test_wrong_settings_are_refused(wrong: dict) -> None:
    """When the adapter is made, not when the first payment comes."""
    with pytest.raises(ConfigurationError):
        create(settings(1) | wrong, context())


def test_it_does_not_promise_what_the_scheme_lacks() -> None:
    """No inquiry and no idempotency: the worker has to reverse what is in doubt."""
    declared = Visa.capabilities
    assert (False, False, True) == (
        declared.idempotent_submit,
        declared.status_inquiry,
        declared.reversal,
    )
