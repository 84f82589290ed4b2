"""What operators and machines ask a running gateway: alive, ready, metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

if TYPE_CHECKING:
    from msggw.observe import Health, Metrics

__all__ = ["ops_routes"]


def ops_routes(health: Health, metrics: Metrics) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operations"])

    @router.get("/livez", responses={200: {"description": "The process serves"}})
    async def livez() -> JSONResponse:
        """Answer as long as the event loop turns."""
        return JSONResponse({"status": "ok"})

    @router.get(
        "/readyz",
        responses={
            200: {"description": "Traffic may come"},
            503: {"description": "A part does not serve, or the process drains"},
        },
    )
    async def readyz() -> JSONResponse:
        """Check store and broker; name what does not serve."""
        ready, parts = await health.readiness()
        word = "ready" if ready else "not ready"
        return JSONResponse({"status": word, "parts": parts}, 200 if ready else 503)

    text: dict[int | str, dict[str, Any]] = {
        200: {"description": "Prometheus text", "content": {"text/plain": {}}}
    }

    @router.get("/metrics", responses=text, response_class=Response)
    async def metrics_text() -> Response:
        """Return the metrics."""
        return Response(metrics.render(), media_type="text/plain; version=0.0.4")

    return router
