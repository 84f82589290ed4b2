"""Under which keys a payment can be found again when a later message is about it.

A return, a status request and a cancellation name their original by UETR, by the sender's
transaction id, or by message id and end-to-end id. Ids are unique per sender only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msggw.canonical import Transaction
    from msggw.canonical.transaction import Original, References

__all__ = ["match_keys", "original_keys"]


def match_keys(transaction: Transaction, sender: str = "") -> tuple[str, ...]:
    """Return the keys of a payment itself, the surest first."""
    return _keys(transaction.references, sender)


def original_keys(transaction: Transaction, sender: str = "") -> tuple[str, ...]:
    """Return the keys of the payment that a message is about, the surest first."""
    return _keys(transaction.original, sender) if transaction.original is not None else ()


def _keys(found: References | Original, sender: str) -> tuple[str, ...]:
    out = []
    if found.uetr is not None:
        out.append(f"uetr:{found.uetr}")
    if found.transaction_id is not None:
        out.append(f"tx:{sender}/{found.transaction_id}")
    if found.message_id is not None:
        out.append(f"msg:{sender}/{found.message_id}/{found.end_to_end_id or ''}")
    return tuple(out)
