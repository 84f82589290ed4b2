"""pacs.004.001.09 PaymentReturnV09 ↔ a return."""

from __future__ import annotations

from msggw.canonical import Kind
from msggw.iso20022.mapping.converters import DATE, INSTANT, RATE, choice
from msggw.iso20022.mapping.layout import Layout
from msggw.iso20022.mapping.parts import (
    agent,
    amount,
    either_agent,
    either_row,
    fees,
    original_references,
    party,
    text,
)
from msggw.translate import Table, row

__all__ = ["LAYOUT", "TABLE"]

_G, _T = "GrpHdr", "TxInf"
_HEADER = "GroupHeader90"
_TX = "PaymentTransaction112"
_REASON = f"{_T}/RtrRsnInf[1]"

TABLE = Table(
    "pacs.004.001.09",
    "iso20022",
    (
        text(f"{_G}/MsgId", "references.message_id", _HEADER, mandatory=True),
        text(f"{_G}/CreDtTm", "references.created_at", _HEADER, INSTANT, mandatory=True),
        text(f"{_G}/SttlmInf/SttlmMtd", "settlement.method", _HEADER, mandatory=True),
        row(
            f"{_G}/SttlmInf/ClrSys/Cd?",
            f"{_G}/SttlmInf/ClrSys/Prtry?",
            path="settlement.clearing_system",
            iso=choice(3),
            clause=_HEADER,
        ),
        either_row(f"{_G}/IntrBkSttlmDt", f"{_T}/IntrBkSttlmDt", "settlement.date", DATE, _TX),
        *either_agent(f"{_G}/InstgAgt", f"{_T}/InstgAgt", "instructing_agent"),
        *either_agent(f"{_G}/InstdAgt", f"{_T}/InstdAgt", "instructed_agent"),
        text(f"{_T}/RtrId", "references.transaction_id", _TX),
        *original_references(_T, "OrgnlGrpInf"),
        amount(f"{_T}/RtrdIntrBkSttlmAmt", "amount", _TX),
        amount(f"{_T}/RtrdInstdAmt", "amounts.instructed", _TX),
        text(f"{_T}/XchgRate", "amounts.exchange_rate.rate", _TX, RATE),
        text(f"{_T}/ChrgBr", "settlement.charge_bearer", _TX),
        fees(_T),
        text(f"{_T}/ClrSysRef", "references.clearing_reference", _TX),
        *party(f"{_T}/RtrChain/Dbtr/Pty", "debtor"),
        *agent(f"{_T}/RtrChain/DbtrAgt", "debtor_agent"),
        *agent(f"{_T}/RtrChain/CdtrAgt", "creditor_agent"),
        *party(f"{_T}/RtrChain/Cdtr/Pty", "creditor"),
        text(f"{_REASON}/Rsn/Cd", "original.reason_code", "PaymentReturnReason6"),
        text(f"{_REASON}/AddtlInf[1]", "original.reason_text", "PaymentReturnReason6"),
    ),
    canonical={"kind": Kind.RETURN, "references.message_name": "pacs.004.001.09"},
    prefix="/Document/PmtRtr/",
)

LAYOUT = Layout(
    _T,
    count=f"{_G}/NbOfTxs",
    control_sum=f"{_G}/CtrlSum",
    total=f"{_G}/TtlRtrdIntrBkSttlmAmt",
    amount=f"{_T}/RtrdIntrBkSttlmAmt",
)
