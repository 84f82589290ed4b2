"""RFC 9457 problems: what HTTP senders are told when something is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi.responses import JSONResponse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msggw.errors import Fault

__all__ = ["Problem", "problem"]

FAULTS_MAX = 100
_TYPE = "urn:msggw:problem:"
_TITLES = {
    400: "The request is not well formed",
    401: "Who are you?",
    404: "There is no such thing",
    405: "This method is not served here",
    409: "Still being worked on",
    413: "Too large",
    415: "This media type is not read here",
    422: "The message breaks rules",
    429: "Too many requests",
    500: "A defect of the gateway",
    503: "Not available now",
}


class Problem(Exception):
    """Raised by a route to answer with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        faults: Iterable[Fault] = (),
        *,
        retry_after_s: int | None = None,
    ) -> None:
        """Keep what the document says; the detail must not quote the request."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = tuple(faults)[:FAULTS_MAX]
        self.retry_after_s = retry_after_s


def problem(error: Problem, instance: str) -> JSONResponse:
    """Render the document."""
    body: dict[str, object] = {
        "type": _TYPE + error.code,
        "title": _TITLES[error.status],
        "status": error.status,
        "detail": error.detail,
        "instance": instance,
        "code": error.code,
        "retryable": error.retry_after_s is not None,
    }
    if error.faults:
        body["errors"] = [
            {"pointer": fault.where.path, "code": fault.rule.value, "message": fault.detail}
            for fault in error.faults
        ]
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    return JSONResponse(body, error.status, headers=headers, media_type="application/problem+json")
