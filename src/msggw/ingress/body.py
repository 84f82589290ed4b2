"""Reading request bodies with a limit, and knowing who sent them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.ingress.apikey import authenticate
from msggw.ingress.problem import Problem
from msggw.values import PartnerId

if TYPE_CHECKING:
    from fastapi import Request

    from msggw.config import Http
    from msggw.desk import Desk
    from msggw.observe import Health, Metrics

__all__ = ["Parts", "partner_of", "read_body"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    desk: Desk
    metrics: Metrics
    health: Health
    http: Http


async def read_body(request: Request, limit: int, media_types: tuple[str, ...]) -> bytes:
    """Return the body; raise `Problem` 415 for another media type and 413 beyond the limit."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared not in media_types:
        raise Problem(415, "media-type", f"send {' or '.join(media_types)}")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "content-encoding", "send the body uncompressed")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Problem(413, "too-large", f"at most {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def partner_of(request: Request, parts: Parts) -> PartnerId:
    """Return the partner whose API key the request carries; raise `Problem` 401."""
    header = request.headers.get("authorization", "")
    key = header[7:] if header[:7].lower() == "bearer " else request.headers.get("x-api-key", "")
    if not key and parts.http.open_partner is not None:
        return PartnerId(parts.http.open_partner)
    partner = await authenticate(key, parts.desk.store, parts.desk.records.keys)
    if partner is None:
        raise Problem(401, "authentication", "send Authorization: Bearer and a valid API key")
    return PartnerId(partner)
