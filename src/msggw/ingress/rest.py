"""Canonical JSON over HTTP: `POST /v1/transactions` and `GET /v1/transactions/{id}`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from msggw.canonical import CARD_KINDS, Source, Standard, State, schema
from msggw.canonical.document import parse
from msggw.canonical.requirements import missing_parts
from msggw.desk import Incoming, moment
from msggw.errors import Conflict, Refused
from msggw.ingress.body import Parts, partner_of, read_body
from msggw.ingress.problem import Problem
from msggw.reply import as_json, timeline

if TYPE_CHECKING:
    from msggw.canonical import Transaction
    from msggw.desk import Answer

__all__ = ["rest_routes"]

_KEY = re.compile(r"[ -~]{1,255}")
_ID = re.compile(r"txn_[0-9a-f]{32}")
TRANSFER_EXPIRES_S = 86_400.0
_FINAL = frozenset({State.APPROVED, State.DECLINED, State.EXPIRED, State.REVERSED})
_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_ERRORS: dict[int | str, dict[str, Any]] = {
    code: {"description": text, **_PROBLEM}
    for code, text in {
        400: "Not well formed, or no Idempotency-Key",
        401: "No valid API key",
        409: "The first request with this key is still being worked on",
        413: "Too large",
        415: "Another media type",
        422: "The message breaks rules, or the key was used for another message",
        503: "Not available now",
    }.items()
}


def rest_routes(parts: Parts) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["transactions"])
    document = {"application/json": {"schema": _inline(schema())}}
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    }
    extra = {"requestBody": {"required": True, "content": document}, "parameters": [key]}
    result = {"description": "How the transaction stands", "content": {"application/json": {}}}
    responses: dict[int | str, dict[str, Any]] = {200: result, 202: result, **_ERRORS}

    @router.post("/v1/transactions", openapi_extra=extra, responses=responses)
    async def post_transaction(request: Request) -> JSONResponse:
        """Execute a canonical transaction; answer when it is decided, or 202 while it is not."""
        return await _post(request, parts)

    missing: dict[int | str, dict[str, Any]] = {code: _ERRORS[code] for code in (401, 503)}
    missing[404] = {"description": "No such transaction", **_PROBLEM}

    @router.get("/v1/transactions/{transaction_id}", responses={200: result, **missing})
    async def get_transaction(transaction_id: str, request: Request) -> JSONResponse:
        """Return a transaction and its timeline: every decision and attempt with its reasons."""
        return await _get(transaction_id, request, parts)

    return router


async def _post(request: Request, parts: Parts) -> JSONResponse:
    partner = await partner_of(request, parts)
    limit = parts.http.body_bytes_max
    body = await read_body(request, limit, ("application/json",))
    key = request.headers.get("idempotency-key", "").strip('"')
    if _KEY.fullmatch(key) is None:
        raise Problem(400, "idempotency-key", "send Idempotency-Key, 1 to 255 characters")
    transaction = _transaction(body, parts)
    source = Source(standard=Standard.JSON, dialect="canonical", partner=partner, link="http")
    card = transaction.kind in CARD_KINDS
    timeout_s = parts.http.answer_timeout_s
    incoming = Incoming(
        source=source,
        transaction=transaction,
        message_key=f"POST /v1/transactions|{key}",
        raw=b"",
        deadline_s=timeout_s,
        expires_s=timeout_s if card else TRANSFER_EXPIRES_S,
    )
    try:
        answer = await parts.desk.ask(incoming)
    except Conflict as error:
        raise Problem(409, "in-progress", str(error), retry_after_s=1) from None
    if answer.conflict:
        raise Problem(422, "idempotency-key-reused", "the key was used for another message")
    kind, reason = transaction.kind.value, answer.reason.value
    parts.metrics.answers.labels("json", kind, reason).inc()
    return _response(answer, parts)


def _transaction(body: bytes, parts: Parts) -> Transaction:
    try:
        transaction = parse(body)
        Refused.raise_if(missing_parts(transaction))
    except Refused as refusal:
        for fault in refusal:
            parts.metrics.refused.labels("json", fault.rule.value).inc()
        malformed = refusal.faults[0].where.path == ""
        status, code = (400, "not-json") if malformed else (422, "rules-broken")
        detail = f"{len(refusal.faults)} fault(s)"
        raise Problem(status, code, detail, refusal.faults) from None
    return transaction


def _response(answer: Answer, parts: Parts) -> JSONResponse:
    body = as_json(answer, parts.desk.records.keys)
    final = answer.state in _FINAL
    headers = {"Location": f"/v1/transactions/{answer.transaction_id}"}
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return JSONResponse(body, 200 if final else 202, headers=headers)


async def _get(transaction_id: str, request: Request, parts: Parts) -> JSONResponse:
    partner = await partner_of(request, parts)
    store = parts.desk.store
    known = _ID.fullmatch(transaction_id) is not None
    stored = await store.load(transaction_id) if known else None
    # Another partner's transaction is as absent as none at all.
    if stored is None or stored.partner != partner:
        raise Problem(404, "no-such-transaction", "there is no such transaction")
    body = as_json(parts.desk.records.answer(stored), parts.desk.records.keys)
    body["source"] = stored.source
    body["answered"] = stored.answered
    body["received_at"] = moment(stored.received_at_us).isoformat()
    rows = await store.timeline(transaction_id)
    body["timeline"] = timeline(rows, await store.attempts(transaction_id))
    return JSONResponse(body)


def _inline(document: dict[str, Any]) -> dict[str, Any]:
    # OpenAPI's components hold no foreign $defs, so the definitions are put where they are used.
    definitions = document.pop("$defs", {})
    for name in ("$schema", "$id"):
        document.pop(name, None)

    def resolve(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return resolve(definitions[node["$ref"].rpartition("/")[2]])
            return {key: resolve(item) for key, item in node.items() if key != "discriminator"}
        return [resolve(item) for item in node] if isinstance(node, list) else node

    inlined: dict[str, Any] = resolve(document)
    return inlined
