"""pacs.028.001.03 FIToFIPaymentStatusRequestV03 ↔ a status request."""

from __future__ import annotations

from msggw.canonical import Kind
from msggw.iso20022.mapping.converters import INSTANT
from msggw.iso20022.mapping.layout import Layout
from msggw.iso20022.mapping.parts import either_agent, original_references, text
from msggw.translate import Table

__all__ = ["LAYOUT", "TABLE"]

_G, _T = "GrpHdr", "TxInf"
_HEADER = "GroupHeader91"
_TX = "PaymentTransaction113"

TABLE = Table(
    "pacs.028.001.03",
    "iso20022",
    (
        text(f"{_G}/MsgId", "references.message_id", _HEADER, mandatory=True),
        text(f"{_G}/CreDtTm", "references.created_at", _HEADER, INSTANT, mandatory=True),
        *either_agent(f"{_G}/InstgAgt", f"{_T}/InstgAgt", "instructing_agent"),
        *either_agent(f"{_G}/InstdAgt", f"{_T}/InstdAgt", "instructed_agent"),
        text(f"{_T}/StsReqId", "references.transaction_id", _TX),
        *original_references(_T, "OrgnlGrpInf[1]"),
        text(f"{_T}/ClrSysRef", "references.clearing_reference", _TX),
    ),
    canonical={"kind": Kind.STATUS_REQUEST, "references.message_name": "pacs.028.001.03"},
    prefix="/Document/FIToFIPmtStsReq/",
)

LAYOUT = Layout(_T, fallback="OrgnlGrpInf")
