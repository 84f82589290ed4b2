"""A bank that takes ISO 20022 messages by HTTP POST and answers in the response."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from msggw.sandbox.clearing import Clearing
from msggw.sandbox.faults import FaultPlan
from msggw.sandbox.ledger import Ledger
from msggw.sandbox.transfers import (
    Instruction,
    Message,
    Unreadable,
    Verdict,
    read,
    write_refusal,
    write_report,
)
from msggw.sandbox.web import Admin, WebRequest, WebResponse, WebServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from msggw.sandbox.faults import Fault

__all__ = ["Bank", "serve_bank"]

XML = "application/xml"
_OTHER_UETR = "00000000-0000-4000-8000-000000000000"


async def serve_bank(
    host: str = "127.0.0.1",
    port: int = 0,
    admin_port: int = 0,
    ledger_path: Path | None = None,
    ready: Callable[[int, int], None] = lambda _port, _admin_port: None,
) -> None:
    """Serve until cancelled; `ready(port, admin_port)` is called when both ports listen."""
    async with Bank(ledger_path) as sim:
        await sim.listen(host, port, admin_port)
        ready(sim.port, sim.admin_port)
        await asyncio.Event().wait()


class Bank:
    """The bank. `ledger` and `faults` may be looked at and changed from within a process."""

    def __init__(self, ledger_path: Path | None = None) -> None:
        """Open the ledger."""
        self.ledger = Ledger(ledger_path, time.time)
        self.faults = FaultPlan(random.random)
        self._clearing = Clearing(self.ledger, self.faults)
        self._web = WebServer(self._handle)
        self._admin = WebServer(Admin(self.faults, self.ledger))
        self._numbers = itertools.count(1)
        self._born = f"{time.time_ns():x}"[-12:]

    @property
    def port(self) -> int:
        """The port for messages."""
        return self._web.port

    @property
    def admin_port(self) -> int:
        """The port of the admin interface."""
        return self._admin.port

    async def listen(self, host: str = "127.0.0.1", port: int = 0, admin_port: int = 0) -> None:
        """Listen for messages and for the admin interface; port 0 takes a free one."""
        await self._web.start(host, port)
        await self._admin.start(host, admin_port)

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        await self._web.stop()
        await self._admin.stop()
        self.ledger.close()

    async def __aenter__(self) -> Self:
        """Return itself; `listen` comes next."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()

    async def _handle(self, request: WebRequest) -> WebResponse:
        if request.method != "POST":
            return WebResponse(405, b"POST a message\n", "text/plain")
        created_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            message = read(request.body)
        except Unreadable:
            return WebResponse(400, write_refusal(reference="NONE", created_at=created_at), XML)
        verdicts, fault = self._clearing.handle(message)
        if verdicts is None:
            assert fault is not None  # noqa: S101 - only a fault loses a request
            return _lost(fault)
        return self._answer(message, verdicts, fault, created_at)

    def _answer(
        self, message: Message, verdicts: list[Verdict], fault: Fault | None, created_at: str
    ) -> WebResponse:
        if fault is not None and fault.kind == "wrong_correlation":
            verdicts = [_other(verdict) for verdict in verdicts]
        number = next(self._numbers)
        message_id = f"SIM{self._born}{number:010d}"
        body = write_report(message, verdicts, message_id=message_id, created_at=created_at)
        if fault is None:
            return WebResponse(200, body, XML)
        return _spoilt(body, fault)


def _lost(fault: Fault) -> WebResponse:
    if fault.kind == "http":
        return WebResponse(int(fault.code or "503"), b"simulated\n", "text/plain")
    if fault.kind == "disconnect_before":
        return WebResponse(cut_at=0)
    return WebResponse(silent=True)


def _spoilt(body: bytes, fault: Fault) -> WebResponse:
    answer = WebResponse(200, body, XML)
    match fault.kind:
        case "timeout_after":
            answer = WebResponse(silent=True)
        case "late":
            answer = replace(answer, after_s=fault.ms / 1000)
        case "malformed":
            answer = replace(answer, body=body[: len(body) * 2 // 3])
        case "disconnect":
            answer = replace(answer, cut_at=0)
        case "disconnect_middle":
            answer = replace(answer, cut_at=len(body) // 2)
        case "slow_drip":
            answer = replace(answer, drip_s=fault.ms / 1000)
    return answer


def _other(verdict: Verdict) -> Verdict:
    wrong = Instruction(
        instruction_id="OTHER",
        end_to_end_id="OTHER",
        transaction_id="OTHER",
        uetr=_OTHER_UETR,
        amount=verdict.instruction.amount,
        currency=verdict.instruction.currency,
        original_message_id="OTHER",
    )
    return replace(verdict, instruction=wrong)
