"""The business application header (BAH), head.001.001.02 and later: read, build, reply.

A header is kept in its flat form (see `flatten`), because a reply copies it: `Fr` and `To` are
swapped, and the header answered is repeated in `Rltd`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msggw.iso20022.content import content_of
from msggw.iso20022.flatten import build_element, flatten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

__all__ = ["HEADER_NAME", "Header", "instant_text", "read_instant"]

HEADER_NAME = "head.001.001.02"
_IDENTIFIERS = (
    "FIId/FinInstnId/BICFI",
    "OrgId/Id/OrgId/AnyBIC",
    "FIId/FinInstnId/LEI",
    "OrgId/Id/OrgId/LEI",
    "FIId/FinInstnId/ClrSysMmbId/MmbId",
    "FIId/FinInstnId/Othr/Id",
    "OrgId/Id/OrgId/Othr[1]/Id",
)
_NOT_RELATED = ("Rltd[", "Sgntr", "MktPrctc", "BizPrcgDt")


@dataclass(frozen=True)
class Header:
    """One `AppHdr` of the version `name`, as flat fields."""

    name: str = HEADER_NAME
    fields: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, element: etree._Element, name: str) -> Header:
        """Take a schema-valid `AppHdr`."""
        return cls(name, flatten(element, content_of(name)))

    @classmethod
    def build(
        cls,
        *,
        sender: str,
        receiver: str,
        business_message_id: str,
        message_name: str,
        created_at: datetime,
        service: str | None = None,
        priority: str | None = None,
        name: str = HEADER_NAME,
    ) -> Header:
        """Make a header between two BICs."""
        fields = {
            "Fr/FIId/FinInstnId/BICFI": sender,
            "To/FIId/FinInstnId/BICFI": receiver,
            "BizMsgIdr": business_message_id,
            "MsgDefIdr": message_name,
            "CreDt": instant_text(created_at),
        }
        if service is not None:
            fields["BizSvc"] = service
        if priority is not None:
            fields["Prty"] = priority
        return cls(name, fields)

    def reply(self, *, business_message_id: str, message_name: str, created_at: datetime) -> Header:
        """Make the header of the answer: back to the sender, related to this header."""
        fields = {
            "BizMsgIdr": business_message_id,
            "MsgDefIdr": message_name,
            "CreDt": instant_text(created_at),
        }
        for path, text in self.fields.items():
            if path.startswith("Fr/"):
                fields[f"To/{path[3:]}"] = text
            elif path.startswith("To/"):
                fields[f"Fr/{path[3:]}"] = text
            elif path in {"BizSvc", "CharSet"}:
                fields[path] = text
            if not path.startswith(_NOT_RELATED):
                fields[f"Rltd[1]/{path}"] = text
        return Header(self.name, fields)

    def element(self) -> etree._Element:
        """Return the `AppHdr` element."""
        return build_element(self.fields, self.name, "AppHdr")

    @property
    def sender(self) -> str:
        """Who sent it: BIC, else LEI, member id or other identification; empty if none."""
        return self._party("Fr")

    @property
    def receiver(self) -> str:
        """Whom it was sent to, as `sender`."""
        return self._party("To")

    @property
    def business_message_id(self) -> str:
        """BizMsgIdr."""
        return self.fields.get("BizMsgIdr", "")

    @property
    def message_name(self) -> str:
        """MsgDefIdr."""
        return self.fields.get("MsgDefIdr", "")

    @property
    def created_at(self) -> datetime | None:
        """CreDt, or None if it is not an instant a calendar has."""
        return read_instant(self.fields.get("CreDt", ""))

    @property
    def priority(self) -> str | None:
        """Prty."""
        return self.fields.get("Prty")

    @property
    def service(self) -> str | None:
        """BizSvc."""
        return self.fields.get("BizSvc")

    @property
    def copy_duplicate(self) -> str | None:
        """CpyDplct: CODU, COPY or DUPL."""
        return self.fields.get("CpyDplct")

    @property
    def possible_duplicate(self) -> bool:
        """PssblDplct: the sender is not sure whether it was sent before."""
        return self.fields.get("PssblDplct", "").strip() in {"true", "1"}

    def _party(self, side: str) -> str:
        for path in _IDENTIFIERS:
            if found := self.fields.get(f"{side}/{path}"):
                return found
        return ""


def instant_text(instant: datetime) -> str:
    """Return an aware time as UTC text to the millisecond, such as `2026-11-20T10:00:00.000Z`."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{instant.microsecond // 1000:03d}Z"
    )


def read_instant(text: str) -> datetime | None:
    """Read an ISODateTime; one without a zone is taken as UTC, an impossible one gives None."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
