"""pacs.002.001.10 FIToFIPaymentStatusReportV10: what became of each transaction, or of all."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msggw.canonical import Kind
from msggw.iso20022.answers.status import information, reason_code
from msggw.iso20022.header import instant_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from msggw.canonical import Transaction
    from msggw.iso20022.answers.status import Status

__all__ = ["NAME", "group_status", "report"]

NAME = "pacs.002.001.10"
_BODY = "FIToFIPmtStsRpt"
_GROUP = f"{_BODY}/OrgnlGrpInfAndSts[1]"
_RANKED = ("PDNG", "RCVD", "ACTC", "ACCP", "ACSP", "ACWC", "ACSC", "ACCC")
"""Accepted group states, the least certain first."""
_Reference = tuple[str | None, str | None]


def report(
    transactions: Sequence[Transaction],
    statuses: Sequence[Status],
    *,
    message_id: str,
    now: datetime,
) -> dict[str, str]:
    """Return the flat document; one status per transaction, in the same order."""
    out = opening(message_id, now)
    groups = [_group_of(one) for one in transactions]
    shared = len(set(groups)) == 1
    if shared:
        _write_group(out, transactions, statuses, groups[0])
    for number, (one, status) in enumerate(zip(transactions, statuses, strict=True), start=1):
        references = _references(one)
        if references or not shared:
            place = f"{_BODY}/TxInfAndSts[{number}]"
            if not shared:
                _write_reference(out, f"{place}/OrgnlGrpInf", groups[number - 1])
            out.update({f"{place}/{name}": text for name, text in references.items()})
            out[f"{place}/TxSts"] = status.code
            write_reason(out, f"{place}/StsRsnInf[1]", status)
    return out


def opening(message_id: str, now: datetime) -> dict[str, str]:
    """Return the group header of a report."""
    return {
        f"{_BODY}/GrpHdr/MsgId": message_id,
        f"{_BODY}/GrpHdr/CreDtTm": instant_text(now),
    }


def write_reason(out: dict[str, str], place: str, status: Status) -> None:
    """Write StatusReasonInformation12, if there is anything to say."""
    code = reason_code(status)
    if code is not None:
        out[f"{place}/Rsn/Cd"] = code
    for number, line in enumerate(information(status), start=1):
        out[f"{place}/AddtlInf[{number}]"] = line


def group_status(codes: Sequence[str]) -> str | None:
    """Return the status of a group (ISO GroupStatus rules); None if no group status says it."""
    distinct = set(codes)
    if distinct == {"RJCT"}:
        return "RJCT"
    if distinct <= set(_RANKED):
        return min(distinct, key=_RANKED.index)
    return "PART" if len(distinct) > 1 else None


def _write_group(
    out: dict[str, str],
    transactions: Sequence[Transaction],
    statuses: Sequence[Status],
    group: _Reference,
) -> None:
    _write_reference(out, _GROUP, group)
    codes = [status.code for status in statuses]
    overall = group_status(codes)
    if transactions[0].kind is not Kind.STATUS_REQUEST:
        created = transactions[0].references.created_at
        if created is not None:
            out[f"{_GROUP}/OrgnlCreDtTm"] = instant_text(created)
        out[f"{_GROUP}/OrgnlNbOfTxs"] = str(len(transactions))
    if overall is not None:
        out[f"{_GROUP}/GrpSts"] = overall
    if not any(_references(one) for one in transactions):
        write_reason(out, f"{_GROUP}/StsRsnInf[1]", statuses[0])
    if overall == "PART":
        for number, (code, count) in enumerate(sorted(Counter(codes).items()), start=1):
            out[f"{_GROUP}/NbOfTxsPerSts[{number}]/DtldNbOfTxs"] = str(count)
            out[f"{_GROUP}/NbOfTxsPerSts[{number}]/DtldSts"] = code


def _write_reference(out: dict[str, str], place: str, group: _Reference) -> None:
    out[f"{place}/OrgnlMsgId"] = group[0] or "NOTPROVIDED"
    out[f"{place}/OrgnlMsgNmId"] = group[1] or "NOTPROVIDED"


def _group_of(transaction: Transaction) -> _Reference:
    if transaction.kind is Kind.STATUS_REQUEST and transaction.original is not None:
        return transaction.original.message_id, transaction.original.message_name
    return transaction.references.message_id, transaction.references.message_name


def _references(transaction: Transaction) -> dict[str, str]:
    own, original = transaction.references, transaction.original
    if original is None:
        found = (own.instruction_id, own.end_to_end_id, own.transaction_id, own.uetr)
    else:
        asked = transaction.kind is Kind.STATUS_REQUEST
        payment = original.transaction_id if asked else own.transaction_id
        found = (original.instruction_id, original.end_to_end_id, payment, original.uetr)
    names = ("OrgnlInstrId", "OrgnlEndToEndId", "OrgnlTxId", "OrgnlUETR")
    return {name: text for name, text in zip(names, found, strict=True) if text is not None}
