"""A message that was understood and now asks to be accepted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.canonical import Envelope, SealedPan
from msggw.canonical.quick import assemble, evolve
from msggw.desk.clock import moment
from msggw.keys import Purpose, in_transit
from msggw.pipeline import fingerprint_material, match_keys, original_keys, velocity_subject
from msggw.values import TransactionId

if TYPE_CHECKING:
    from msggw.canonical import Source, Transaction
    from msggw.desk.clock import Clock
    from msggw.keys import Keys

__all__ = ["Incoming", "Prepared", "prepare"]

_LONG_RUN = re.compile(r"[0-9][0-9 -]{11,}[0-9]")


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an ingress hands over.

    `raw` is the message as it came, secrets already overwritten. The sender must be answered
    within `deadline_s`; `expires_s` is how long the transaction itself may wait for a provider.
    """

    source: Source
    transaction: Transaction
    message_key: str
    raw: bytes
    deadline_s: float
    expires_s: float


@dataclass(frozen=True, slots=True)
class Prepared:
    """An incoming message with its envelope, sealed forms and keys, ready for a group."""

    live: Envelope
    """With the clear PAN, for the pipeline; never leaves memory."""
    transit: bytes
    """Canonical JSON with sealed PAN and sealed sensitive data."""
    rest: bytes
    """Canonical JSON with sealed PAN and no sensitive data."""
    resting: Envelope
    raw: bytes
    subject: str
    received_us: int
    inbox_key: tuple[str, str]
    """(source, message key), unique in the store."""
    own_keys: tuple[str, ...]
    """Under which later messages may look for this one."""
    asked_keys: tuple[str, ...]
    """Under which the original of this one may be found."""


def prepare(incoming: Incoming, clock: Clock, keys: Keys, instance: str) -> Prepared:
    """Give the message its id, envelope and fingerprint; seal what must not travel in clear."""
    received_us = clock.now_us()
    travelling = in_transit(incoming.transaction, keys)
    token = _token(travelling)
    material = fingerprint_material(incoming.source, incoming.transaction)
    live = assemble(
        Envelope,
        {
            "id": TransactionId(clock.new_id()),
            "source": incoming.source,
            "message_key": incoming.message_key,
            "fingerprint": _fingerprint(material, token, keys),
            "received_at": moment(received_us),
            "deadline_at": moment(received_us + int(incoming.expires_s * 1_000_000)),
            "instance": instance,
            "transaction": incoming.transaction,
        },
    )
    transit = evolve(live, {"transaction": travelling})
    resting, transit_json = transit, transit.model_dump_json(exclude_defaults=True).encode()
    rest_json = transit_json
    if travelling.sensitive is not None:
        stripped = evolve(travelling, {"sensitive": None})
        resting = evolve(live, {"transaction": stripped})
        rest_json = resting.model_dump_json(exclude_defaults=True).encode()
    subject = _subject(incoming.transaction, token, keys)
    source = incoming.source
    return Prepared(
        live=live,
        transit=transit_json,
        rest=rest_json,
        resting=resting,
        raw=incoming.raw,
        subject=subject,
        received_us=received_us,
        inbox_key=(
            f"{source.standard}:{source.partner}:{source.link}",
            _storable(incoming.message_key, keys),
        ),
        own_keys=_all_storable(match_keys(source, incoming.transaction, live.id), keys),
        asked_keys=_all_storable(original_keys(source, incoming.transaction), keys),
    )


def _fingerprint(material: bytes, token: str, keys: Keys) -> str:
    # The token is keyed already; without one, a plain hash would let a reader of the database
    # check guesses of a body that is sealed beside it.
    if token:
        return hashlib.sha256(material + token.encode()).hexdigest()
    return keys.mac(Purpose.TOKEN, material).hex()


def _subject(transaction: Transaction, token: str, keys: Keys) -> str:
    # Usage is summed per currency, so the currency is part of whose usage it is.
    subject = token or velocity_subject(transaction)
    if not subject:
        return ""
    hidden = token or keys.mac(Purpose.TOKEN, subject.encode()).hex()[:32]
    amount = transaction.amount
    return hidden if amount is None else f"{hidden}:{amount.unit.code}"


def _all_storable(found: tuple[str, ...], keys: Keys) -> tuple[str, ...]:
    return tuple([_storable(key, keys) for key in found])


def _storable(key: str, keys: Keys) -> str:
    # References are the sender's free text. One that could hold a card number is kept as its MAC,
    # which is found again just as well; the gateway's own ids are hexadecimal and harmless.
    if _LONG_RUN.search(key) is None or key.startswith("id|"):
        return key
    return f"{key.partition('|')[0]}|#{keys.mac(Purpose.TOKEN, key.encode()).hex()}"


def _token(transaction: Transaction) -> str:
    card = transaction.card
    pan = None if card is None else card.pan
    return pan.token if isinstance(pan, SealedPan) else ""
