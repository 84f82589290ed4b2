"""A transaction before it leaves memory, and after it comes back.

At rest and on the broker the PAN is a `SealedPan`. Sensitive authentication data (tracks, PIN block,
verification code, chip data) leaves memory only inside `Transaction.sensitive`, one sealed text
that travels with the broker message to the adapter and is taken out of everything that is
stored (PCI DSS 3.3.1).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from msggw.canonical import Card, Transaction
from msggw.keys.file import unpadded
from msggw.keys.port import Purpose
from msggw.values import CardVerificationCode, Pan, PinBlock, SecretBytes, Track1, Track2
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from msggw.keys.port import Keys

__all__ = ["at_rest", "in_transit", "open_transaction"]

_TEXTS: dict[str, type[Track1 | Track2 | CardVerificationCode]] = {
    "track1": Track1,
    "track2": Track2,
    "track3": Track1,
    "verification_code": CardVerificationCode,
}
_BYTES: dict[str, type[PinBlock | SecretBytes]] = {"pin_block": PinBlock, "icc": SecretBytes}
_TRANSIT = b"sensitive"


def at_rest(transaction: Transaction, keys: Keys) -> Transaction:
    """Return the transaction as it may be stored: PAN sealed, sensitive data gone."""
    card = transaction.card
    changes: dict[str, Any] = {}
    if transaction.sensitive is not None:
        changes["sensitive"] = None
    if card is not None:
        changes["card"] = _sealed_card(card, keys)
    return transaction.model_copy(update=changes) if changes else transaction


def in_transit(transaction: Transaction, keys: Keys) -> Transaction:
    """Return the transaction as it may travel: PAN sealed, sensitive data sealed into one text."""
    card = transaction.card
    if card is None:
        return transaction
    changes: dict[str, Any] = {"card": _sealed_card(card, keys)}
    secret = _sensitive(card)
    if secret:
        clear = json.dumps(secret, separators=(",", ":")).encode()
        sealed = keys.seal(Purpose.TRANSIT, clear, _TRANSIT)
        changes["sensitive"] = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return transaction.model_copy(update=changes)


def open_transaction(transaction: Transaction, keys: Keys) -> Transaction:
    """Undo `in_transit` (or `at_rest`, whose sensitive data is gone for good)."""
    card = transaction.card
    if card is None:
        return transaction
    changes: dict[str, Any] = {}
    if card.pan is not None and not isinstance(card.pan, Pan):
        changes["pan"] = keys.open_pan(card.pan)
    if transaction.sensitive is not None:
        clear = keys.open(Purpose.TRANSIT, unpadded(transaction.sensitive), _TRANSIT)
        secret = json.loads(clear)
        changes |= {name: _TEXTS[name](secret[name]) for name in _TEXTS if name in secret}
        changes |= {
            name: _BYTES[name](bytes.fromhex(secret[name])) for name in _BYTES if name in secret
        }
    opened = card.model_copy(update=changes)
    return transaction.model_copy(update={"card": opened, "sensitive": None})


def _sealed_card(card: Card, keys: Keys) -> Card:
    changes: dict[str, Any] = dict.fromkeys((*_TEXTS, *_BYTES))
    if isinstance(card.pan, Pan):
        changes["pan"] = keys.seal_pan(card.pan)
    return card.model_copy(update=changes)


def _sensitive(card: Card) -> dict[str, str]:
    out = {}
    for name in _TEXTS:
        value = getattr(card, name)
        if value is not None:
            out[name] = reveal(value)
    for name in _BYTES:
        value = getattr(card, name)
        if value is not None:
            out[name] = reveal(value).hex()
    return out
