"""The one transaction state table. No transition may hide elsewhere.

A transaction moves by compare-and-set on `(state, version)`: reply, inquiry, time-out, reversal and
operator all go through `after`. The theory:

* RECEIVED, SCREENED, ROUTED happen in one commit, the *accept*; from then on we owe an answer.
* ROUTED means "the provider has not been reached"; EXPIRED from there is safe and final.
* SENT is committed *before* the provider is called. A crash in between leaves SENT, which is
  therefore never resubmitted: it goes to UNKNOWN and is resolved by inquiry or reversal.
* REVERSING is entered when the sender was told 91 although the provider may have approved, or when
  an approval could not be delivered. A late approval in REVERSING changes nothing.
* ANSWER is for requests that need no provider (a status request, a reversal of nothing).
* APPROVED and DECLINED are definite; only an approval can be reversed.
"""

from __future__ import annotations

from enum import StrEnum

from msggw.errors import Conflict

__all__ = ["FINAL", "TRANSITIONS", "Event", "State", "after"]


class State(StrEnum):
    """Where a transaction stands."""

    RECEIVED = "received"
    SCREENED = "screened"
    HELD = "held"
    ROUTED = "routed"
    SENT = "sent"
    PENDING = "pending"
    UNKNOWN = "unknown"
    APPROVED = "approved"
    DECLINED = "declined"
    EXPIRED = "expired"
    REVERSING = "reversing"
    REVERSED = "reversed"
    PARKED = "parked"


class Event(StrEnum):
    """What moves it."""

    ANSWER = "answer"
    SCREEN = "screen"
    HOLD = "hold"
    RELEASE = "release"
    ROUTE = "route"
    REFUSE = "refuse"
    SEND = "send"
    NOT_SENT = "not_sent"
    ACCEPT = "accept"
    REJECT = "reject"
    DEFER = "defer"
    DOUBT = "doubt"
    EXPIRE = "expire"
    REVERSE = "reverse"
    REVERSED = "reversed"
    PARK = "park"


_S, _E = State, Event

TRANSITIONS: dict[tuple[State, Event], State] = {
    (_S.RECEIVED, _E.ANSWER): _S.APPROVED,
    (_S.RECEIVED, _E.SCREEN): _S.SCREENED,
    (_S.RECEIVED, _E.REFUSE): _S.DECLINED,
    (_S.RECEIVED, _E.HOLD): _S.HELD,
    (_S.HELD, _E.RELEASE): _S.SCREENED,
    (_S.HELD, _E.REFUSE): _S.DECLINED,
    (_S.HELD, _E.EXPIRE): _S.EXPIRED,
    (_S.SCREENED, _E.ROUTE): _S.ROUTED,
    (_S.SCREENED, _E.REFUSE): _S.DECLINED,
    (_S.ROUTED, _E.SEND): _S.SENT,
    (_S.ROUTED, _E.EXPIRE): _S.EXPIRED,
    (_S.ROUTED, _E.REFUSE): _S.DECLINED,
    (_S.ROUTED, _E.PARK): _S.PARKED,
    (_S.PARKED, _E.RELEASE): _S.ROUTED,
    (_S.PARKED, _E.EXPIRE): _S.EXPIRED,
    (_S.SENT, _E.NOT_SENT): _S.ROUTED,
    (_S.SENT, _E.ACCEPT): _S.APPROVED,
    (_S.SENT, _E.REJECT): _S.DECLINED,
    (_S.SENT, _E.DEFER): _S.PENDING,
    (_S.SENT, _E.DOUBT): _S.UNKNOWN,
    (_S.SENT, _E.REVERSE): _S.REVERSING,
    (_S.PENDING, _E.ACCEPT): _S.APPROVED,
    (_S.PENDING, _E.REJECT): _S.DECLINED,
    (_S.PENDING, _E.DOUBT): _S.UNKNOWN,
    (_S.PENDING, _E.REVERSE): _S.REVERSING,
    (_S.UNKNOWN, _E.ACCEPT): _S.APPROVED,
    (_S.UNKNOWN, _E.REJECT): _S.DECLINED,
    (_S.UNKNOWN, _E.DEFER): _S.PENDING,
    (_S.UNKNOWN, _E.REVERSE): _S.REVERSING,
    (_S.APPROVED, _E.REVERSE): _S.REVERSING,
    (_S.REVERSING, _E.REVERSED): _S.REVERSED,
}

FINAL = frozenset({State.DECLINED, State.EXPIRED, State.REVERSED})


def after(state: State, event: Event) -> State:
    """Return the state that `event` leads to, or raise `Conflict` if the table has no such row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        msg = f"a transaction that is {state} cannot {event}"
        raise Conflict(msg) from None
