"""camt.056.001.08 FIToFIPaymentCancellationRequestV08 ↔ a cancellation request."""

from __future__ import annotations

from msggw.canonical import Kind
from msggw.iso20022.mapping.converters import DATE, INSTANT, TEXT
from msggw.iso20022.mapping.layout import Layout
from msggw.iso20022.mapping.parts import agent, amount, either_row, original_references, text
from msggw.translate import Table

__all__ = ["LAYOUT", "TABLE"]

_A, _U, _T = "Assgnmt", "Undrlyg/OrgnlGrpInfAndCxl", "Undrlyg/TxInf"
_TX = "PaymentTransaction106"
_REASON = "CxlRsnInf[1]"

TABLE = Table(
    "camt.056.001.08",
    "iso20022",
    (
        text(f"{_A}/Id", "references.message_id", "CaseAssignment5", mandatory=True),
        text(f"{_A}/CreDtTm", "references.created_at", "CaseAssignment5", INSTANT, mandatory=True),
        *agent(f"{_A}/Assgnr/Agt", "instructing_agent"),
        *agent(f"{_A}/Assgne/Agt", "instructed_agent"),
        either_row("Case/Id", f"{_T}/Case/Id", "original.case_id", TEXT, "Case5"),
        either_row(f"{_T}/CxlId", f"{_U}/GrpCxlId", "references.transaction_id", TEXT, _TX),
        *original_references(_T, _U),
        amount(f"{_T}/OrgnlIntrBkSttlmAmt", "amount", _TX),
        text(f"{_T}/OrgnlIntrBkSttlmDt", "settlement.date", _TX, DATE),
        either_row(
            f"{_T}/{_REASON}/Rsn/Cd",
            f"{_U}/{_REASON}/Rsn/Cd",
            "original.reason_code",
            TEXT,
            "PaymentCancellationReason5",
        ),
        either_row(
            f"{_T}/{_REASON}/AddtlInf[1]",
            f"{_U}/{_REASON}/AddtlInf[1]",
            "original.reason_text",
            TEXT,
            "PaymentCancellationReason5",
        ),
    ),
    canonical={"kind": Kind.CANCELLATION_REQUEST, "references.message_name": "camt.056.001.08"},
    prefix="/Document/FIToFIPmtCxlReq/",
)

LAYOUT = Layout(_T)
