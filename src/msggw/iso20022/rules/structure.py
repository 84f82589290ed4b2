"""Rules of what stands where (R09, R10, R14-R17, R25-R29, R37, R40, R41, R44)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.errors import Rule
from msggw.iso20022.rules.engine import BusinessRule, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msggw.iso20022.rules.engine import View

__all__ = ["RULES"]

_UNITS = {
    "pacs.003": "DrctDbtTxInf",
    "pacs.004": "TxInf",
    "pacs.007": "TxInf",
    "pacs.008": "CdtTrfTxInf",
    "pacs.009": "CdtTrfTxInf",
    "pacs.028": "TxInf",
}
_REIMBURSEMENT = ("InstgRmbrsmntAgt", "InstdRmbrsmntAgt", "ThrdRmbrsmntAgt")
_INFO = "GrpHdr/SttlmInf"


def _units(view: View) -> list[str]:
    return view.units(_UNITS[view.family])


def _identified(view: View) -> Iterator[Finding]:
    for path in _units(view):
        if not {f"{path}/PmtId/TxId", f"{path}/PmtId/UETR"} & view.fields.keys():
            yield Finding(f"{path}/PmtId", Rule.MISSING, "TxId or UETR")


def _number(view: View) -> Iterator[Finding]:
    if _whole_group(view):
        return
    stated = view.fields.get("GrpHdr/NbOfTxs", "")
    if stated.isdecimal() and int(stated) != (count := len(_units(view))):
        yield Finding("GrpHdr/NbOfTxs", Rule.CONFLICT, f"the number of transactions, {count}")


def _total_date(view: View) -> Iterator[Finding]:
    totals = ("GrpHdr/TtlIntrBkSttlmAmt", "GrpHdr/TtlRtrdIntrBkSttlmAmt")
    stated = [path for path in totals if path in view.fields]
    if stated and "GrpHdr/IntrBkSttlmDt" not in view.fields:
        yield Finding(stated[0], Rule.MISSING, "GrpHdr/IntrBkSttlmDt, since there is a total")


def _one_date(view: View) -> Iterator[Finding]:
    group = "GrpHdr/IntrBkSttlmDt" in view.fields
    for path in _units(view):
        if (f"{path}/IntrBkSttlmDt" in view.fields) is group:
            rule = Rule.CONFLICT if group else Rule.MISSING
            yield Finding(path, rule, "IntrBkSttlmDt in the group header or in every transaction")


def _one_level(name: str) -> Callable[[View], Iterator[Finding]]:
    def check(view: View) -> Iterator[Finding]:
        if view.has(f"GrpHdr/{name}"):
            for path in _units(view):
                if view.has(f"{path}/{name}"):
                    detail = f"{name} in the group header or in the transactions, not in both"
                    yield Finding(f"{path}/{name}", Rule.CONFLICT, detail)

    return check


def _agents_once(view: View) -> Iterator[Finding]:
    yield from _one_level("InstgAgt")(view)
    yield from _one_level("InstdAgt")(view)


def _settled_by_agent(view: View) -> Iterator[Finding]:
    if view.fields.get(f"{_INFO}/SttlmMtd") in {"INDA", "INGA"}:
        yield from _forbidden(view, (*_REIMBURSEMENT, "ClrSys"), "INDA and INGA")


def _settled_by_clearing(view: View) -> Iterator[Finding]:
    if view.fields.get(f"{_INFO}/SttlmMtd") == "CLRG":
        yield from _forbidden(view, (*_REIMBURSEMENT, "SttlmAcct"), "CLRG")


def _settled_by_cover(view: View) -> Iterator[Finding]:
    if view.fields.get(f"{_INFO}/SttlmMtd") != "COVE":
        return
    yield from _forbidden(view, ("SttlmAcct", "ClrSys"), "COVE")
    if not any(view.has(f"{_INFO}/{name}") for name in _REIMBURSEMENT[:2]):
        yield Finding(_INFO, Rule.MISSING, "a reimbursement agent, as COVE needs")


def _forbidden(view: View, names: tuple[str, ...], method: str) -> Iterator[Finding]:
    for name in names:
        if view.has(f"{_INFO}/{name}"):
            yield Finding(f"{_INFO}/{name}", Rule.CONFLICT, f"no {name} with {method}")


def _reimbursement(view: View) -> Iterator[Finding]:
    for name in _REIMBURSEMENT:
        if view.has(f"{_INFO}/{name}Acct") and not view.has(f"{_INFO}/{name}"):
            yield Finding(f"{_INFO}/{name}Acct", Rule.CONFLICT, f"no account without {name}")
    if view.has(f"{_INFO}/ThrdRmbrsmntAgt") and not all(
        view.has(f"{_INFO}/{name}") for name in _REIMBURSEMENT[:2]
    ):
        yield Finding(f"{_INFO}/ThrdRmbrsmntAgt", Rule.CONFLICT, "both other reimbursement agents")


def _chain(view: View) -> Iterator[Finding]:
    for path in _units(view):
        for name in ("IntrmyAgt", "PrvsInstgAgt"):
            yield from _numbered(view, f"{path}/{name}")


def _numbered(view: View, name: str) -> Iterator[Finding]:
    for number in (2, 3):
        if view.has(f"{name}{number}") and not view.has(f"{name}{number - 1}"):
            detail = "agents are numbered without a gap"
            yield Finding(f"{name}{number}", Rule.CONFLICT, detail)
    for number in (1, 2, 3):
        if view.has(f"{name}{number}Acct") and not view.has(f"{name}{number}"):
            yield Finding(f"{name}{number}Acct", Rule.CONFLICT, "no account without its agent")


def _narrative(view: View) -> Iterator[Finding]:
    for path, text in view.leaves("Cd"):
        place = path.removesuffix("/Rsn/Cd")
        if text == "NARR" and place != path and f"{place}/AddtlInf[1]" not in view.fields:
            yield Finding(place, Rule.MISSING, "AddtlInf, since the reason is NARR")


def _original_group(view: View) -> Iterator[Finding]:
    name = "OrgnlGrpInf"
    above = view.has(name)
    if not above and not _units(view):
        yield Finding("GrpHdr", Rule.MISSING, f"{name}, or a transaction with its own")
    for path in _units(view):
        if view.has(f"{path}/{name}") is above:
            rule = Rule.CONFLICT if above else Rule.MISSING
            yield Finding(path, rule, f"{name} for the message or in every transaction")


def _group_return(view: View) -> Iterator[Finding]:
    whole = _whole_group(view)
    if whole and _units(view):
        yield Finding("GrpHdr/GrpRtr", Rule.CONFLICT, "no TxInf when the whole group is returned")
    if not whole and not _units(view):
        yield Finding("GrpHdr", Rule.MISSING, "at least one TxInf, or GrpRtr true")


def _whole_group(view: View) -> bool:
    return view.fields.get("GrpHdr/GrpRtr", "false").strip() in {"true", "1"}


def _original_named(view: View) -> Iterator[Finding]:
    names = ("OrgnlInstrId", "OrgnlEndToEndId", "OrgnlTxId", "OrgnlUETR")
    for group in view.units("Undrlyg"):
        paths = view.units(f"{group}/TxInf")
        if not paths and not view.has(f"{group}/OrgnlGrpInfAndCxl"):
            yield Finding(group, Rule.MISSING, "OrgnlGrpInfAndCxl or a TxInf")
        for path in paths:
            if not any(f"{path}/{name}" in view.fields for name in names):
                yield Finding(path, Rule.MISSING, f"one of {', '.join(names)}")


_PAYMENTS = ("pacs.003.*", "pacs.008.*", "pacs.009.*")
_DATED = ("pacs.003.*", "pacs.004.*", "pacs.007.*", "pacs.008.*")
_AGENTS = (*_DATED, "pacs.028.*")
_SETTLEMENT = ("pacs.003.*", "pacs.004.*", "pacs.007.*", "pacs.008.*", "pacs.009.*")
RULES = (
    BusinessRule(
        "R09",
        "A transaction has a TxId or a UETR.",
        _PAYMENTS,
        "ISO TransactionIdentificationPresenceRule",
        _identified,
    ),
    BusinessRule(
        "R10",
        "NbOfTxs is the number of transactions.",
        (*_PAYMENTS, "pacs.004.*"),
        "ISO NumberOfTransactionsAndCreditTransfersRule",
        _number,
    ),
    BusinessRule(
        "R14",
        "A group total has a settlement date.",
        _DATED,
        "ISO TotalInterbankSettlementAmountAndDateRule",
        _total_date,
    ),
    BusinessRule(
        "R15",
        "The settlement date stands at one level.",
        _DATED,
        "ISO GroupHeader-/TransactionInterbankSettlementDateRule",
        _one_date,
    ),
    BusinessRule(
        "R16",
        "Instructing and instructed agent stand at one level.",
        _AGENTS,
        "ISO InstructingAgentRule, InstructedAgentRule",
        _agents_once,
    ),
    BusinessRule(
        "R17",
        "The payment type stands at one level.",
        _PAYMENTS,
        "ISO PaymentTypeInformationRule",
        _one_level("PmtTpInf"),
    ),
    BusinessRule(
        "R25",
        "INDA and INGA settle without others.",
        _SETTLEMENT,
        "ISO SettlementMethodAgentRule",
        _settled_by_agent,
    ),
    BusinessRule(
        "R26",
        "CLRG settles in the clearing system.",
        _SETTLEMENT,
        "ISO SettlementMethodClearingRule",
        _settled_by_clearing,
    ),
    BusinessRule(
        "R27",
        "COVE settles through reimbursement agents.",
        _SETTLEMENT,
        "ISO SettlementMethodCoverRule, SettlementMethodCoverAgentRule",
        _settled_by_cover,
    ),
    BusinessRule(
        "R28",
        "Reimbursement agents are complete.",
        _SETTLEMENT,
        "ISO ReimbursementAgent rules",
        _reimbursement,
    ),
    BusinessRule(
        "R29",
        "Agents in the chain are complete.",
        (*_PAYMENTS, "pacs.004.*"),
        "ISO IntermediaryAgent, PreviousInstructingAgent rules",
        _chain,
    ),
    BusinessRule(
        "R37",
        "A narrative reason has its narrative.",
        ("pacs.002.*", "pacs.004.*", "pain.002.*", "camt.056.*"),
        "ISO StatusReasonRule, ReturnReasonRule",
        _narrative,
    ),
    BusinessRule(
        "R40",
        "The original group is named at one level.",
        ("pacs.004.*", "pacs.028.*"),
        "ISO OriginalGroupInformation rules",
        _original_group,
    ),
    BusinessRule(
        "R41",
        "A group return has no transactions, another has.",
        ("pacs.004.*",),
        "ISO GroupReturn rules",
        _group_return,
    ),
    BusinessRule(
        "R44",
        "The original transaction is named.",
        ("camt.056.*",),
        "ISO OriginalIdentificationRule",
        _original_named,
    ),
)
