"""Every business rule: samples pass it, and one change breaks exactly it."""

from datetime import timedelta

import pytest
from tests.iso20022.messages import NOW, SAMPLES, fields_of, incoming, sample

from msggw.iso20022 import RULES, Profile, validate
from msggw.iso20022.message import local_name, open_message
from msggw.iso20022.rules import Severity, View, run

UNIT = "CdtTrfTxInf[1]"
INFO = "GrpHdr/SttlmInf"
BIC = "FinInstnId/BICFI"
BROKEN = {
    # rule: (sample, what is set or, with None, taken away; a header's path begins with /), path
    "R01": ("pacs.008.xml", {f"{UNIT}/CdtrAcct/Id/IBAN": "DE88370400440532013000"}, "IBAN"),
    "R02": ("pacs.008.xml", {f"{UNIT}/CdtrAgt/{BIC}": "DEMOQQFFXXX"}, "BICFI"),
    "R03": (
        "pacs.004-group.xml",
        {"GrpHdr/InstgAgt/FinInstnId/LEI": "5299000J2N45DDNE4Y29"},
        "LEI",
    ),
    "R04": ("pacs.008.xml", {f"{UNIT}/Dbtr/PstlAdr/Ctry": "QQ"}, "Ctry"),
    "R05": ("pacs.008-three.xml", {f"{UNIT}/InstdAmt/@Ccy": "QQQ"}, "@Ccy"),
    "R06": ("pacs.008-three.xml", {f"{UNIT}/InstdAmt": "12.005"}, "InstdAmt"),
    "R07": (
        "pacs.008-three.xml",
        {
            f"{UNIT}/IntrBkSttlmAmt": "0.00",
            "GrpHdr/TtlIntrBkSttlmAmt": "49.50",
            "GrpHdr/CtrlSum": "49.50",
        },
        "IntrBkSttlmAmt",
    ),
    "R08": ("pacs.008.xml", {f"{UNIT}/PmtId/UETR": "7c6f1d0e-52a4-1c1e-9d2b-3f4a5b6c7d8e"}, "UETR"),
    "R09": (
        "pacs.008.xml",
        {f"{UNIT}/PmtId/UETR": None, f"{UNIT}/PmtId/TxId": None},
        "PmtId",
    ),
    "R10": ("pacs.008.xml", {"GrpHdr/NbOfTxs": "2"}, "NbOfTxs"),
    "R11": ("pacs.008-three.xml", {"GrpHdr/CtrlSum": "60.01"}, "CtrlSum"),
    "R12": ("pacs.008.xml", {"GrpHdr/TtlIntrBkSttlmAmt": "125.51"}, "TtlIntrBkSttlmAmt"),
    "R13": ("pacs.008.xml", {"GrpHdr/TtlIntrBkSttlmAmt/@Ccy": "USD"}, "@Ccy"),
    "R14": (
        "pacs.008.xml",
        {"GrpHdr/IntrBkSttlmDt": None, f"{UNIT}/IntrBkSttlmDt": "2026-11-20"},
        "TtlIntrBkSttlmAmt",
    ),
    "R15": ("pacs.008.xml", {f"{UNIT}/IntrBkSttlmDt": "2026-11-20"}, UNIT),
    "R16": ("pacs.008.xml", {f"{UNIT}/InstgAgt/{BIC}": "DEMOKZKAXXX"}, "InstgAgt"),
    "R17": (
        "pacs.008.xml",
        {"GrpHdr/PmtTpInf/InstrPrty": "NORM", f"{UNIT}/PmtTpInf/InstrPrty": "NORM"},
        "PmtTpInf",
    ),
    "R18": ("pacs.008-three.xml", {f"{UNIT}/XchgRate": None}, UNIT),
    "R19": ("pacs.008-three.xml", {f"{UNIT}/InstdAmt/@Ccy": "EUR"}, "XchgRate"),
    "R20": ("pacs.008.xml", {f"{UNIT}/XchgRate": "1.1"}, "XchgRate"),
    "R21": (
        "pacs.008.xml",
        {f"{UNIT}/ChrgsInf[1]/Amt": "1", f"{UNIT}/ChrgsInf[1]/Amt/@Ccy": "EUR"},
        UNIT,
    ),
    "R22": ("pacs.008.xml", {f"{UNIT}/ChrgBr": "CRED"}, UNIT),
    "R23": ("pacs.008-three.xml", {f"{UNIT}/ChrgBr": "DEBT"}, "ChrgsInf[2]"),
    "R24": (
        "pacs.008.xml",
        {f"{UNIT}/InstdAmt": "126.00", f"{UNIT}/InstdAmt/@Ccy": "EUR"},
        UNIT,
    ),
    "R25": ("pacs.004-group.xml", {f"{INFO}/ClrSys/Cd": "TGT"}, "ClrSys"),
    "R26": ("pacs.008.xml", {f"{INFO}/SttlmAcct/Id/Othr/Id": "x"}, "SttlmAcct"),
    "R27": ("pacs.008.xml", {f"{INFO}/SttlmMtd": "COVE"}, "SttlmInf"),
    "R28": (
        "pacs.008.xml",
        {f"{INFO}/SttlmMtd": "COVE", f"{INFO}/InstgRmbrsmntAgt/{BIC}": "DEMODEFF",
         f"{INFO}/InstdRmbrsmntAgtAcct/Id/Othr/Id": "x"},
        "InstdRmbrsmntAgtAcct",
    ),
    "R29": ("pacs.008.xml", {f"{UNIT}/IntrmyAgt2/{BIC}": "DEMODEFF"}, "IntrmyAgt2"),
    "R37": ("pacs.004.xml", {"TxInf[1]/RtrRsnInf[1]/Rsn/Cd": "NARR"}, "RtrRsnInf[1]"),
    "R40": (
        "pacs.028.xml",
        {"OrgnlGrpInf[1]/OrgnlMsgId": None, "OrgnlGrpInf[1]/OrgnlMsgNmId": None},
        "TxInf[1]",
    ),
    "R41": ("pacs.004.xml", {"GrpHdr/GrpRtr": "true"}, "GrpRtr"),
    "R44": ("camt.056-many.xml", {"Undrlyg[2]/TxInf[2]/OrgnlInstrId": None,
                                  "Undrlyg[2]/TxInf[2]/OrgnlClrSysRef": "x"}, "TxInf[2]"),
    "R49": ("pacs.008.xml", {"/MsgDefIdr": "pacs.009.001.08"}, "MsgDefIdr"),
    "R50": ("camt.056.xml", {"/BizMsgIdr": "x"}, "BizMsgIdr"),
    "R51": ("pacs.008.xml", {"/To/FIId/FinInstnId/BICFI": "DEMOFRPPXXX"}, "To"),
    "R52": ("pacs.008-three.xml", {"/Prty": "HIGH"}, "Prty"),
    "R54": ("pacs.008.xml", {"/CreDt": "2026-11-21T03:20:00Z"}, "CreDt"),
    "R63": ("pacs.008.xml", {f"{UNIT}/Dbtr/Nm": " \n"}, "Nm"),
    "R66": ("pacs.008.xml", {"GrpHdr/IntrBkSttlmDt": "2026-11-20Z"}, "IntrBkSttlmDt"),
    "H01": ("camt.056.xml", {"/To/FIId/FinInstnId/BICFI": "DEMOKZKAXXX"}, "To"),
}  # fmt: skip


def view_of(name, changes=()):
    """Return a sample as rules see it, changed."""
    message = open_message(sample(name))
    fields, header = fields_of(sample(name)), {}
    if message.header is not None:
        header = dict(incoming(name).header.fields)
    for path, text in dict(changes).items():
        target = header if path.startswith("/") else fields
        if text is None:
            del target[path.removeprefix("/")]
        else:
            target[path.removeprefix("/")] = text
    return View(message.message_name, local_name(message.body), fields, header, NOW)


def ids(faults):
    """Return the rule ids of faults."""
    return [fault.detail.partition(":")[0] for fault in faults]


def test_every_rule_has_an_example_that_breaks_it():
    """No rule is without its counter-example, and ids are unique."""
    assert sorted(BROKEN) == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("profile", Profile)
def test_samples_pass_every_rule(path, profile):
    """A valid message breaks no rule of any profile."""
    assert [] == run(RULES, view_of(path.name), profile=profile)


@pytest.mark.parametrize("rule", BROKEN)
def test_one_change_breaks_one_rule(rule):
    """The fault names the rule and stands at the element that is wrong."""
    name, changes, place = BROKEN[rule]
    faults = run(RULES, view_of(name, changes), profile=Profile.CBPR)

    assert [rule] == ids(faults)
    assert faults[0].where.path.endswith(place)


@pytest.mark.parametrize(
    ("rule", "name", "changes"),
    [
        ("R01", "pacs.008.xml", {f"{UNIT}/CdtrAcct/Id/IBAN": "QQ89370400440532013000"}),
        ("R07", "pacs.008-three.xml", {f"{UNIT}/IntrBkSttlmAmt/@Ccy": "XAU"}),
        ("R15", "pacs.008.xml", {"GrpHdr/IntrBkSttlmDt": None}),
        ("R16", "pacs.008.xml", {f"{UNIT}/InstdAgt/{BIC}": "MSGGDEFFXXX"}),
        ("R25", "pacs.004-group.xml", {f"{INFO}/InstgRmbrsmntAgt/{BIC}": "DEMODEFF"}),
        ("R27", "pacs.008-three.xml", {f"{INFO}/SttlmMtd": "COVE"}),
        ("R28", "pacs.008.xml", {f"{INFO}/SttlmMtd": "COVE",
                                 f"{INFO}/InstgRmbrsmntAgt/{BIC}": "DEMODEFF",
                                 f"{INFO}/ThrdRmbrsmntAgt/{BIC}": "DEMODEFF"}),
        ("R29", "pacs.008.xml", {f"{UNIT}/PrvsInstgAgt3Acct/Id/Othr/Id": "x"}),
        ("R40", "pacs.004.xml", {"OrgnlGrpInf/OrgnlMsgId": "x"}),
        ("R40", "pacs.028-groups.xml", {f"OrgnlGrpInf[{n}]/{name}": None for n in (1, 2)
                                        for name in ("OrgnlMsgId", "OrgnlMsgNmId")}
                                        | {"OrgnlGrpInf[1]/OrgnlNbOfTxs": None}),
        ("R41", "pacs.004-group.xml", {"GrpHdr/GrpRtr": "false"}),
        ("R44", "camt.056-many.xml", {"Undrlyg[3]": ""}),
        ("R50", "pacs.008.xml", {"/BizMsgIdr": "x"}),
        ("R51", "pacs.008.xml", {"/Fr/FIId/FinInstnId/BICFI": "DEMOFRPPXXX"}),
        ("R54", "pacs.008.xml", {"/CreDt": "2026-11-20T24:00:00Z"}),
    ],
)  # fmt: skip
def test_other_ways_to_break_a_rule(rule, name, changes):
    """A rule with several sides is broken on each."""
    assert rule in ids(run(RULES, view_of(name, changes)))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("pacs.008.xml", {"/To/FIId/FinInstnId/BICFI": "DEMOFRPPXXX", "/CpyDplct": "COPY"}),
        ("pacs.008.xml", {"/To/FIId/FinInstnId/BICFI": "MSGGDEFF"}),
        ("pacs.008.xml", {"GrpHdr/IntrBkSttlmDt": " 2026-11-20 "}),
        ("pacs.008-three.xml", {f"{UNIT}/InstdAmt": "12.000000"}),
        ("pacs.008.xml", {"/CreDt": "2026-11-21T03:14:00Z"}),
        ("camt.056.xml", {"/CreDt": None}),
        ("pacs.008.xml", {f"{UNIT}/InstdAmt": "125.5", f"{UNIT}/InstdAmt/@Ccy": "EUR"}),
    ],
)
def test_what_no_rule_forbids(name, changes):
    """A copy, a head office, blanks around a date, trailing noughts, a clock slightly ahead."""
    assert [] == run(RULES, view_of(name, changes), profile=Profile.CBPR)


def test_amounts_the_schema_would_refuse_break_nothing_else():
    """A rule meets only what the schema lets through, and does not fall over the rest."""
    changes = {f"{UNIT}/IntrBkSttlmAmt": "x", "GrpHdr/TtlIntrBkSttlmAmt": "x"}

    assert "R12" not in ids(run(RULES, view_of("pacs.008.xml", changes)))


def test_faults_have_lines_and_document_order():
    """With the parsed message every fault knows its line."""
    data = sample().replace(b"<NbOfTxs>1", b"<NbOfTxs>2").replace(b">KZ<", b">QQ<")
    data = data.replace(b"pacs.008.001.08</", b"pacs.009.001.08</")
    faults = validate(data, now=NOW)

    assert ["R49", "R10", "R04"] == ids(faults)
    lines = [fault.where.line for fault in faults]
    assert sorted(lines) == lines
    assert data.splitlines()[lines[1] - 1].strip() == b"<NbOfTxs>2</NbOfTxs>"


def test_warnings_refuse_nothing():
    """Only errors are asked for unless warnings are wanted."""
    assert [] == run(RULES, view_of("pacs.008.xml"), severity=Severity.WARNING)


def test_without_a_clock_the_time_is_not_judged():
    """A message read later is not too far in the future or past."""
    late = view_of("pacs.008.xml", {"/CreDt": "2036-01-01T00:00:00Z"})

    assert "R54" in ids(run(RULES, late))
    timeless = View(late.message_name, late.body_name, late.fields, late.header)
    assert [] == run(RULES, timeless)


def test_a_rule_holds_in_its_time():
    """Before `since` and after `until` a rule is not asked."""
    rule = next(rule for rule in RULES if rule.id == "R01")
    made = type(rule)(
        "X",
        "",
        ("pacs.*",),
        "",
        rule.check,
        since=(NOW - timedelta(days=1)).date(),
        until=NOW.date(),
    )

    broken = view_of(*BROKEN["R01"][:2])
    later = View(broken.message_name, "", broken.fields, {}, NOW + timedelta(days=1))

    assert ["X"] == ids(run((made,), broken))
    assert [] == run((made,), later)
    assert made.effective(NOW)
    assert made.effective(None)
    assert not made.effective(NOW + timedelta(days=1))
    assert not made.effective(NOW - timedelta(days=2))
    assert made.applies("pacs.008.001.08", Profile.BASE)
    assert not made.applies("camt.056.001.08", Profile.BASE)


def test_faults_are_bounded():
    """A hostile message has many faults; the answer has a hundred and their number."""
    changes = {f"{UNIT}/RmtInf/Ustrd[{n}]": " " for n in range(1, 301)}
    faults = run(RULES, view_of("pacs.008.xml", changes))

    assert len(faults) == 101
    assert "and 200 more faults" == faults[-1].detail
