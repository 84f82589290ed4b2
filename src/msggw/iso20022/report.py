"""Reading the answers of others: status reports (pacs.002) and resolutions (camt.029)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.canonical import Outcome, OutcomeKind, Reason, reason_of
from msggw.errors import Refused, Rule
from msggw.iso20022.intake import read_fields
from msggw.iso20022.parser import LIMITS, STANDARD, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

__all__ = ["Report", "parse_camt029", "parse_pacs002"]

_ACCEPTED = frozenset({"ACSC", "ACCC", "ACWC"})
_PENDING = frozenset({"ACTC", "ACCP", "ACSP", "ACWP", "ACFC", "RCVD", "PDNG"})
_REJECTED = frozenset({"RJCT", "CANC"})
_CANCELLATION = {"ACCR": "ACSC", "CNCL": "ACSC", "RJCR": "RJCT", "PDCR": "PDNG"}


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says about one transaction, or about a whole message (no references)."""

    report_id: str
    status: str
    reason_code: str = ""
    details: tuple[str, ...] = ()
    original_message_id: str | None = None
    original_message_name: str | None = None
    instruction_id: str | None = None
    end_to_end_id: str | None = None
    transaction_id: str | None = None
    uetr: str | None = None

    def outcome(self, provider: str, at: datetime | None = None) -> Outcome:
        """Return what the report means; a status nobody knows means that we do not know."""
        kind, reason = OutcomeKind.UNKNOWN, Reason.PENDING
        if self.status in _ACCEPTED:
            kind, reason = OutcomeKind.ACCEPTED, Reason.APPROVED
        elif self.status in _PENDING:
            kind = OutcomeKind.PENDING
        elif self.status in _REJECTED:
            kind = OutcomeKind.REJECTED
            reason = reason_of("iso20022", self.reason_code or "-", Reason.DO_NOT_HONOUR)
        return Outcome(
            kind=kind,
            reason=reason,
            provider=provider,
            provider_reference=self.report_id,
            response_code=self.status if self.status.isalnum() else None,
            at=at,
        )


def parse_pacs002(data: bytes, *, limits: Limits = LIMITS) -> tuple[Report, ...]:
    """Read a pacs.002 of any version with a schema; raise `Refused` if it is not a valid one.

    A report without transactions gives one entry per original group.
    """
    fields = _body(data, "pacs.002.", limits)
    identifier = fields["GrpHdr/MsgId"]
    groups = [_group(fields, place) for place in _repeated(fields, "OrgnlGrpInfAndSts")]
    first = groups[0] if groups else {}
    reports = []
    for place in _repeated(fields, "TxInfAndSts"):
        own = {**first, **_group(fields, f"{place}/OrgnlGrpInf")}
        status = fields.get(f"{place}/TxSts") or first.get("status", "")
        reports.append(_report(fields, identifier, status, place, own))
    for group, place in zip(groups, _repeated(fields, "OrgnlGrpInfAndSts"), strict=True):
        if not reports or (len(groups) > 1 and group.get("status")):
            reports.append(_report(fields, identifier, group.get("status", ""), place, group))
    return tuple(reports)


def parse_camt029(data: bytes, *, limits: Limits = LIMITS) -> tuple[Report, ...]:
    """Read the answer to a cancellation request; accepted is ACSC, refused RJCT, else PDNG.

    An answer without details gives one entry without references.
    """
    fields = _body(data, "camt.029.", limits)
    identifier = fields["Assgnmt/Id"]
    overall = fields.get("Sts/Conf", "")
    reports = []
    for details in _repeated(fields, "CxlDtls"):
        for place in _repeated(fields, f"{details}/TxInfAndSts"):
            status = _cancellation(fields.get(f"{place}/TxCxlSts", overall))
            own = _group(fields, f"{place}/OrgnlGrpInf")
            reports.append(_report(fields, identifier, status, place, own))
        group = f"{details}/OrgnlGrpInfAndSts"
        if f"{group}/OrgnlMsgId" in fields:
            status = _cancellation(fields.get(f"{group}/GrpCxlSts", overall))
            own = _group(fields, group)
            reports.append(_report(fields, identifier, status, group, own))
    return tuple(reports) or (Report(identifier, _cancellation(overall)),)


def _body(data: bytes, family: str, limits: Limits) -> dict[str, str]:
    message, _, fields = read_fields(data, limits)
    if not message.message_name.startswith(family):
        raise Refused.of(
            STANDARD, "/Document", Rule.UNSUPPORTED, f"a message {family}* is expected"
        )
    return fields


def _report(
    fields: Mapping[str, str], identifier: str, status: str, place: str, group: Mapping[str, str]
) -> Report:
    reason = f"{place}/CxlStsRsnInf[1]"
    if not any(path.startswith(reason) for path in fields):
        reason = f"{place}/StsRsnInf[1]"
    code = fields.get(f"{reason}/Rsn/Cd") or fields.get(f"{reason}/Rsn/Prtry", "")
    return Report(
        identifier,
        status,
        code,
        tuple(fields[path] for path in _repeated(fields, f"{reason}/AddtlInf")),
        group.get("message_id"),
        group.get("message_name"),
        fields.get(f"{place}/OrgnlInstrId"),
        fields.get(f"{place}/OrgnlEndToEndId"),
        fields.get(f"{place}/OrgnlTxId"),
        fields.get(f"{place}/OrgnlUETR"),
    )


def _group(fields: Mapping[str, str], place: str) -> dict[str, str]:
    names = {
        "message_id": f"{place}/OrgnlMsgId",
        "message_name": f"{place}/OrgnlMsgNmId",
        "status": f"{place}/GrpSts",
    }
    return {name: fields[path] for name, path in names.items() if path in fields}


def _repeated(fields: Mapping[str, str], name: str) -> list[str]:
    out: list[str] = []
    mark = f"{name}["
    for path in fields:
        if path.startswith(mark):
            place = path[: path.index("]", len(mark)) + 1]
            if place not in out[-1:]:
                out.append(place)
    return out


def _cancellation(code: str) -> str:
    return _CANCELLATION.get(code, code)
