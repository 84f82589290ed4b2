"""Status reports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import NOW, SAMPLES, incoming, values

from msggw.canonical import Kind, Reason, Transaction
from msggw.iso20022 import Status, answer, parse_pacs002, validate
from msggw.iso20022.answers.pacs002 import group_status
from msggw.iso20022.answers.pacs002 import report as status_report

ANSWERED = [path for path in SAMPLES if path.name.startswith("pacs")]
CODES = st.sampled_from(["ACSC", "ACCP", "ACSP", "PDNG", "RJCT", "CANC"])


@pytest.mark.parametrize("path", ANSWERED, ids=lambda path: path.name)
@given(data=st.data())
def test_every_answer_is_valid_and_says_what_it_was_told(path, data):
    """Law: any statuses give a report that passes schema and rules and is read back the same."""
    message = incoming(path.name)
    count = len(message.transactions)
    statuses = [
        Status(code, Reason.ERROR if code == "RJCT" else None)
        for code in data.draw(st.lists(CODES, min_size=count, max_size=count))
    ]
    xml = answer(message, statuses, message_id="A1", now=NOW)

    assert () == validate(xml, now=NOW)
    told = [(report.status, report.reason_code) for report in parse_pacs002(xml)]
    expected = [(s.code, "NARR" if s.reason else "") for s in statuses]
    assert expected == [pair if pair[0] else (expected[0][0], pair[1]) for pair in told]


def test_references_are_those_of_the_sender():
    """Ids and UETR come back as they were sent."""
    report = parse_pacs002(answer(incoming(), [Status("ACSC")], message_id="A1", now=NOW))[0]

    assert (
        "A1",
        "DEMO-20261120-0001",
        "pacs.008.001.08",
        "INSTR-0001",
        "INVOICE-2026-118",
        "TX-0001",
        "7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8e",
    ) == (
        report.report_id,
        report.original_message_id,
        report.original_message_name,
        report.instruction_id,
        report.end_to_end_id,
        report.transaction_id,
        report.uetr,
    )


def test_a_status_request_is_answered_about_the_payment():
    """The report names the message that was asked about, not the question."""
    report = parse_pacs002(
        answer(incoming("pacs.028.xml"), [Status("ACSC")], message_id="A1", now=NOW)
    )[0]

    assert ("DEMO-20261120-0001", "TX-0001") == (
        report.original_message_id,
        report.transaction_id,
    )


def test_a_return_is_answered_by_its_own_id():
    """OrgnlTxId is the id of the return, the UETR that of the payment."""
    report = parse_pacs002(
        answer(incoming("pacs.004.xml"), [Status("ACSC")], message_id="A1", now=NOW)
    )[0]

    assert ("DEMO-20261120-0004", "RTR-0001", "7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8e") == (
        report.original_message_id,
        report.transaction_id,
        report.uetr,
    )


def test_partial_groups_are_counted():
    """PART has the number of transactions of each status."""
    statuses = [
        Status("ACSC"),
        Status("RJCT", Reason.INSUFFICIENT_FUNDS, ("no funds",)),
        Status("ACSC"),
    ]
    xml = answer(incoming("pacs.008-three.xml"), statuses, message_id="A1", now=NOW)

    assert ["PART"] == values(xml, "GrpSts")
    assert ["2", "1"] == values(xml, "DtldNbOfTxs")
    assert ["ACSC", "RJCT"] == values(xml, "DtldSts")
    assert ["no funds"] == values(xml, "AddtlInf")


@pytest.mark.parametrize(
    ("codes", "group"),
    [
        (["RJCT", "RJCT"], "RJCT"),
        (["ACSC"], "ACSC"),
        (["ACSC", "ACSP", "ACCP"], "ACCP"),
        (["ACSC", "PDNG"], "PDNG"),
        (["ACSC", "RJCT"], "PART"),
        (["CANC"], None),
    ],
)
def test_group_status_follows_the_iso_rules(codes, group):
    """Accepted or pending has no rejection in it; rejected has nothing else."""
    assert group == group_status(codes)


def test_equal_arguments_give_equal_bytes():
    """A stored answer is rendered again byte for byte."""
    made = [answer(incoming(), [Status("ACSC")], message_id="A1", now=NOW) for _ in range(2)]

    assert made[0] == made[1]


def test_a_status_for_each_transaction_is_needed():
    """An answer never invents or drops one."""
    with pytest.raises(ValueError, match="0 statuses for 1 transactions"):
        answer(incoming(), [], message_id="A1", now=NOW)


def test_a_message_of_unknown_time_has_no_time():
    """What a transaction does not say, the report does not."""
    one = Transaction(kind=Kind.CREDIT_TRANSFER)
    out = status_report([one], [Status("PDNG")], message_id="A", now=NOW)

    assert not any("OrgnlCreDtTm" in path for path in out)
    assert "NOTPROVIDED" == out["FIToFIPmtStsRpt/OrgnlGrpInfAndSts[1]/OrgnlMsgId"]
