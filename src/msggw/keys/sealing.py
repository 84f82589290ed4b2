"""A transaction before it leaves memory, and after it comes back.

At rest and on the broker the PAN is a `SealedPan`. Sensitive data (tracks, PIN block, verification
code, chip data, security fields of the residue) leaves memory only inside `Transaction.sensitive`,
one sealed text that travels with the broker message to the adapter and is taken out of everything
that is stored (PCI DSS 3.3.1).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from msggw.canonical.quick import evolve
from msggw.keys.file import unpadded
from msggw.keys.port import Purpose
from msggw.values import CardVerificationCode, Pan, PinBlock, SecretBytes, Track1, Track2
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from msggw.canonical import Card, Transaction
    from msggw.keys.port import Keys

__all__ = ["at_rest", "in_transit", "open_transaction"]

_TEXTS: dict[str, type[Track1 | Track2 | CardVerificationCode]] = {
    "track1": Track1,
    "track2": Track2,
    "track3": Track1,
    "verification_code": CardVerificationCode,
}
_BYTES: dict[str, type[PinBlock | SecretBytes]] = {"pin_block": PinBlock, "icc": SecretBytes}
_RESIDUE = "residue"
_TRANSIT = b"sensitive"


def at_rest(transaction: Transaction, keys: Keys) -> Transaction:
    """Return the transaction as it may be stored: PAN sealed, sensitive data gone."""
    changes = _sealed(transaction, keys)
    if transaction.sensitive is not None:
        changes["sensitive"] = None
    return evolve(transaction, changes) if changes else transaction


def in_transit(transaction: Transaction, keys: Keys) -> Transaction:
    """Return the transaction as it may travel: PAN sealed, sensitive data sealed into one text."""
    changes = _sealed(transaction, keys)
    secret = _sensitive(transaction)
    if secret:
        clear = json.dumps(secret, separators=(",", ":")).encode()
        sealed = keys.seal(Purpose.TRANSIT, clear, _TRANSIT)
        changes["sensitive"] = base64.urlsafe_b64encode(sealed).decode().rstrip("=")
    return evolve(transaction, changes) if changes else transaction


def open_transaction(transaction: Transaction, keys: Keys) -> Transaction:
    """Undo `in_transit` (or `at_rest`, whose sensitive data is gone for good).

    Raises `Refused` if a seal is broken or was made for something else.
    """
    card, residue = transaction.card, transaction.residue
    secret: dict[str, Any] = {}
    if transaction.sensitive is not None:
        secret = json.loads(keys.open(Purpose.TRANSIT, unpadded(transaction.sensitive), _TRANSIT))
    changes: dict[str, Any] = {}
    if card is not None:
        changes["card"] = evolve(card, _opened_card(card, secret, keys))
    if residue is not None and _RESIDUE in secret:
        fields = {key: SecretBytes(bytes.fromhex(raw)) for key, raw in secret[_RESIDUE].items()}
        changes["residue"] = evolve(residue, {"secrets": fields})
    if transaction.sensitive is not None:
        changes["sensitive"] = None
    return evolve(transaction, changes) if changes else transaction


def _opened_card(card: Card, secret: dict[str, Any], keys: Keys) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if card.pan is not None and not isinstance(card.pan, Pan):
        changes["pan"] = keys.open_pan(card.pan)
    for name, text_type in _TEXTS.items():
        if name in secret:
            changes[name] = text_type(secret[name])
    for name, bytes_type in _BYTES.items():
        if name in secret:
            changes[name] = bytes_type(bytes.fromhex(secret[name]))
    return changes


def _sealed(transaction: Transaction, keys: Keys) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    card, residue = transaction.card, transaction.residue
    if card is not None:
        hidden: dict[str, Any] = dict.fromkeys((*_TEXTS, *_BYTES))
        if isinstance(card.pan, Pan):
            hidden["pan"] = keys.seal_pan(card.pan)
        changes["card"] = evolve(card, hidden)
    if residue is not None and residue.secrets:
        changes["residue"] = evolve(residue, {"secrets": {}})
    return changes


def _sensitive(transaction: Transaction) -> dict[str, Any]:
    out: dict[str, Any] = {}
    card, residue = transaction.card, transaction.residue
    if card is not None:
        _add_card(card, out)
    if residue is not None and residue.secrets:
        out[_RESIDUE] = {key: reveal(value).hex() for key, value in residue.secrets.items()}
    return out


def _add_card(card: Card, out: dict[str, Any]) -> None:
    for name in _TEXTS:
        value = getattr(card, name)
        if value is not None:
            out[name] = reveal(value)
    for name in _BYTES:
        value = getattr(card, name)
        if value is not None:
            out[name] = reveal(value).hex()
