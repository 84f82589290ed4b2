"""Records: envelopes and outcomes as the store keeps them (sealed), and answers read from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.canonical import Envelope, Outcome, OutcomeKind, Reason, State
from msggw.desk.work import dump_outcome, load_outcome
from msggw.keys import Purpose

if TYPE_CHECKING:
    from msggw.keys import Keys
    from msggw.store import Stored

__all__ = ["Answer", "Records", "reason_now"]

_IN_DOUBT = frozenset({State.REVERSING, State.REVERSED})


@dataclass(frozen=True, slots=True)
class Answer:
    """How a transaction stands, ready to be said in any standard."""

    envelope: Envelope
    state: State
    outcome: Outcome | None
    answered: bool = False
    replayed: bool = False
    conflict: bool = False
    """The message key belongs to another message; nothing was stored for this one."""

    @property
    def transaction_id(self) -> str:
        """The gateway's id of the transaction."""
        return self.envelope.id

    @property
    def reason(self) -> Reason:
        """The one reason to give for this state."""
        return reason_now(self.state, self.outcome, answered=self.answered)


def reason_now(state: State, outcome: Outcome | None, *, answered: bool) -> Reason:
    """Return the reason a sender is given for a transaction in this state.

    A reversed transaction whose approval the sender had before gets that same answer again; one
    that was reversed because no answer was given in time gets "no answer in time".
    """
    if state is State.EXPIRED:
        cancelled = outcome is not None and outcome.kind is OutcomeKind.REJECTED
        return outcome.reason if cancelled and outcome is not None else Reason.TIMED_OUT
    if state in _IN_DOUBT:
        return outcome.reason if outcome is not None and answered else Reason.TIMED_OUT
    if state in {State.APPROVED, State.DECLINED} and outcome is not None:
        return outcome.reason
    return Reason.PENDING


class Records:
    """Seals and opens what the store keeps."""

    def __init__(self, keys: Keys) -> None:
        """Take the keys."""
        self.keys = keys

    def seal_body(self, transaction_id: str, body: bytes) -> bytes:
        """Seal bytes bound to the transaction."""
        return self.keys.seal(Purpose.BODY, body, transaction_id.encode())

    def seal_outcome(self, transaction_id: str, outcome: Outcome) -> bytes:
        """Seal an outcome bound to the transaction."""
        return self.seal_body(transaction_id, dump_outcome(outcome))

    def envelope(self, stored: Stored) -> Envelope:
        """Open the stored envelope."""
        context = stored.transaction_id.encode()
        return Envelope.model_validate_json(self.keys.open(Purpose.BODY, stored.body, context))

    def outcome(self, stored: Stored) -> Outcome | None:
        """Open the stored outcome, if there is one."""
        if stored.outcome is None:
            return None
        context = stored.transaction_id.encode()
        return load_outcome(self.keys.open(Purpose.BODY, stored.outcome, context))

    def answer(self, stored: Stored, *, replayed: bool = False) -> Answer:
        """Return how the stored transaction stands."""
        return Answer(
            self.envelope(stored), stored.state, self.outcome(stored), stored.answered, replayed
        )
