"""pacs.008.001.08 FIToFICustomerCreditTransferV08 ↔ a credit transfer."""

from __future__ import annotations

from msggw.canonical import Kind
from msggw.iso20022.mapping.converters import DATE, INSTANT, RATE, TEXT, UETR, choice
from msggw.iso20022.mapping.layout import Layout
from msggw.iso20022.mapping.parts import (
    account,
    agent,
    amount,
    either_agent,
    either_row,
    fees,
    intermediaries,
    party,
    payment_type,
    text,
)
from msggw.translate import Table, row

__all__ = ["LAYOUT", "TABLE"]

_G, _T = "GrpHdr", "CdtTrfTxInf"
_HEADER = "GroupHeader93"
_TX = "CreditTransferTransaction39"
UNSTRUCTURED_MAX = 1000

TABLE = Table(
    "pacs.008.001.08",
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
        text(f"{_T}/PmtId/InstrId", "references.instruction_id", "PaymentIdentification7"),
        text(
            f"{_T}/PmtId/EndToEndId",
            "references.end_to_end_id",
            "PaymentIdentification7",
            mandatory=True,
        ),
        text(f"{_T}/PmtId/TxId", "references.transaction_id", "PaymentIdentification7"),
        text(f"{_T}/PmtId/UETR", "references.uetr", "PaymentIdentification7", UETR),
        text(f"{_T}/PmtId/ClrSysRef", "references.clearing_reference", "PaymentIdentification7"),
        *payment_type(f"{_T}/PmtTpInf"),
        amount(f"{_T}/IntrBkSttlmAmt", "amount", _TX, mandatory=True),
        amount(f"{_T}/InstdAmt", "amounts.instructed", _TX),
        text(f"{_T}/XchgRate", "amounts.exchange_rate.rate", _TX, RATE),
        text(f"{_T}/ChrgBr", "settlement.charge_bearer", _TX, mandatory=True),
        fees(_T),
        intermediaries(_T),
        *party(f"{_T}/UltmtDbtr", "ultimate_debtor"),
        *party(f"{_T}/Dbtr", "debtor"),
        *account(f"{_T}/DbtrAcct", "debtor_account"),
        *agent(f"{_T}/DbtrAgt", "debtor_agent"),
        *agent(f"{_T}/CdtrAgt", "creditor_agent"),
        *party(f"{_T}/Cdtr", "creditor"),
        *account(f"{_T}/CdtrAcct", "creditor_account"),
        *party(f"{_T}/UltmtCdtr", "ultimate_creditor"),
        row(f"{_T}/Purp/Cd?", f"{_T}/Purp/Prtry?", path="purpose.code", iso=choice(4), clause=_TX),
        row(
            f"{_T}/RmtInf/Ustrd[]",
            path="purpose.unstructured[]",
            iso=TEXT,
            clause="RemittanceInformation16",
            limit=UNSTRUCTURED_MAX,
        ),
        text(
            f"{_T}/RmtInf/Strd[1]/CdtrRefInf/Ref",
            "purpose.creditor_reference",
            "CreditorReferenceInformation2",
        ),
    ),
    canonical={"kind": Kind.CREDIT_TRANSFER, "references.message_name": "pacs.008.001.08"},
    prefix="/Document/FIToFICstmrCdtTrf/",
)

LAYOUT = Layout(
    _T,
    count=f"{_G}/NbOfTxs",
    control_sum=f"{_G}/CtrlSum",
    total=f"{_G}/TtlIntrBkSttlmAmt",
    amount=f"{_T}/IntrBkSttlmAmt",
)
