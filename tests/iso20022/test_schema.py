"""Schema errors: place, line, rule and expectation, never the value."""

import pytest
from tests.iso20022.messages import changed

from msggw.errors import Refused, Rule
from msggw.iso20022 import validate
from msggw.iso20022.message import open_message
from msggw.iso20022.schema import schema_of


def element_line(data, path):
    """Return the line of the element a path names, found in another way than the code does."""
    message = open_message(data)
    node = message.header if path.startswith("/AppHdr") else message.document
    for step in path.split("/")[2:]:
        if step.startswith("@"):
            break
        name, _, number = step.rstrip("]").partition("[")
        node = node.findall("{*}" + name if name != "*" else "*")[int(number or 1) - 1]
    return node.sourceline


BODY = "/Document/FIToFICstmrCdtTrf"
UNIT = f"{BODY}/CdtTrfTxInf[1]"
CASES = [
    # what is replaced, by what, path, rule, a word of the detail
    ("<MsgId>DEMO-20261120-0001", "<MsgId>" + "4" * 36, f"{BODY}/GrpHdr/MsgId", Rule.LENGTH, "35"),
    ("<InstrId>INSTR-0001", "<InstrId>", f"{UNIT}/PmtId/InstrId", Rule.LENGTH, "1"),
    ("<NbOfTxs>1", "<NbOfTxs>x", f"{BODY}/GrpHdr/NbOfTxs", Rule.VALUE, "[0-9]{1,15}"),
    ("<SttlmMtd>CLRG", "<SttlmMtd>4111", f"{BODY}/GrpHdr/SttlmInf/SttlmMtd", Rule.VALUE, "INDA"),
    (
        '<IntrBkSttlmAmt Ccy="EUR">125.50',
        '<IntrBkSttlmAmt Ccy="EUR">4111x',
        f"{UNIT}/IntrBkSttlmAmt",
        Rule.CLASS,
        "ActiveCurrencyAndAmount",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">125.50',
        '<IntrBkSttlmAmt Ccy="EUR">-4111',
        f"{UNIT}/IntrBkSttlmAmt",
        Rule.VALUE,
        "not less than 0",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">125.50',
        '<IntrBkSttlmAmt Ccy="EUR">1.123456',
        f"{UNIT}/IntrBkSttlmAmt",
        Rule.VALUE,
        "decimals: 5",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">125.50',
        '<IntrBkSttlmAmt Ccy="EUR">4111111111111111111',
        f"{UNIT}/IntrBkSttlmAmt",
        Rule.VALUE,
        "digits: 18",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">',
        '<IntrBkSttlmAmt Ccy="4111">',
        f"{UNIT}/IntrBkSttlmAmt/@Ccy",
        Rule.VALUE,
        "[A-Z]",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">',
        "<IntrBkSttlmAmt>",
        f"{UNIT}/IntrBkSttlmAmt/@Ccy",
        Rule.MISSING,
        "attribute",
    ),
    (
        '<IntrBkSttlmAmt Ccy="EUR">',
        '<IntrBkSttlmAmt Ccy="EUR" _4111="x">',
        f"{UNIT}/IntrBkSttlmAmt",
        Rule.UNKNOWN,
        "attribute",
    ),
    (
        "<IntrBkSttlmDt>2026-11-20",
        "<IntrBkSttlmDt>4111",
        f"{BODY}/GrpHdr/IntrBkSttlmDt",
        Rule.CLASS,
        "ISODate",
    ),
    ("<ChrgBr>SHAR</ChrgBr>", "", f"{UNIT}/Dbtr", Rule.UNKNOWN, "ChrgBr"),
    ("<ChrgBr>SHAR</ChrgBr>", "<_4111/>", f"{UNIT}/*[3]", Rule.UNKNOWN, "ChrgBr"),
    ("<ChrgBr>SHAR</ChrgBr>", "4111<ChrgBr>SHAR</ChrgBr>", UNIT, Rule.SYNTAX, "text"),
    ("<SttlmMtd>CLRG</SttlmMtd>", "", f"{BODY}/GrpHdr/SttlmInf", Rule.MISSING, "SttlmMtd"),
    ("<CreDt>2026-11-20T09:30:00Z</CreDt>", "", "/AppHdr", Rule.MISSING, "CreDt"),
    (
        "<BizMsgIdr>DEMO-20261120-0001",
        "<BizMsgIdr>" + "4" * 36,
        "/AppHdr/BizMsgIdr",
        Rule.LENGTH,
        "35",
    ),
]


@pytest.mark.parametrize(("old", "new", "path", "rule", "word"), CASES)
def test_every_error_has_its_place_rule_and_expectation(old, new, path, rule, word):
    """Each kind of schema error is told precisely and without the value."""
    data = changed(old, new)
    fault = validate(data)[0]

    assert (path, rule) == (fault.where.path, fault.rule)
    assert word in fault.detail
    assert "4111" not in str(fault)
    assert fault.where.line is not None
    assert element_line(data, path) == fault.where.line


def test_a_broken_facet_is_one_fault():
    """libxml2 says it twice, we once."""
    assert len(validate(changed("<NbOfTxs>1", "<NbOfTxs>x"))) == 1


def test_all_errors_are_given():
    """Header and document are both checked, each error in order of its line."""
    data = changed("<SttlmMtd>CLRG", "<SttlmMtd>ABCD").replace(b"<ChrgBr>SHAR", b"<ChrgBr>ABCD")
    data = data.replace(b"<BizSvc>demo.transfers.01", b"<BizSvc>")
    faults = validate(data)

    assert ["/AppHdr/BizSvc", f"{BODY}/GrpHdr/SttlmInf/SttlmMtd", f"{UNIT}/ChrgBr"] == [
        fault.where.path for fault in faults
    ]
    lines = [fault.where.line for fault in faults]
    assert sorted(lines) == lines


def test_prefixes_change_no_place():
    """A prefixed message has the same paths."""
    data = changed(">SLEV<", ">ABCD<", "pacs.008-three.xml")

    assert [f"{BODY}/CdtTrfTxInf[2]/ChrgBr"] == [fault.where.path for fault in validate(data)]


def test_what_the_sender_wrote_cannot_imitate_an_expectation():
    """Only what stands last in libxml2's message is taken, and that is the schema's own text."""
    evil = "x' is not accepted by the pattern 'y"
    fault = validate(changed("<NbOfTxs>1", f"<NbOfTxs>{evil}"))[0]

    assert "text of the pattern [0-9]{1,15}" == fault.detail


def test_a_body_that_is_another_message():
    """A namespace of one message and a body of another is a fault, not a surprise."""
    data = changed("FIToFICstmrCdtTrf>", "PmtRtr>")

    assert [("/Document/*[1]", Rule.UNKNOWN)] == [(f.where.path, f.rule) for f in validate(data)]


def test_an_unknown_error_kind_still_has_a_place():
    """Whatever libxml2 says, the fault has a rule."""
    from msggw.iso20022.schema import _structure  # noqa: PLC0415 - a case no schema of ours has

    assert (Rule.VALUE, "breaks the schema (cvc_idc)") == _structure("SCHEMAV_CVC_IDC", "")
    assert (Rule.UNKNOWN, "the schema does not declare this element") == _structure(
        "SCHEMAV_CVC_ELT_1", ""
    )


def test_schemas_are_compiled_once():
    """The second message costs no compilation; an unknown one has no schema."""
    assert schema_of("pacs.008.001.08") is schema_of("pacs.008.001.08")
    with pytest.raises(Refused):
        schema_of("pacs.999.001.01")


def test_a_hostile_number_of_errors_is_bounded():
    """Twenty thousand errors cost no more than finding them."""
    data = changed("<Ustrd>Invoice 2026-118</Ustrd>", "<Ustrd></Ustrd>" * 15_000)
    faults = validate(data)

    assert len(faults) == 101
    assert "and 14900 more faults" == faults[-1].detail
    assert faults[99].where.path.endswith("/RmtInf/Ustrd[100]")
