"""Answers to cancellation requests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import NOW, incoming, sample, values

from msggw.canonical import Reason
from msggw.iso20022 import Status, answer, parse_camt029, read, validate

STATUSES = st.builds(
    Status,
    st.sampled_from(["ACSC", "PDNG", "RJCT", "CANC"]),
    st.one_of(st.none(), st.sampled_from(Reason)),
    st.lists(st.text(max_size=120), max_size=2).map(tuple),
)


@given(st.lists(STATUSES, min_size=3, max_size=3))
def test_every_answer_is_valid_and_read_back(statuses):
    """Law: any statuses give a resolution that passes schema and rules, one entry for each."""
    xml = answer(incoming("camt.056-many.xml"), statuses, message_id="A1", now=NOW)
    meaning = {"ACSC": "ACSC", "CANC": "ACSC", "PDNG": "PDNG", "RJCT": "RJCT"}

    assert () == validate(xml, now=NOW)
    assert sorted(meaning[s.code] for s in statuses) == sorted(
        report.status for report in parse_camt029(xml)
    )


@pytest.mark.parametrize(
    ("codes", "overall"),
    [(["ACSC"] * 3, "CNCL"), (["RJCT"] * 3, "RJCR"), (["PDNG"] * 3, "PDCR"),
     (["ACSC", "RJCT", "RJCT"], "PECR")],
)  # fmt: skip
def test_the_whole_has_a_confirmation(codes, overall):
    """All alike or partially executed."""
    xml = answer(
        incoming("camt.056-many.xml"), [Status(code) for code in codes], message_id="A", now=NOW
    )

    assert [overall] == values(xml, "Conf")


def test_case_and_assignment_go_back():
    """Assigner and assignee change places, whatever they are; the case is resolved by its id."""
    xml = answer(
        incoming("camt.056.xml"),
        [Status("RJCT", Reason.ORIGINAL_NOT_FOUND)],
        message_id="A",
        now=NOW,
    )
    many = answer(incoming("camt.056-many.xml"), [Status("ACSC")] * 3, message_id="A", now=NOW)

    assert b"<RslvdCase><Id>CASE-0001</Id>" in xml
    assert b"<Assgnr><Pty><Nm>The gateway</Nm></Pty></Assgnr>" in many
    assert ["NOOR"] == values(xml, "Cd")


@pytest.mark.parametrize(
    ("status", "codes", "lines"),
    [
        (Status("RJCT", Reason.CUT_OFF), ["NARR"], ["status reason TM01"]),
        (Status("RJCT"), ["NARR"], ["status reason not given"]),
        (Status("RJCT", Reason.CUT_OFF, ("too late",)), ["NARR"], ["too late"]),
        (Status("RJCT", Reason.INSUFFICIENT_FUNDS), ["AM04"], []),
        (Status("ACSC"), [], []),
    ],
)
def test_a_refusal_has_a_reason_of_its_code_set(status, codes, lines):
    """What the code set does not have is told in words."""
    xml = answer(incoming("camt.056.xml"), [status], message_id="A", now=NOW)

    assert (codes, lines) == (values(xml, "Cd"), values(xml, "AddtlInf"))


def test_a_request_may_name_its_transaction_only():
    """Without an original group the answer has none; it is read back as one report."""
    data = sample("camt.056.xml")
    start, end = data.find(b"<OrgnlGrpInf>"), data.find(b"</OrgnlGrpInf>") + 14
    xml = answer(
        read(data[:start] + data[end:], now=NOW), [Status("ACSC")], message_id="A", now=NOW
    )

    assert () == validate(xml, now=NOW)
    assert [("ACSC", "TX-0001", None)] == [
        (one.status, one.transaction_id, one.original_message_id) for one in parse_camt029(xml)
    ]
