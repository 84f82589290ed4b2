"""What travels on the broker: work to an adapter, and the wake-up back. Sealed, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from msggw.canonical import Envelope, Outcome
from msggw.errors import Refused, Rule
from msggw.keys import Purpose

if TYPE_CHECKING:
    from msggw.keys import Keys

__all__ = [
    "Wake",
    "Work",
    "dump_outcome",
    "envelope_of",
    "load_outcome",
    "numbered",
    "open_wake",
    "open_work",
    "seal_wake",
    "seal_work",
    "work_id",
]

_WORK = b"work"
_WAKE = b"wake"


class Work(msgspec.Struct, frozen=True, array_like=True):
    """One operation for one adapter.

    `transaction_id` is the transaction that moves; for a reversal made by rule, `envelope` is that
    of the original, whose id is `original_id`. `envelope` is canonical JSON in transit form.
    """

    transaction_id: str
    operation: str
    number: int
    adapter: str
    deadline_us: int
    instance: str
    standard: str
    envelope: bytes
    original_id: str = ""
    reason: str = ""
    approval_code: str | None = None
    provider_reference: str | None = None


class Wake(msgspec.Struct, frozen=True, array_like=True):
    """The state a transaction reached, for the gateway process that waits for it."""

    transaction_id: str
    state: str
    outcome: bytes


# Identifiers are strings with a type of their own; on the wire they are strings.
_work_encoder = msgspec.msgpack.Encoder(enc_hook=str)
_work_decoder = msgspec.msgpack.Decoder(Work)
_wake_decoder = msgspec.msgpack.Decoder(Wake)


def work_id(transaction_id: str, operation: str, number: int) -> str:
    """Return the id of one attempt, stable over crashes: it is the provider's idempotency key."""
    return f"{transaction_id}:{operation}:{number}"


def seal_work(work: Work, keys: Keys) -> bytes:
    """Return the bytes that go to the broker and, without sensitive data, to the outbox."""
    return keys.seal(Purpose.TRANSIT, _work_encoder.encode(work), _WORK)


def open_work(body: bytes, keys: Keys) -> Work:
    """Undo `seal_work`; raise `Refused` for what we did not seal."""
    clear = keys.open(Purpose.TRANSIT, body, _WORK)
    try:
        return _work_decoder.decode(clear)
    except msgspec.DecodeError:
        raise Refused.of("work", "", Rule.SYNTAX, "not work of this version") from None


def seal_wake(wake: Wake, keys: Keys) -> bytes:
    """Return the bytes of a wake-up."""
    return keys.seal(Purpose.TRANSIT, _work_encoder.encode(wake), _WAKE)


def open_wake(body: bytes, keys: Keys) -> Wake:
    """Undo `seal_wake`."""
    clear = keys.open(Purpose.TRANSIT, body, _WAKE)
    try:
        return _wake_decoder.decode(clear)
    except msgspec.DecodeError:
        raise Refused.of("wake", "", Rule.SYNTAX, "not a wake-up of this version") from None


def numbered(work: Work, number: int) -> Work:
    """Return the work as another attempt."""
    return work if number == work.number else msgspec.structs.replace(work, number=number)


def envelope_of(work: Work) -> Envelope:
    """Parse the envelope that the work carries."""
    return Envelope.model_validate_json(work.envelope)


def dump_outcome(outcome: Outcome) -> bytes:
    """Return the outcome's JSON."""
    return outcome.model_dump_json(exclude_defaults=True).encode()


def load_outcome(data: bytes) -> Outcome:
    """Parse an outcome's JSON."""
    return Outcome.model_validate_json(data)
