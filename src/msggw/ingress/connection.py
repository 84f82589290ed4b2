"""One connection of an acquirer: bytes in, answers out, around the sans-I/O session."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

from msggw.canonical import Kind, Reason, reason_of_faults
from msggw.desk import Incoming
from msggw.errors import GatewayError, Refused
from msggw.iso8583 import framing, mti_is_request
from msggw.iso8583.mapping import respond, to_canonical
from msggw.iso8583.session import (
    FlowExceeded,
    FrameRefused,
    NetworkRequestReceived,
    RequestReceived,
    Session,
    SessionSettings,
)
from msggw.pipeline import card_message_key
from msggw.reply import provider_outcome

if TYPE_CHECKING:
    from msggw.canonical import Outcome
    from msggw.desk import Answer
    from msggw.ingress.tcp import LinkServer
    from msggw.iso8583 import Message

__all__ = ["Connection"]

WRITE_BUFFER_BYTES_MAX = 1_048_576
HALF_CLOSED_CHECK_S = 0.3
TCP_CLOSE = 7
"""Linux' number for a connection that was reset."""


class Connection(asyncio.Protocol):
    """One connection of an acquirer."""

    def __init__(self, server: LinkServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._flushing = False
        self.tasks: set[asyncio.Task[None]] = set()
        """One for each request that has no answer yet."""
        self.draining = False
        self._half_closed = False
        self._due = 0.0
        link = server.link
        self._session = Session(
            server.codec,
            framing.of(link.framing, length_max=link.frame_bytes_max),
            SessionSettings(
                sign_on_required=link.sign_on_required,
                echo_after_s=link.echo_after_s,
                unanswered_max=link.in_flight_max,
                frames_per_s_max=link.frames_per_s_max,
            ),
            utc_offset_s=time.time() - time.monotonic(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin the session, or refuse what exceeds the link's connections."""
        server = self._server
        self._transport = transport  # type: ignore[assignment]  # TCP gives a full transport
        if len(server.connections) >= server.link.connections_max:
            server.log("link.full", link=server.link.name)
            transport.close()
            return
        server.connections.add(self)
        server.metrics.links.labels(server.link.name).set(len(server.connections))
        if self._transport is not None:
            self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES_MAX)
        self._session.connected(time.monotonic())
        self._after()

    def data_received(self, data: bytes) -> None:
        """Hand the bytes to the session and act on what it says."""
        self._session.receive_data(data, time.monotonic())
        self._after()

    def pause_writing(self) -> None:
        """Stop reading from a peer that does not read our answers."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on reading."""
        if self._transport is not None:
            self._transport.resume_reading()

    def eof_received(self) -> bool:
        """Stay open for the answers of a peer that has said all it will say."""
        self._half_closed = True
        return bool(self.tasks)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection; answers under way find it closed and are reversed."""
        del exc
        self._session.receive_eof(time.monotonic())
        if self._timer is not None:
            self._timer.cancel()
        server = self._server
        server.connections.discard(self)
        server.metrics.links.labels(server.link.name).set(len(server.connections))
        self._transport = None

    def close(self, why: str) -> None:
        """Say what is still to be said, then close."""
        self._server.log("link.closing", link=self._server.link.name, why=why)
        self._session.close(time.monotonic())
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _after(self) -> None:
        for event in self._session.events_received():
            self._act(event)
        self._flush_soon()
        self._arm()

    def _act(self, event: Any) -> None:
        if isinstance(event, RequestReceived):
            if self.draining:
                self._send(event.message, Reason.ISSUER_UNAVAILABLE, None)
            else:
                self._spawn(self._serve(event.message))
        elif isinstance(event, FrameRefused):
            self._refused(event)
        elif isinstance(event, FlowExceeded):
            self._send(event.message, Reason.ISSUER_UNAVAILABLE, None)
        elif isinstance(event, NetworkRequestReceived):
            self._send(event.message, Reason.NOT_SUPPORTED, None)
        else:
            self._server.log("link.event", link=self._server.link.name, what=type(event).__name__)

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if self._half_closed and not self.tasks:
            self.close("the peer has closed its side and has its answers")

    def _refused(self, event: FrameRefused) -> None:
        server = self._server
        for fault in event.faults:
            server.metrics.refused.labels("iso8583", fault.rule.value).inc()
        server.log(
            "frame.refused",
            link=server.link.name,
            size=event.size,
            sha256=event.sha256,
            faults=[fault.as_dict() for fault in event.faults[:20]],
        )
        if event.salvaged is not None and mti_is_request(event.salvaged.mti):
            self._send(event.salvaged, reason_of_faults(event.faults), None)

    async def _serve(self, message: Message) -> None:
        server = self._server
        began = time.monotonic()
        try:
            incoming = self._incoming(message)
            answer = await server.desk.ask(incoming)
        except Refused as refusal:
            self._log_refusal(message.mti, refusal)
            self._send(message, reason_of_faults(refusal.faults), None)
            return
        except GatewayError as error:
            server.log("request.not_accepted", link=server.link.name, cause=str(error))
            self._send(message, Reason.SYSTEM_MALFUNCTION, None)
            return
        except Exception as error:  # noqa: BLE001 - the edge of the task: the peer waits
            server.log("request.defect", link=server.link.name, error=type(error).__name__)
            self._send(message, Reason.SYSTEM_MALFUNCTION, None)
            return
        await self._deliver(message, answer)
        kind = incoming.transaction.kind.value
        server.metrics.answers.labels("iso8583", kind, answer.reason.value).inc()
        server.metrics.seconds.labels("iso8583").observe(time.monotonic() - began)

    async def _deliver(self, message: Message, answer: Answer) -> None:
        server = self._server
        try:
            if self._gone:
                await server.desk.undeliverable(answer.transaction_id)
                return
            given = await server.desk.claim_answer(answer)
            if self._gone and not answer.answered:
                # The line broke while the claim was committed: nobody was told after all.
                await server.desk.undeliverable(answer.transaction_id, claimed=True)
                return
        except GatewayError as error:
            # Whether the claim is committed is not known. To say anything now could contradict
            # the store; the acquirer repeats or reverses, and both find the truth there.
            server.log("answer.withheld", link=server.link.name, cause=str(error))
            return
        self._send(message, given.reason, provider_outcome(given))
        if self._half_closed and not answer.answered:
            await self._make_sure(answer.transaction_id)

    async def _make_sure(self, transaction_id: str) -> None:
        """Reverse an approval that was written to a peer that had not half closed but gone.

        Both look alike until we write: a peer that is gone answers with a reset, one that closed
        only its side takes the answer (RFC 9293, 3.10.7).
        """
        self._flush()
        await asyncio.sleep(HALF_CLOSED_CHECK_S)
        if self._reset:
            try:
                await self._server.desk.undeliverable(transaction_id, claimed=True)
            except GatewayError as error:
                self._server.log("answer.lost", link=self._server.link.name, cause=str(error))

    @property
    def _reset(self) -> bool:
        found = None if self._transport is None else self._transport.get_extra_info("socket")
        if found is None:
            return True
        state: bytes = found.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return state[0] == TCP_CLOSE

    @property
    def _gone(self) -> bool:
        return self._transport is None or self._transport.is_closing() or self._session.closing

    def _incoming(self, message: Message) -> Incoming:
        server, link = self._server, self._server.link
        transaction = to_canonical(message, now=server.desk.clock.now(), dialect=link.spec)
        if transaction.kind is Kind.NETWORK_MANAGEMENT:
            msg = "the session answers network management"
            raise AssertionError(msg)
        return Incoming(
            source=server.source,
            transaction=transaction,
            message_key=card_message_key(transaction),
            raw=self._storable(message),
            deadline_s=link.timeout_s,
            expires_s=link.timeout_s,
        )

    def _storable(self, message: Message) -> bytes:
        # The copy is encrypted at rest, where a PAN may be; what may not be kept at all is not.
        codec = self._server.codec
        wire = codec.encode(message)
        return wire if codec.holds_only_pan(message) else codec.redacted(wire)

    def _log_refusal(self, mti: str, refusal: Refused) -> None:
        server = self._server
        for fault in refusal:
            server.metrics.refused.labels("iso8583", fault.rule.value).inc()
        faults = [fault.as_dict() for fault in refusal]
        server.log("message.refused", link=server.link.name, mti=mti, faults=faults)

    def _send(self, request: Message, reason: Reason, outcome: Outcome | None) -> None:
        try:
            response = respond(request, reason, outcome)
            self._session.send_response(request, response, time.monotonic())
        except (Refused, GatewayError) as error:
            self._server.log("answer.unsent", link=self._server.link.name, cause=str(error))
            return
        self._flush_soon()

    def _flush_soon(self) -> None:
        # All answers of one step of the loop leave in one write.
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        data = self._session.data_to_send()
        if self._transport is None:
            return
        if data:
            self._transport.write(data)
        if self._session.closing:
            self._transport.close()

    def _arm(self) -> None:
        due = self._session.next_timer()
        if self._timer is not None:
            if due is not None and self._due <= due:
                return  # fires early, finds nothing to do, and is armed again
            self._timer.cancel()
            self._timer = None
        if due is not None:
            self._due = due
            loop = asyncio.get_running_loop()
            delay_s = max(0.0, due - time.monotonic())
            self._timer = loop.call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._session.handle_timer(time.monotonic())
        self._after()
