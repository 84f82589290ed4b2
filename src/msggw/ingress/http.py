"""The HTTP application: routes, and every error as an RFC 9457 problem that quotes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

import msggw
from msggw.errors import GatewayError
from msggw.ingress.ops import ops_routes
from msggw.ingress.problem import Problem, problem
from msggw.ingress.rest import rest_routes
from msggw.ingress.xml import xml_routes
from msggw.observe import masked

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi.responses import JSONResponse

    from msggw.ingress.body import Parts
    from msggw.observe import Health, Metrics

__all__ = ["build_app", "ops_app"]


def build_app(parts: Parts, log: Callable[..., None]) -> FastAPI:
    """Return the gateway's application."""
    app = FastAPI(
        title="msggw",
        version=msggw.__version__,
        description="Financial message gateway: ISO 8583, ISO 20022 and canonical JSON.",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(rest_routes(parts))
    app.include_router(xml_routes(parts))
    app.include_router(ops_routes(parts.health, parts.metrics))
    _handle_errors(app, log)
    return app


def ops_app(health: Health, metrics: Metrics) -> FastAPI:
    """Return what a worker serves: health and metrics only."""
    app = FastAPI(title="msggw worker", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(ops_routes(health, metrics))
    return app


def _handle_errors(app: FastAPI, log: Callable[..., None]) -> None:
    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> JSONResponse:
        return problem(error, masked(request.url.path))

    @app.exception_handler(GatewayError)
    async def on_gateway_error(request: Request, error: GatewayError) -> JSONResponse:
        log("http.unavailable", path=masked(request.url.path), cause=str(error))
        detail = "nothing was accepted; send it again with the same key"
        return problem(
            Problem(503, "unavailable", detail, retry_after_s=1), masked(request.url.path)
        )

    @app.exception_handler(HTTPException)
    async def on_http_error(request: Request, error: HTTPException) -> JSONResponse:
        status = error.status_code if error.status_code in {404, 405} else 400
        code = {404: "no-such-path", 405: "method"}.get(status, "request")
        return problem(Problem(status, code, "see /openapi.json"), masked(request.url.path))

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, _error: RequestValidationError) -> JSONResponse:
        # FastAPI's own answer would quote the input.
        return problem(Problem(422, "request", "a parameter is wrong"), masked(request.url.path))

    @app.exception_handler(Exception)
    async def on_defect(request: Request, error: Exception) -> JSONResponse:
        log("http.defect", path=masked(request.url.path), error=type(error).__name__)
        return problem(
            Problem(500, "defect", "the gateway failed; see its log"), masked(request.url.path)
        )
