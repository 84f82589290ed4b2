"""What can be known about a message that is refused: enough to answer it, or nothing.

Nothing here trusts the schema, because the message has just failed it. Each part is taken only if
it is by itself what it should be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Refused
from msggw.iso20022.header import Header, read_instant
from msggw.iso20022.message import local_name, open_message
from msggw.iso20022.parser import LIMITS, Limits
from msggw.iso20022.schema import schema_faults

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from msggw.iso20022.message import Message

__all__ = ["Identity", "identify"]

_ID = re.compile(r"[^\x00-\x1f\x7f]{1,35}")
_COUNT = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known; None where it is not. `readable` says whether it is a message at all."""

    readable: bool = False
    message_name: str | None = None
    header: Header | None = None
    wrapper: str | None = None
    message_id: str | None = None
    created_at: datetime | None = None
    transaction_count: str | None = None

    @property
    def reference(self) -> str | None:
        """How the sender calls the message: BizMsgIdr, else the message id of the document."""
        if self.header is not None:
            return self.header.business_message_id
        return self.message_id


def identify(data: bytes, limits: Limits = LIMITS) -> Identity:
    """Return what can be read of a message, however broken; never raises."""
    try:
        message = open_message(data, limits)
    except Refused:
        return Identity()
    created = _text(message, "GrpHdr/CreDtTm", "Assgnmt/CreDtTm")
    return Identity(
        readable=True,
        message_name=message.message_name,
        header=_header(message),
        wrapper=message.wrapper,
        message_id=_if(_ID, _text(message, "GrpHdr/MsgId", "Assgnmt/Id")),
        created_at=read_instant(created) if created else None,
        transaction_count=_if(_COUNT, _text(message, "GrpHdr/NbOfTxs")),
    )


def _header(message: Message) -> Header | None:
    if message.header is None or message.header_name is None:
        return None
    try:
        faults = schema_faults(message.header, message.header_name)
    except Refused:
        return None
    return None if faults else Header.read(message.header, message.header_name)


def _text(message: Message, *paths: str) -> str | None:
    body = message.body
    for path in paths if body is not None else ():
        node: etree._Element | None = body
        for name in path.split("/"):
            node = _child(node, name) if node is not None else None
        if node is not None:
            return node.text
    return None


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in node if local_name(child) == name), None)


def _if(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text is not None and pattern.fullmatch(text) else None
