"""ISO 20022 over HTTP: `POST /v1/iso20022`, one message in, its answer out in the same exchange."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from msggw.canonical import Source, Standard
from msggw.desk import Incoming
from msggw.errors import Conflict, Refused
from msggw.ingress.body import Parts, partner_of, read_body
from msggw.ingress.problem import Problem
from msggw.ingress.rest import TRANSFER_EXPIRES_S
from msggw.iso20022 import LIMITS, Limits, answer, read, refuse
from msggw.reply import answered_at, status_for

if TYPE_CHECKING:
    from datetime import datetime

    from msggw.desk import Answer
    from msggw.iso20022 import Incoming as Message
    from msggw.values import PartnerId

__all__ = ["xml_routes"]

MEDIA_TYPES = ("application/xml", "text/xml")
_XML = {"application/xml": {"schema": {"type": "string"}}}


def xml_routes(parts: Parts) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["iso20022"])
    problem_form = {"application/problem+json": {"schema": {"type": "object"}}}
    responses: dict[int | str, dict[str, Any]] = {
        200: {"description": "pacs.002 or camt.029", "content": _XML},
        400: {"description": "admi.002: this is no message", "content": _XML},
        401: {"description": "No valid API key", "content": problem_form},
        413: {"description": "Too large", "content": problem_form},
        415: {"description": "Another media type", "content": problem_form},
        503: {"description": "Not available now", "content": problem_form},
    }
    extra = {"requestBody": {"required": True, "content": _XML}}

    @router.post("/v1/iso20022", openapi_extra=extra, responses=responses)
    async def post_message(request: Request) -> Response:
        """Take pacs.008, pacs.004, pacs.028 or camt.056; answer pacs.002, camt.029 or admi.002."""
        partner = await partner_of(request, parts)
        data = await read_body(request, parts.http.body_bytes_max, MEDIA_TYPES)
        return await _serve(data, partner, parts)

    return router


async def _serve(data: bytes, partner: PartnerId, parts: Parts) -> Response:
    now = parts.desk.clock.now()
    limits = Limits(size_bytes_max=min(parts.http.body_bytes_max, LIMITS.size_bytes_max))
    try:
        message = read(data, now=now, limits=limits)
    except Refused as refusal:
        return _refused(data, refusal, now, parts)
    answers = await asyncio.gather(
        *(_ask(message, index, partner, parts) for index in range(len(message.transactions))),
        return_exceptions=True,
    )
    for failed in answers:
        if isinstance(failed, Conflict):
            raise Problem(409, "in-progress", str(failed), retry_after_s=1) from None
        if isinstance(failed, BaseException):
            raise failed
    given = [one for one in answers if not isinstance(one, BaseException)]
    statuses = [status_for(one) for one in given]
    # The same answer every time it is asked for: its id and time come from what is stored.
    report_id = f"MSGGW{given[0].transaction_id[-30:].upper()}"
    xml = answer(message, statuses, message_id=report_id, now=answered_at(given))
    for one in given:
        kind = one.envelope.transaction.kind.value
        parts.metrics.answers.labels("iso20022", kind, one.reason.value).inc()
    return Response(xml, media_type="application/xml")


async def _ask(message: Message, index: int, partner: PartnerId, parts: Parts) -> Answer:
    source = Source(
        standard=Standard.ISO20022, dialect=message.message_name, partner=partner, link="http"
    )
    incoming = Incoming(
        source=source,
        transaction=message.transactions[index],
        message_key=message.message_key(index),
        raw=message.data if index == 0 else b"",
        deadline_s=parts.http.answer_timeout_s,
        expires_s=TRANSFER_EXPIRES_S,
    )
    return await parts.desk.ask(incoming)


def _refused(data: bytes, refusal: Refused, now: datetime, parts: Parts) -> Response:
    for fault in refusal:
        parts.metrics.refused.labels("iso20022", fault.rule.value).inc()
    digest = hashlib.sha256(data).hexdigest()
    message_id = f"MSGGW{digest[:30].upper()}"
    xml = refuse(data, refusal, message_id=message_id, now=now, sender=parts.http.bic)
    is_report = b"FIToFIPmtStsRpt" in xml or b"RsltnOfInvstgtn" in xml
    return Response(xml, 200 if is_report else 400, media_type="application/xml")
