"""A card scheme's host on TCP: framing, sign-on, echo, answers, and the ways a line goes wrong."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from msggw.sandbox.dialects import DIALECTS, Dialect, HostMessage, Unreadable
from msggw.sandbox.faults import FaultPlan, Request
from msggw.sandbox.issuer import Issuer, response_mti
from msggw.sandbox.ledger import Ledger
from msggw.sandbox.web import Admin, WebServer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from msggw.sandbox.faults import Fault

__all__ = ["FRAMINGS", "VisaHost", "serve_visa_host"]

FRAMINGS = {"vap": 4, "binary-2": 2}
"""Bytes before a message: a two-byte length, and for VAP two zero bytes more."""

FRAME_BYTES_MAX = 8192
RESPONSES_KEPT = 1000
_SIGN_ON = frozenset({"001", "061", "071"})
_SIGN_OFF = frozenset({"002", "062", "072"})
_REJECT_CODE = b"\x00\x01"
_HELD_S_MAX = 1.0


async def serve_visa_host(
    host: str = "127.0.0.1",
    port: int = 0,
    admin_port: int = 0,
    ledger_path: Path | None = None,
    ready: Callable[[int, int], None] = lambda _port, _admin_port: None,
    *,
    dialect: str = "visa-base1",
    framing: str = "vap",
) -> None:
    """Serve until cancelled; `ready(port, admin_port)` is called when both ports listen."""
    async with VisaHost(ledger_path, dialect=dialect, framing=framing) as sim:
        await sim.listen(host, port, admin_port)
        ready(sim.port, sim.admin_port)
        await asyncio.Event().wait()


class VisaHost:
    """The host. `ledger` and `faults` may be looked at and changed from within a process."""

    def __init__(
        self,
        ledger_path: Path | None = None,
        *,
        dialect: str = "visa-base1",
        framing: str = "vap",
        sign_on_required: bool = True,
    ) -> None:
        """Open the ledger; `KeyError` for a dialect or framing that it does not speak."""
        self.dialect = DIALECTS[dialect]
        self.prefix_size = FRAMINGS[framing]
        self.sign_on_required = sign_on_required
        self.ledger = Ledger(ledger_path, time.time)
        self.faults = FaultPlan(random.random)
        self.issuer = Issuer(self.ledger, self.faults)
        self.links: set[_Link] = set()
        self.responses: deque[HostMessage] = deque(maxlen=RESPONSES_KEPT)
        """What was answered to messages of the host itself."""
        self._server: asyncio.Server | None = None
        self._admin = WebServer(Admin(self.faults, self.ledger, self.drop_links))
        self.port = 0

    @property
    def admin_port(self) -> int:
        """The port of the admin interface."""
        return self._admin.port

    async def listen(self, host: str = "127.0.0.1", port: int = 0, admin_port: int = 0) -> None:
        """Listen for links and for the admin interface; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Link(self), host, port)
        self.port = self._server.sockets[0].getsockname()[1]
        await self._admin.start(host, admin_port)

    def drop_links(self) -> int:
        """Cut every link as a power failure would; return how many there were."""
        links = tuple(self.links)
        for link in links:
            link.abort()
        return len(links)

    def ask(self, message: HostMessage) -> None:
        """Send a message of the host's own on every link."""
        payload = self.dialect.build(message)
        for link in self.links:
            link.write(payload)

    async def stop(self) -> None:
        """Stop listening and cut every link."""
        if self._server is not None:
            self._server.close()
        self.drop_links()
        await self._admin.stop()
        self.ledger.close()

    async def __aenter__(self) -> Self:
        """Return itself; `listen` comes next."""
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop."""
        await self.stop()


class _Link(asyncio.Protocol):
    """One connection."""

    def __init__(self, host: VisaHost) -> None:
        self._host = host
        self._dialect: Dialect = host.dialect
        self._buffer = b""
        self._held: list[bytes] = []
        self._out = b""
        self._gathering = False
        self._signed_on = not host.sign_on_required
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server's transport
        self._transport = transport
        self._host.links.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._host.links.discard(self)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        # Answers to what came together leave together.
        self._gathering = True
        self._read(data)
        self._gathering = False
        self._flush()

    def _read(self, data: bytes) -> None:
        self._buffer += data
        size = self._host.prefix_size
        while len(self._buffer) >= size:
            length = int.from_bytes(self._buffer[:2], "big")
            if length > FRAME_BYTES_MAX or any(self._buffer[2:size]):
                self.abort()
                return
            if len(self._buffer) < size + length:
                return
            payload = self._buffer[size : size + length]
            self._buffer = self._buffer[size + length :]
            self._payload(payload)

    def _payload(self, payload: bytes) -> None:
        if not payload:
            self._send(b"")
            return
        try:
            message = self._dialect.parse(payload)
        except Unreadable:
            self._refuse(payload)
            return
        if int(message.mti[2]) % 2:
            self._host.responses.append(message)
            return
        if message.mti[1] == "8":
            self._network(message)
        elif not self._signed_on:
            self._send(self._dialect.build(message.answer(response_mti(message.mti), de39="91")))
        else:
            self._business(message, payload)

    def _network(self, message: HostMessage) -> None:
        network_code = message.get(70)
        operation = "sign_on" if network_code in _SIGN_ON else "echo"
        fault = self._host.faults.choose(Request(operation, 0))
        if fault is not None and fault.kind != "decline":
            return
        code = "00" if fault is None else fault.code
        if network_code in _SIGN_ON | _SIGN_OFF and code == "00":
            self._signed_on = network_code in _SIGN_ON or not self._host.sign_on_required
        self._send(self._dialect.build(message.answer(response_mti(message.mti), de39=code)))

    def _business(self, message: HostMessage, payload: bytes) -> None:
        answer, fault = self._host.issuer.handle(message)
        if answer is None:
            assert fault is not None  # noqa: S101 - only a fault loses a request
            self._lost(fault, payload)
        elif fault is None or fault.kind in {"decline", "partial_approval"}:
            self._send(self._dialect.build(answer))
        else:
            self._spoil(answer, fault)

    def _lost(self, fault: Fault, payload: bytes) -> None:
        if fault.kind == "disconnect_before":
            self.abort()
        elif fault.kind == "reject":
            self._refuse(payload)

    def _spoil(self, answer: HostMessage, fault: Fault) -> None:
        payload = self._dialect.build(answer)
        match fault.kind:
            case "late":
                self._loop.call_later(fault.ms / 1000, self._send, payload)
            case "duplicate":
                self._send(payload)
                self._send(payload)
            case "out_of_order":
                self._held.append(payload)
                self._loop.call_later(_HELD_S_MAX, self._release)
            case "malformed":
                self._send(payload[: len(payload) * 2 // 3])
            case "wrong_correlation":
                self._send(self._dialect.build(_other(answer)))
            case "disconnect" | "disconnect_middle":
                frame = self._frame(payload)
                self._out += frame[: len(frame) // 2 if "middle" in fault.kind else 0]
                self._gathering = False
                self._flush()
                self._transport.close()
            case "slow_drip":
                self._drip(self._frame(payload), fault.ms / 1000)

    def _refuse(self, payload: bytes) -> None:
        # Visa gives the whole message back behind a longer header (H13 bitmap, H14 code).
        if not self._dialect.header_size:
            self.abort()
            return
        total = (26 + len(payload)).to_bytes(2, "big")
        stations = payload[8:11].ljust(3, b"\0") + payload[5:8].ljust(3, b"\0")
        header = b"\x1a\x01\x02" + total + stations + bytes(11) + b"\x80\x00" + _REJECT_CODE
        self.write(header + payload)

    def _drip(self, rest: bytes, gap_s: float) -> None:
        if rest and not self._transport.is_closing():
            self._transport.write(rest[:1])
            self._loop.call_later(gap_s, self._drip, rest[1:], gap_s)

    def _send(self, payload: bytes) -> None:
        self.write(payload)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for payload in held:
            self.write(payload)

    def write(self, payload: bytes) -> None:
        """Send one frame unless the line is closing."""
        self._out += self._frame(payload)
        self._flush()

    def _flush(self) -> None:
        if self._gathering:
            return
        out, self._out = self._out, b""
        if out and not self._transport.is_closing():
            self._transport.write(out)

    def _frame(self, payload: bytes) -> bytes:
        return len(payload).to_bytes(2, "big") + bytes(self._host.prefix_size - 2) + payload


def _other(answer: HostMessage) -> HostMessage:
    stan = f"{(int(answer.get(11)) + 500_000) % 1_000_000:06d}"
    return replace(answer, fields=answer.fields | {11: stan, 37: "999999999999"})
