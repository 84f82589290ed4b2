"""One connection to the host: bytes to the session, events to who waits for them.

The protocol lives in `msggw.iso8583.session`; this shell moves bytes, keeps one timer and one table
of who waits for which STAN. Every request ends in exactly one of: an answer, `NotSent` (no byte
reached the transport), `Doubt` (it may have been executed) or `Rejected` (the host gave it back).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from msggw.canonical import Reason
from msggw.errors import Conflict, Refused, Unavailable
from msggw.iso8583.session import (
    FlowExceeded,
    FrameRefused,
    LinkClosed,
    NetworkRequestReceived,
    RequestReceived,
    RequestTimedOut,
    ResponseLate,
    ResponseReceived,
    ResponseUnmatched,
    SignOnFailed,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from msggw.iso8583 import Message
    from msggw.iso8583.session import Event, Session

__all__ = ["Doubt", "Line", "NotSent", "Rejected"]

REJECT_HEADER_BYTES = 26
_NOT_SUPPORTED = "40"


class NotSent(Exception):
    """No byte of the request reached the transport."""


class Doubt(Exception):
    """The request left, and what became of it is not known."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Say why."""
        super().__init__(detail)
        self.reason = reason


class Rejected(Exception):
    """The host gave the message back unprocessed (reject header)."""


class Line(asyncio.Protocol):
    """One connection: bytes to the session, events to who waits."""

    def __init__(self, session: Session, log: Callable[..., None]) -> None:
        """Take a new session; `log` gets DE 37, codes and sizes, never secrets."""
        self._session = session
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._settled = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._blocked = False
        self._pumping = False
        self._transport: asyncio.Transport
        self.closed = asyncio.Event()
        self.trouble = ""
        self.timeouts = 0

    @property
    def is_up(self) -> bool:
        """Whether requests may be sent."""
        return self._session.state is State.UP and not self._transport.is_closing()

    async def settled(self) -> bool:
        """Wait until the sign-on was answered or the connection ended; return whether it is up."""
        await self._settled.wait()
        return self.is_up

    async def ask(self, request: Message, timeout_s: float) -> Message:
        """Send one request and wait for its end."""
        if self._blocked or not self.is_up:
            raise NotSent("the host does not read" if self._blocked else "the link is not up")
        try:
            self._session.send_request(request, self._loop.time(), timeout_s)
        except (Conflict, Unavailable) as error:
            raise NotSent(str(error)) from None
        stan = str(request["11"])
        future: asyncio.Future[Message] = self._loop.create_future()
        self._waiting[stan] = future
        self._idle.clear()
        if not self._pumping:
            # Requests of one turn of the event loop leave in one write.
            self._pumping = True
            self._loop.call_soon(self._pump)
        try:
            return await future
        finally:
            self._waiting.pop(stan, None)
            if not self._waiting:
                self._idle.set()

    async def finish(self, limit_s: float) -> None:
        """Wait for answers within the limit, sign off, close."""
        try:
            async with asyncio.timeout(limit_s):
                await self._idle.wait()
        except TimeoutError:
            self._log("link.stopped_early", unanswered=len(self._waiting))
        self._session.sign_off(self._loop.time())
        self._pump()
        self._session.close(self._loop.time())
        self._pump()
        self._transport.close()
        await self.closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the session."""
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._session.connected(self._loop.time())
        self._pump()

    def data_received(self, data: bytes) -> None:
        """Give the session its bytes."""
        self._session.receive_data(data, self._loop.time())
        self._pump()

    def pause_writing(self) -> None:
        """Take no requests while the host does not read."""
        self._blocked = True

    def resume_writing(self) -> None:
        """Take requests again."""
        self._blocked = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave who waits in doubt, and end the session."""
        del exc
        for future in self._waiting.values():
            _fail(future, Doubt(Reason.SYSTEM_MALFUNCTION, "disconnected before the answer"))
        self._session.receive_eof(self._loop.time())
        self._pump()
        self._settled.set()
        self.closed.set()

    def _pump(self) -> None:
        self._pumping = False
        for event in self._session.events_received():
            self._handle(event)
        data = self._session.data_to_send()
        if data and not self._transport.is_closing():
            self._transport.write(data)
        if self._session.state is State.UP:
            self._settled.set()
        if self._session.closing:
            self._transport.close()
        self._arm()

    def _arm(self) -> None:
        # A timer that is too early finds nothing to do and is set again: cheaper than moving it
        # with every message.
        due = self._session.next_timer()
        if self._timer is not None and (due is None or due < self._timer.when()):
            self._timer.cancel()
            self._timer = None
        if due is not None and self._timer is None:
            self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._session.handle_timer(self._loop.time())
        self._pump()

    def _handle(self, event: Event) -> None:
        match event:
            case ResponseReceived():
                self.timeouts = 0
                self._answer(event.request, event.response)
            case RequestTimedOut():
                self.timeouts += 1
                why = Doubt(Reason.TIMED_OUT, f"no answer in {event.waited_s:.1f} s")
                self._give_up(event.request, why)
            case ResponseLate():
                seen = {"rrn": event.request.get("37"), "code": event.response.get("39")}
                self._log("response.late", late_s=round(event.late_s, 3), **seen)
            case ResponseUnmatched():
                self._log("response.unmatched", why=event.explanation)
            case FrameRefused():
                self._refused(event)
            case RequestReceived() | NetworkRequestReceived() | FlowExceeded():
                self._asked(event.message)
            case SignOnFailed():
                self.trouble = f"sign-on refused with {event.code}"
            case LinkClosed():
                self.trouble = self.trouble or event.reason

    def _answer(self, request: Message, response: Message) -> None:
        future = self._waiting.get(str(request["11"]))
        if future is not None and not future.done():
            future.set_result(response)

    def _give_up(self, request: Message, why: Exception) -> None:
        future = self._waiting.get(str(request.get("11", "")))
        if future is not None:
            _fail(future, why)

    def _refused(self, event: FrameRefused) -> None:
        rules = "; ".join(str(fault) for fault in event.faults[:3])
        self._log("response.unreadable", size=event.size, sha256=event.sha256, faults=rules)
        if event.salvaged is not None:
            why = Doubt(Reason.FORMAT_ERROR, "the answer cannot be read")
            self._give_up(event.salvaged, why)

    def _asked(self, message: Message) -> None:
        if len(message.header) >= REJECT_HEADER_BYTES and message.header[22] & 0x80:
            code = message.header[24:26].hex()
            self._give_up(message, Rejected(f"rejected by the host with code {code}"))
            return
        self._log("request.unsupported", mti=message.mti)
        answer = message.response({"39": _NOT_SUPPORTED})
        try:
            self._session.send_response(message, answer, self._loop.time())
        except (Refused, Unavailable) as error:
            self._log("request.unanswered", mti=message.mti, why=str(error))


def _fail(future: asyncio.Future[Message], why: Exception) -> None:
    if not future.done():
        future.set_exception(why)
