"""One link, either side of it, without I/O: bytes and time in, events and bytes out.

The states::

    CONNECTING ──connected──► SIGNING_ON ──0810/00──► UP ◄──sign-on── DRAINING
                     └────────(no sign-on)───────────►│ ──sign-off──►   │
    any ──broken frames, silence, refused sign-on, close──► CLOSED ◄────┘

Requests are delivered in UP; the peer's network management messages are answered in every state
but CLOSED. The shell moves bytes, re-arms one timer from `next_timer`, and closes the transport
when `closing` says so and `data_to_send` is empty.
"""

from __future__ import annotations

from enum import Enum
from hashlib import sha256
from typing import TYPE_CHECKING

from msggw.errors import Refused, Unavailable
from msggw.iso8583.mti import mti_is_request
from msggw.iso8583.session import network
from msggw.iso8583.session.events import (
    EchoReceived,
    Event,
    FlowExceeded,
    FrameRefused,
    LinkClosed,
    NetworkRequestReceived,
    PeerSilent,
    RequestBeforeSignOn,
    RequestReceived,
    RequestTimedOut,
    ResponseLate,
    ResponseReceived,
    ResponseUnmatched,
    SignedOff,
    SignedOn,
    SignOnFailed,
)
from msggw.iso8583.session.flow import Bucket
from msggw.iso8583.session.matching import Matcher, MatchKey, Pending, Table
from msggw.iso8583.session.settings import SessionSettings

if TYPE_CHECKING:
    from msggw.iso8583.codec import Codec
    from msggw.iso8583.framing import Framing
    from msggw.iso8583.message import Message

__all__ = ["Session", "State"]


class State(Enum):
    """Where a link stands."""

    CONNECTING = "connecting"
    SIGNING_ON = "signing on"
    UP = "up"
    DRAINING = "draining"
    CLOSED = "closed"


class Session:
    """One link. `now` is any clock in seconds that never goes back, the same in every call."""

    def __init__(
        self,
        codec: Codec,
        framing: Framing,
        settings: SessionSettings | None = None,
        *,
        utc_offset_s: float = 0.0,
        stan_start: int = 1,
    ) -> None:
        """`utc_offset_s` is POSIX time minus `now`; our own messages carry UTC in DE 7."""
        self.codec = codec
        self.settings = settings or SessionSettings()
        self.state = State.CONNECTING
        self._framing = framing
        self._utc_offset_s = utc_offset_s
        self._stans = network.Stans(stan_start)
        self._matcher = Matcher(self.settings.match_fields)
        self._table = Table(self._matcher, self.settings.late_kept_max)
        self._bucket = Bucket(self.settings.frames_per_s_max)
        self._unanswered: dict[int, Message] = {}
        self._events: list[Event] = []
        self._out = bytearray()
        self._peer_signed_on = False
        self._refused_in_a_row = 0
        self._echo_missed = 0
        self._heard_at = 0.0

    # ------------------------------------------------------------------ what the shell asks

    @property
    def closing(self) -> bool:
        """Whether the shell should close the transport once everything is sent."""
        return self.state is State.CLOSED

    @property
    def in_flight(self) -> int:
        """How many of our requests wait for a response."""
        return len(self._table)

    @property
    def unanswered(self) -> int:
        """How many of the peer's requests we have not answered."""
        return len(self._unanswered)

    def events_received(self) -> list[Event]:
        """Return the events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def data_to_send(self) -> bytes:
        """Return the bytes to send since the last call."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def next_timer(self) -> float | None:
        """Return when `handle_timer` is due, or None."""
        if self.state in {State.CLOSED, State.CONNECTING}:
            return None
        deadline = self._table.next_deadline()
        echo = self._echo_due()
        return min((one for one in (deadline, echo) if one is not None), default=None)

    def _echo_due(self) -> float | None:
        if not self.settings.echo_after_s or self.state not in {State.UP, State.DRAINING}:
            return None
        if any(pending.purpose == "echo" for pending in self._table):
            return None
        return self._heard_at + self.settings.echo_after_s

    # ------------------------------------------------------------------ what happens

    def connected(self, now: float) -> None:
        """Take note that the transport is up; sign on if that is our part."""
        self._heard_at = now
        self.state = State.UP
        if self.settings.sign_on:
            self.state = State.SIGNING_ON
            self._send_network("sign-on", self.settings.sign_on_code, now)

    def receive_data(self, data: bytes, now: float) -> None:
        """Take bytes from the transport."""
        if self.state is State.CLOSED or not data:
            return
        self._heard_at = now
        self._echo_missed = 0
        broken: Refused | None = None
        try:
            frames = self._framing.receive_data(data)
        except Refused as refusal:
            frames, broken = self._framing.frames_before_fault, refusal
        for frame in frames:
            if not self.closing:
                self._receive_frame(frame, now)
        self._answer_keep_alives()
        if broken is not None:
            self._refuse(broken, data, None)
            self._close("the framing is broken", now)

    def receive_eof(self, now: float) -> None:
        """Take note that the peer closed the transport."""
        self._close("the peer closed the connection", now)

    def handle_timer(self, now: float) -> None:
        """Do what is due: time out requests, test a silent link, close a dead one."""
        for pending in self._table.expired(now):
            self._time_out(pending, now)
        due = self._echo_due()
        if due is not None and due <= now:
            self._test_link(now)

    # ------------------------------------------------------------------ what the caller wants

    def send_request(self, message: Message, now: float, timeout_s: float) -> MatchKey:
        """Send a request and wait `timeout_s` for its response; return the key it waits under.

        Raises `Unavailable` if the link is not up or has too many in flight, `Conflict` if a
        request with the same key waits, `Refused` if the message cannot be encoded.
        """
        if self.state is not State.UP:
            msg = f"the link is {self.state.value}"
            raise Unavailable(msg)
        if len(self._table) >= self.settings.in_flight_max:
            msg = f"{self.settings.in_flight_max} requests are in flight"
            raise Unavailable(msg)
        return self._send_and_wait(message, now, timeout_s)

    def send_response(self, request: Message, response: Message, now: float) -> None:
        """Answer a request of the peer. Raises `Refused` if the answer cannot be encoded."""
        del now
        if self.state is State.CLOSED:
            msg = "the link is closed"
            raise Unavailable(msg)
        self._send(response)
        self._unanswered.pop(id(request), None)

    def sign_off(self, now: float) -> None:
        """Tell the peer that we stop; no request is sent after that."""
        if self.state in {State.UP, State.SIGNING_ON}:
            self.state = State.DRAINING
            self._send_network("sign-off", self.settings.sign_off_code, now)

    def close(self, now: float) -> None:
        """End the session; what waits for a response times out now."""
        self._close("closed by us", now)

    # ------------------------------------------------------------------ receiving

    def _receive_frame(self, frame: bytes, now: float) -> None:
        try:
            message = self.codec.decode(frame)
        except Refused as refusal:
            self._refuse(refusal, frame, self.codec.salvage(frame))
            if self._refused_in_a_row >= self.settings.refused_max:
                self._close(f"{self._refused_in_a_row} broken frames in a row", now)
            return
        self._refused_in_a_row = 0
        if not mti_is_request(message.mti):
            self._receive_response(message, now)
        elif not self._bucket.take(now):
            limit = f"{self.settings.frames_per_s_max} frames a second"
            self._events.append(FlowExceeded(message=message, limit=limit))
        elif message.mti[1] == "8":
            self._receive_network_request(message, now)
        else:
            self._receive_request(message, now)

    def _refuse(self, refusal: Refused, data: bytes, salvaged: Message | None) -> None:
        self._refused_in_a_row += 1
        self._events.append(
            FrameRefused(
                faults=refusal.faults,
                salvaged=salvaged,
                size=len(data),
                sha256=sha256(data).hexdigest(),
            )
        )

    def _receive_request(self, message: Message, now: float) -> None:
        if self.settings.sign_on_required and not self._peer_signed_on:
            self._answer(message, network.unavailable(message), now)
            self._events.append(RequestBeforeSignOn(message=message))
        elif len(self._unanswered) >= self.settings.unanswered_max:
            limit = f"{self.settings.unanswered_max} unanswered requests"
            self._events.append(FlowExceeded(message=message, limit=limit))
        else:
            self._unanswered[id(message)] = message
            self._events.append(RequestReceived(message=message))

    def _receive_network_request(self, message: Message, now: float) -> None:
        code = network.network_code(message)
        purpose = network.purpose_of(code)
        if not purpose:
            self._unanswered[id(message)] = message
            self._events.append(NetworkRequestReceived(message=message, code=code))
            return
        self._answer(message, network.approved(message), now)
        if purpose == "echo":
            self._events.append(EchoReceived())
        elif purpose == "sign-on":
            self._peer_signed_on = True
            self.state = State.UP if self.state is State.DRAINING else self.state
            self._events.append(SignedOn(by_peer=True))
        else:
            self._peer_signed_on = False
            self.state = State.DRAINING if self.state is State.UP else self.state
            self._events.append(SignedOff(by_peer=True))

    def _receive_response(self, message: Message, now: float) -> None:
        pending = self._table.take(message)
        if pending is not None and pending.purpose:
            self._receive_network_response(pending, message, now)
        elif pending is not None:
            elapsed = now - pending.sent_at
            event = ResponseReceived(request=pending.request, response=message, elapsed_s=elapsed)
            self._events.append(event)
        else:
            self._receive_stray(message, now)

    def _receive_network_response(self, pending: Pending, message: Message, now: float) -> None:
        if pending.purpose == "sign-off":
            self._events.append(SignedOff(by_peer=False))
        if pending.purpose != "sign-on":
            return
        code = message.get("39", "")
        if network.is_approval(code):
            self.state = State.UP if self.state is State.SIGNING_ON else self.state
            self._events.append(SignedOn(by_peer=False))
        else:
            self._events.append(SignOnFailed(code=str(code)))
            self._close("sign-on was refused", now)

    def _receive_stray(self, message: Message, now: float) -> None:
        late = self._table.take_late(message)
        if late is not None:
            if not late.purpose:
                late_s = now - late.deadline
                event = ResponseLate(request=late.request, response=message, late_s=late_s)
                self._events.append(event)
            return
        nearest = self._table.nearest(message)
        explanation = "no request is waiting"
        if nearest:
            fields = ", ".join(f"DE {n}" if n != "MTI" else n for n in nearest[0].differing)
            explanation = f"the nearest waiting request differs in {fields}"
        self._events.append(
            ResponseUnmatched(response=message, explanation=explanation, nearest=nearest)
        )

    def _answer_keep_alives(self) -> None:
        count = self._framing.keep_alives_received()
        if count and self.settings.keep_alive_answered and self.state is not State.CLOSED:
            self._out += self._framing.keep_alive()

    # ------------------------------------------------------------------ timers

    def _time_out(self, pending: Pending, now: float) -> None:
        if not pending.purpose:
            waited = now - pending.sent_at
            self._events.append(RequestTimedOut(request=pending.request, waited_s=waited))
        elif pending.purpose == "sign-on":
            self._events.append(SignOnFailed(code=""))
            self._close("sign-on was not answered", now)
        elif pending.purpose == "sign-off":
            self._events.append(SignedOff(by_peer=False))
        elif self._heard_at <= pending.sent_at:
            self._echo_missed += 1
            if self._echo_missed >= self.settings.echo_missed_max:
                self._events.append(PeerSilent(idle_s=now - self._heard_at))
                self._close("the peer is silent", now)

    def _test_link(self, now: float) -> None:
        self._send_network("echo", self.settings.echo_code, now)

    def _close(self, reason: str, now: float) -> None:
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        for pending in list(self._table):
            if not pending.purpose:
                waited = now - pending.sent_at
                self._events.append(RequestTimedOut(request=pending.request, waited_s=waited))
        self._table = Table(self._matcher, self.settings.late_kept_max)
        self._unanswered.clear()
        self._events.append(LinkClosed(reason=reason))

    # ------------------------------------------------------------------ sending

    def _send(self, message: Message) -> None:
        self._out += self._framing.frame(self.codec.encode(message))

    def _answer(self, request: Message, code: str, now: float) -> None:
        """Answer by ourselves; a dialect in which that cannot be written ends the link."""
        try:
            self._send(request.response({"39": code}))
        except Refused:
            self._close("the dialect has no form for our answer", now)

    def _send_and_wait(
        self, message: Message, now: float, timeout_s: float, purpose: str = ""
    ) -> MatchKey:
        frame = self._framing.frame(self.codec.encode(message))
        key = self._matcher.key(message)
        self._table.add(
            Pending(
                key=key, request=message, sent_at=now, deadline=now + timeout_s, purpose=purpose
            )
        )
        self._out += frame
        return key

    def _send_network(self, purpose: str, code: str, now: float) -> None:
        posix_s = now + self._utc_offset_s
        more = self.settings.network_fields
        message = network.network_request(self.codec.spec, code, self._stans.take(), posix_s, more)
        timeout_s = self.settings.request_timeout_s
        if purpose == "echo":
            timeout_s = self.settings.echo_timeout_s
        self._send_and_wait(message, now, timeout_s, purpose)
