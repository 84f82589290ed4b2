"""The keys port: who may turn a secret into bytes that can be stored, and back.

Purposes separate keys: what was sealed for one purpose cannot be opened for another.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from msggw.canonical import SealedPan
    from msggw.values import Pan

__all__ = ["Keys", "Purpose"]


class Purpose(StrEnum):
    """What a derived key is for."""

    PAN = "pan"
    TOKEN = "token"  # noqa: S105 - the name of a purpose
    BODY = "body"
    TRANSIT = "transit"
    JOURNAL = "journal"
    API_KEY = "api-key"


class Keys(Protocol):
    """The port. `context` is authenticated with the content (the transaction id, usually)."""

    def seal(self, purpose: Purpose, clear: bytes, context: bytes) -> bytes:
        """Encrypt and authenticate (AES-256-GCM, NIST SP 800-38D)."""

    def open(self, purpose: Purpose, sealed: bytes, context: bytes) -> bytes:
        """Undo `seal`; raise `Refused` if anything of it was changed."""

    def mac(self, purpose: Purpose, data: bytes) -> bytes:
        """Return HMAC-SHA256 (RFC 2104), 32 bytes, under the first key: stable over rotation."""

    def seal_pan(self, pan: Pan) -> SealedPan:
        """Return the PAN as it may be stored (PCI DSS 3.5.1, 3.5.1.1 keyed hash)."""

    def open_pan(self, sealed: SealedPan) -> Pan:
        """Undo `seal_pan`."""
