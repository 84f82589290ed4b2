"""camt.029.001.09 ResolutionOfInvestigationV09: the answer to a cancellation request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import Original
from msggw.iso20022.answers.status import INFO_LENGTH_MAX, information, reason_code
from msggw.iso20022.header import instant_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from msggw.canonical import Transaction
    from msggw.iso20022.answers.status import Status

__all__ = ["NAME", "resolution"]

NAME = "camt.029.001.09"
_BODY = "RsltnOfInvstgtn"
_DETAILS = f"{_BODY}/CxlDtls[1]"
_PENDING = frozenset({"PDNG", "RCVD", "ACTC", "ACCP", "ACSP"})
_CONFIRMED = {"ACCR": "CNCL", "RJCR": "RJCR", "PDCR": "PDCR"}
"""CancellationIndividualStatus1Code → ExternalInvestigationExecutionConfirmation1Code."""
_REASONS = frozenset(
    {"AC04", "AGNT", "AM04", "ARDT", "CUST", "LEGL", "NOAS", "NOOR", "PTNA", "RQDA"}
)
"""The codes of ExternalPaymentCancellationRejection1Code that status reasons share."""


def resolution(
    request: Mapping[str, str],
    transactions: Sequence[Transaction],
    statuses: Sequence[Status],
    *,
    message_id: str,
    now: datetime,
) -> dict[str, str]:
    """Return the flat document; `request` is the flat body of the camt.056 answered."""
    results = [_result(status) for status in statuses]
    out = {
        f"{_BODY}/Assgnmt/Id": message_id,
        f"{_BODY}/Assgnmt/CreDtTm": instant_text(now),
        f"{_BODY}/Sts/Conf": _CONFIRMED[results[0]] if len(set(results)) == 1 else "PECR",
    }
    for path, text in request.items():
        if path.startswith("Assgnmt/Assgnr/"):
            out[f"{_BODY}/Assgnmt/Assgne/{path[15:]}"] = text
        elif path.startswith("Assgnmt/Assgne/"):
            out[f"{_BODY}/Assgnmt/Assgnr/{path[15:]}"] = text
        elif path.startswith("Case/"):
            out[f"{_BODY}/RslvdCase/{path[5:]}"] = text
    numbers = iter(range(1, len(transactions) + 1))
    groups = iter(range(1, len(transactions) + 1))
    for one, status, result in zip(transactions, statuses, results, strict=True):
        if _references(one):
            _write_transaction(out, f"{_DETAILS}/TxInfAndSts[{next(numbers)}]", one, result, status)
        else:
            place = f"{_BODY}/CxlDtls[{next(groups)}]/OrgnlGrpInfAndSts"
            _write_group(out, place, one, result, status)
    return out


def _write_transaction(
    out: dict[str, str], place: str, one: Transaction, result: str, status: Status
) -> None:
    _write_original(out, f"{place}/OrgnlGrpInf", one)
    out.update({f"{place}/{name}": text for name, text in _references(one).items()})
    out[f"{place}/TxCxlSts"] = result
    _write_reason(out, f"{place}/CxlStsRsnInf[1]", result, status)


def _write_group(
    out: dict[str, str], place: str, one: Transaction, result: str, status: Status
) -> None:
    _write_original(out, place, one)
    out[f"{place}/GrpCxlSts"] = result
    _write_reason(out, f"{place}/CxlStsRsnInf[1]", result, status)


def _write_original(out: dict[str, str], place: str, one: Transaction) -> None:
    original = one.original or Original()
    if original.message_id is not None:
        out[f"{place}/OrgnlMsgId"] = original.message_id
        out[f"{place}/OrgnlMsgNmId"] = original.message_name or "NOTPROVIDED"


def _write_reason(out: dict[str, str], place: str, result: str, status: Status) -> None:
    if result != "RJCR":
        return
    code = reason_code(status)
    shared = code if code in _REASONS else "NARR"
    out[f"{place}/Rsn/Cd"] = shared
    lines = information(status)
    if shared == "NARR" and not lines:
        lines = (_narrative(status),)
    for number, line in enumerate(lines, start=1):
        out[f"{place}/AddtlInf[{number}]"] = line[:INFO_LENGTH_MAX]


def _narrative(status: Status) -> str:
    return f"status reason {reason_code(status) or 'not given'}"


def _result(status: Status) -> str:
    if status.code == "RJCT":
        return "RJCR"
    return "PDCR" if status.code in _PENDING else "ACCR"


def _references(transaction: Transaction) -> dict[str, str]:
    original = transaction.original or Original()
    found = {
        "OrgnlInstrId": original.instruction_id,
        "OrgnlEndToEndId": original.end_to_end_id,
        "OrgnlTxId": original.transaction_id,
        "OrgnlUETR": original.uetr,
    }
    return {name: text for name, text in found.items() if text is not None}
