"""Answers, complete with header and wrapper. Equal arguments give equal bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import Kind
from msggw.iso20022.answers import camt029, pacs002, refusals
from msggw.iso20022.answers.status import Status, status_of
from msggw.iso20022.envelope import enclose
from msggw.iso20022.header import Header
from msggw.iso20022.identify import identify
from msggw.iso20022.mapping import mapping_of
from msggw.iso20022.parser import LIMITS, Limits
from msggw.translate import Context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from msggw.errors import Refused
    from msggw.iso20022.identify import Identity
    from msggw.iso20022.intake import Incoming

__all__ = ["Status", "answer", "refuse", "status_of"]


def answer(
    incoming: Incoming, statuses: Sequence[Status], *, message_id: str, now: datetime
) -> bytes:
    """Answer a valid message: pacs.002, or camt.029 for a cancellation request.

    `statuses` are those of `incoming.transactions`, in order and as many (else `ValueError`); for
    a status request they are those of the payments asked about. The header goes back to the
    sender; a message that came without one is answered without one.
    """
    if len(statuses) != len(incoming.transactions):
        msg = f"{len(statuses)} statuses for {len(incoming.transactions)} transactions"
        raise ValueError(msg)
    if incoming.transactions[0].kind is Kind.CANCELLATION_REQUEST:
        name = camt029.NAME
        request = mapping_of(incoming.message_name).write(incoming.transactions, Context(now))
        fields = camt029.resolution(
            request, incoming.transactions, statuses, message_id=message_id, now=now
        )
    else:
        name = pacs002.NAME
        fields = pacs002.report(incoming.transactions, statuses, message_id=message_id, now=now)
    header = None
    if incoming.header is not None:
        header = incoming.header.reply(
            business_message_id=message_id, message_name=name, created_at=now
        )
    return enclose(name, fields, header=header, wrapper=incoming.wrapper)


def refuse(
    data: bytes,
    refusal: Refused,
    *,
    message_id: str,
    now: datetime,
    sender: str = "",
    receiver: str = "",
    limits: Limits = LIMITS,
) -> bytes:
    """Answer a message that was refused, as well as it can be identified.

    A payment message (`pacs`) whose message id is readable gets a pacs.002 RJCT, anything else an
    admi.002. `sender` (we) and `receiver` are BICs for the header of an answer to what cannot be
    read at all; without them such an answer has no header.
    """
    known = identify(data, limits)
    if (known.message_name or "").startswith("pacs.") and known.message_id:
        name = pacs002.NAME
        fields = refusals.status_rejection(known, refusal.faults, message_id=message_id, now=now)
    else:
        name = refusals.REJECT_NAME
        fields = refusals.message_reject(known, refusal.faults, now=now)
    header = _header(known, name, message_id, now, (sender, receiver))
    return enclose(name, fields, header=header, wrapper=known.wrapper)


def _header(
    known: Identity, name: str, message_id: str, now: datetime, parties: tuple[str, str]
) -> Header | None:
    if known.header is not None:
        return known.header.reply(business_message_id=message_id, message_name=name, created_at=now)
    bare = known.readable and known.wrapper is None
    if bare or not all(parties):
        return None
    return Header.build(
        sender=parties[0],
        receiver=parties[1],
        business_message_id=message_id,
        message_name=name,
        created_at=now,
    )
