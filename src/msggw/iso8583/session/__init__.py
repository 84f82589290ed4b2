"""The session of one link, sans-I/O: sign-on, echo, matching, time-outs, limits."""

from __future__ import annotations

from msggw.iso8583.session.events import (
    EchoReceived,
    Event,
    FlowExceeded,
    FrameRefused,
    LinkClosed,
    NearMiss,
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
from msggw.iso8583.session.flow import backoff_s
from msggw.iso8583.session.matching import MatchKey
from msggw.iso8583.session.session import Session, State
from msggw.iso8583.session.settings import MATCH_FIELDS, SessionSettings

__all__ = [
    "MATCH_FIELDS",
    "EchoReceived",
    "Event",
    "FlowExceeded",
    "FrameRefused",
    "LinkClosed",
    "MatchKey",
    "NearMiss",
    "NetworkRequestReceived",
    "PeerSilent",
    "RequestBeforeSignOn",
    "RequestReceived",
    "RequestTimedOut",
    "ResponseLate",
    "ResponseReceived",
    "ResponseUnmatched",
    "Session",
    "SessionSettings",
    "SignOnFailed",
    "SignedOff",
    "SignedOn",
    "State",
    "backoff_s",
]
