"""What a session reports. Events are facts: frozen, complete, and free of clear secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from msggw.errors import Fault
    from msggw.iso8583.message import Message

__all__ = [
    "EchoReceived",
    "Event",
    "FlowExceeded",
    "FrameRefused",
    "LinkClosed",
    "NearMiss",
    "NetworkRequestReceived",
    "PeerSilent",
    "RequestBeforeSignOn",
    "RequestReceived",
    "RequestTimedOut",
    "ResponseLate",
    "ResponseReceived",
    "ResponseUnmatched",
    "SignOnFailed",
    "SignedOff",
    "SignedOn",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReceived:
    """The peer asks; answer with `send_response`."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRequestReceived:
    """A network management request that is for the caller to answer (key exchange, cut-over)."""

    message: Message
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestBeforeSignOn:
    """The peer asks although it has to sign on first; the session has answered 91."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowExceeded:
    """The peer asks more than the link's limits allow. Nothing was answered yet."""

    message: Message
    limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseReceived:
    """The answer to one of our requests, in time."""

    request: Message
    response: Message
    elapsed_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLate:
    """The answer to a request that has timed out already. An approval has to be reversed."""

    request: Message
    response: Message
    late_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A waiting request that a response nearly matches, and the key fields that differ."""

    request: Message
    differing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseUnmatched:
    """An answer to nothing we asked; `explanation` says what came nearest and why it is not it."""

    response: Message
    explanation: str
    nearest: tuple[NearMiss, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTimedOut:
    """No answer came in time. The peer may have acted on the request."""

    request: Message
    waited_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRefused:
    """A frame broke rules. `salvaged` is what an answer may repeat, if the type was readable."""

    faults: tuple[Fault, ...]
    salvaged: Message | None
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOn:
    """Traffic may flow. `by_peer`: the peer signed on to us, else we to the peer."""

    by_peer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff:
    """Traffic has to stop."""

    by_peer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnFailed:
    """Our sign-on was refused with this code, or was not answered (empty). The link closes."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoReceived:
    """The peer tested the link; it has been answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSilent:
    """The peer left our echo tests unanswered: the connection is half open. The link closes."""

    idle_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClosed:
    """The session is over. Requests still waiting have timed out with it."""

    reason: str


Event: TypeAlias = (
    RequestReceived
    | NetworkRequestReceived
    | RequestBeforeSignOn
    | FlowExceeded
    | ResponseReceived
    | ResponseLate
    | ResponseUnmatched
    | RequestTimedOut
    | FrameRefused
    | SignedOn
    | SignedOff
    | SignOnFailed
    | EchoReceived
    | PeerSilent
    | LinkClosed
)
