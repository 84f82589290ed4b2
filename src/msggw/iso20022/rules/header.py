"""Rules of the business application header against its document (R49-R52, R54, H01)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msggw.errors import Rule
from msggw.iso20022.header import Header, read_instant
from msggw.iso20022.rules.engine import BusinessRule, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.iso20022.rules.engine import View

__all__ = ["RULES", "SKEW_MAX"]

SKEW_MAX = timedelta(minutes=10)
"""How far ahead of ours a sender's clock may be."""

_BIC = "FIId/FinInstnId/BICFI"
_AGENT = "FinInstnId/BICFI"
_PRIORITY = ("GrpHdr/PmtTpInf/InstrPrty", "CdtTrfTxInf[1]/PmtTpInf/InstrPrty")
_MESSAGE_IDS = ("GrpHdr/MsgId", "Assgnmt/Id")


def _definition(view: View) -> Iterator[Finding]:
    stated = view.header.get("MsgDefIdr", view.message_name)
    if stated != view.message_name:
        yield Finding("/MsgDefIdr", Rule.CONFLICT, f"{view.message_name}, as the document is")


def _message_id(view: View) -> Iterator[Finding]:
    stated = view.header.get("BizMsgIdr")
    for path in _MESSAGE_IDS:
        if stated is not None and view.fields.get(path, stated) != stated:
            yield Finding("/BizMsgIdr", Rule.CONFLICT, f"the same as {path} in the document")


def _parties(view: View) -> Iterator[Finding]:
    if view.header.get("CpyDplct") in {"COPY", "CODU"}:
        return
    for side, name in (("Fr", "InstgAgt"), ("To", "InstdAgt")):
        stated = view.header.get(f"{side}/{_BIC}")
        agent = view.fields.get(f"GrpHdr/{name}/{_AGENT}")
        if stated and agent and _same_institution(stated) != _same_institution(agent):
            yield Finding(f"/{side}", Rule.CONFLICT, f"the BIC of {name} in the document")


def _same_institution(bic: str) -> str:
    # A BIC of 8 characters is the head office, as XXX says with 11 (ISO 9362).
    return bic if len(bic) == 11 else f"{bic}XXX"


def _priority(view: View) -> Iterator[Finding]:
    stated = view.header.get("Prty")
    for path in _PRIORITY:
        if stated is not None and view.fields.get(path, stated) != stated:
            yield Finding("/Prty", Rule.CONFLICT, f"the same as {path} in the document")


def _created(view: View) -> Iterator[Finding]:
    if "CreDt" not in view.header:
        return
    created = read_instant(view.header["CreDt"])
    if created is None:
        yield Finding("/CreDt", Rule.VALUE, "an instant of the calendar")
    elif view.now is not None and created > view.now + SKEW_MAX:
        minutes = SKEW_MAX.seconds // 60
        yield Finding("/CreDt", Rule.VALUE, f"at most {minutes} minutes ahead of our clock")


def _two_parties(view: View) -> Iterator[Finding]:
    header = Header(fields=view.header)
    if header.sender and header.sender == header.receiver:
        yield Finding("/To", Rule.CONFLICT, "another party than Fr")


_ALL = ("*",)
RULES = (
    BusinessRule(
        "R49",
        "MsgDefIdr names the document's message.",
        _ALL,
        "CBPR Message_Definition_Identifier",
        _definition,
    ),
    BusinessRule(
        "R50",
        "BizMsgIdr is the message id of the document.",
        ("pacs.*", "camt.056.*", "camt.029.*"),
        "CBPR Business_Message_Identifier",
        _message_id,
    ),
    BusinessRule(
        "R51",
        "Fr and To are instructing and instructed agent.",
        ("pacs.*",),
        "CBPR From_To_BIC_1/2",
        _parties,
    ),
    BusinessRule(
        "R52", "Prty is the instruction priority.", ("pacs.*",), "CBPR Priority", _priority
    ),
    BusinessRule("R54", "CreDt is not in the future.", _ALL, "operational", _created),
    BusinessRule("H01", "Fr and To are two parties.", _ALL, "operational", _two_parties),
)
