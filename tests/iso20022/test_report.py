"""Reading the answers of others."""

import pytest
from tests.iso20022.messages import NOW, incoming, sample

from msggw.canonical import OutcomeKind, Reason
from msggw.errors import Refused, Rule
from msggw.iso20022 import Report, Status, answer, parse_camt029, parse_pacs002

DOCUMENT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{0}"><{1}>{{}}</{1}></Document>'
PACS = DOCUMENT.format("pacs.002.001.10", "FIToFIPmtStsRpt")
CAMT = DOCUMENT.format("camt.029.001.09", "RsltnOfInvstgtn")
HEADER = "<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-20T10:00:00Z</CreDtTm></GrpHdr>"
GROUP = (
    "<OrgnlGrpInfAndSts><OrgnlMsgId>{}</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>"
    "<GrpSts>{}</GrpSts></OrgnlGrpInfAndSts>"
)


@pytest.mark.parametrize(
    ("status", "code", "kind", "reason"),
    [
        ("ACSC", "", OutcomeKind.ACCEPTED, Reason.APPROVED),
        ("ACCC", "", OutcomeKind.ACCEPTED, Reason.APPROVED),
        ("ACSP", "", OutcomeKind.PENDING, Reason.PENDING),
        ("PDNG", "", OutcomeKind.PENDING, Reason.PENDING),
        ("RJCT", "AM04", OutcomeKind.REJECTED, Reason.INSUFFICIENT_FUNDS),
        ("RJCT", "", OutcomeKind.REJECTED, Reason.DO_NOT_HONOUR),
        ("RJCT", "XYZ1", OutcomeKind.REJECTED, Reason.DO_NOT_HONOUR),
        ("CANC", "CUST", OutcomeKind.REJECTED, Reason.CUSTOMER_CANCELLATION),
        ("WHAT", "", OutcomeKind.UNKNOWN, Reason.PENDING),
        ("", "", OutcomeKind.UNKNOWN, Reason.PENDING),
    ],
)
def test_a_status_is_an_outcome(status, code, kind, reason):
    """Certain yes, certain no, not yet; anything else is not known."""
    outcome = Report("S1", status, code).outcome("bank", NOW)

    assert (kind, reason, "bank", "S1") == (
        outcome.kind,
        outcome.reason,
        outcome.provider,
        outcome.provider_reference,
    )


def test_a_group_status_is_one_report():
    """A whole message accepted or refused has no transaction references."""
    reports = parse_pacs002(PACS.format(HEADER + GROUP.format("M1", "RJCT")).encode())

    assert [("M1", "RJCT", None)] == [
        (one.original_message_id, one.status, one.end_to_end_id) for one in reports
    ]


def test_several_groups_are_several_reports():
    """Each group has its status, and transactions their own group."""
    groups = GROUP.format("M1", "ACSC") + GROUP.format("M2", "RJCT")
    tx = (
        "<TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>M3</OrgnlMsgId><OrgnlMsgNmId>x</OrgnlMsgNmId>"
        "</OrgnlGrpInf><OrgnlTxId>T3</OrgnlTxId></TxInfAndSts>"
    )

    assert ["M1", "M2"] == [
        one.original_message_id for one in parse_pacs002(PACS.format(HEADER + groups).encode())
    ]
    mixed = parse_pacs002(PACS.format(HEADER + groups + tx).encode())
    assert [("M3", "ACSC"), ("M1", "ACSC"), ("M2", "RJCT")] == [
        (one.original_message_id, one.status) for one in mixed
    ]


def test_a_proprietary_reason_is_a_reason():
    """It means no code of ours."""
    body = (
        HEADER + "<TxInfAndSts><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Prtry>own</Prtry></Rsn>"
        "<AddtlInf>a</AddtlInf><AddtlInf>b</AddtlInf></StsRsnInf></TxInfAndSts>"
    )
    report = parse_pacs002(PACS.format(body).encode())[0]

    assert ("own", ("a", "b"), None) == (
        report.reason_code,
        report.details,
        report.original_message_id,
    )


def test_a_resolution_without_details_is_one_report():
    """The confirmation alone says it."""
    agent = "<{0}><Agt><FinInstnId><BICFI>DEMOKZKAXXX</BICFI></FinInstnId></Agt></{0}>"
    body = (
        "<Assgnmt><Id>C1</Id>" + agent.format("Assgnr") + agent.format("Assgne")
        + "<CreDtTm>2026-11-20T10:00:00Z</CreDtTm></Assgnmt><Sts><Conf>{}</Conf></Sts>"
    )  # fmt: skip

    assert (Report("C1", "ACSC"),) == parse_camt029(CAMT.format(body.format("CNCL")).encode())
    assert (Report("C1", "MODI"),) == parse_camt029(CAMT.format(body.format("MODI")).encode())


def test_other_messages_are_no_reports():
    """Each reader takes its family only."""
    pacs = answer(incoming(), [Status("ACSC")], message_id="A", now=NOW)
    for use in (lambda: parse_pacs002(sample()), lambda: parse_camt029(pacs)):
        with pytest.raises(Refused) as refused:
            use()
        assert refused.value.faults[0].rule is Rule.UNSUPPORTED


def test_a_broken_report_is_refused():
    """An answer that breaks the schema is no answer."""
    with pytest.raises(Refused):
        parse_pacs002(PACS.format("").encode())
