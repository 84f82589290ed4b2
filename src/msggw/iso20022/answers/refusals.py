"""Answers to messages that are refused: pacs.002 RJCT with the faults, or admi.002.

Faults never quote the message, so an answer gives nothing back that the sender wrote, except the
ids by which it knows the message.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from msggw.canonical import answer_for, reason_of_faults
from msggw.iso20022.answers import pacs002
from msggw.iso20022.answers.status import INFO_LENGTH_MAX
from msggw.iso20022.header import instant_text

if TYPE_CHECKING:
    from datetime import datetime

    from msggw.errors import Fault
    from msggw.iso20022.identify import Identity

__all__ = ["REJECT_NAME", "message_reject", "status_rejection"]

REJECT_NAME = "admi.002.001.01"
FAULTS_MAX = 20
LINES_MAX = 3
_GROUP = "FIToFIPmtStsRpt/OrgnlGrpInfAndSts[1]"
_CODES = {
    "R01": "AC01",
    "R02": "RC01",
    "R05": "AM11",
    "R06": "AM12",
    "R07": "AM12",
    "R10": "AM18",
    "R11": "AM10",
    "R12": "AM10",
    "R15": "DT01",
    "R54": "DT01",
    "R66": "DT01",
}
"""Rule → ExternalStatusReason1Code, where one says more than the general answer."""


def status_rejection(
    known: Identity, faults: tuple[Fault, ...], *, message_id: str, now: datetime
) -> dict[str, str]:
    """Return a flat pacs.002 that rejects a whole message with every fault, up to FAULTS_MAX."""
    out = pacs002.opening(message_id, now)
    out[f"{_GROUP}/OrgnlMsgId"] = known.message_id or "NOTPROVIDED"
    out[f"{_GROUP}/OrgnlMsgNmId"] = known.message_name or "NOTPROVIDED"
    if known.created_at is not None:
        out[f"{_GROUP}/OrgnlCreDtTm"] = instant_text(known.created_at)
    if known.transaction_count is not None:
        out[f"{_GROUP}/OrgnlNbOfTxs"] = known.transaction_count
    out[f"{_GROUP}/GrpSts"] = "RJCT"
    general = answer_for(reason_of_faults(faults)).iso20022
    for number, fault in enumerate(faults[:FAULTS_MAX], start=1):
        place = f"{_GROUP}/StsRsnInf[{number}]"
        out[f"{place}/Rsn/Cd"] = _CODES.get(fault.detail[:3], general)
        _write_lines(out, place, str(fault))
    if len(faults) > FAULTS_MAX:
        place = f"{_GROUP}/StsRsnInf[{FAULTS_MAX + 1}]"
        out[f"{place}/Rsn/Cd"] = general
        _write_lines(out, place, f"and {len(faults) - FAULTS_MAX} more faults")
    return out


def message_reject(known: Identity, faults: tuple[Fault, ...], *, now: datetime) -> dict[str, str]:
    """Return a flat admi.002: first fault as the reason, all of them as additional data."""
    first = faults[0]
    body = REJECT_NAME
    return {
        f"{body}/RltdRef/Ref": known.reference or "NOTPROVIDED",
        f"{body}/Rsn/RjctgPtyRsn": answer_for(reason_of_faults(faults)).iso20022,
        f"{body}/Rsn/RjctnDtTm": instant_text(now),
        f"{body}/Rsn/ErrLctn": str(first.where)[:350],
        f"{body}/Rsn/RsnDesc": f"{first.rule}: {first.detail}"[:350],
        f"{body}/Rsn/AddtlData": "\n".join(map(str, faults[:FAULTS_MAX]))[:20_000],
    }


def _write_lines(out: dict[str, str], place: str, text: str) -> None:
    lines = wrap(text, INFO_LENGTH_MAX, max_lines=LINES_MAX, placeholder=" ...")
    for number, line in enumerate(lines, start=1):
        out[f"{place}/AddtlInf[{number}]"] = line
