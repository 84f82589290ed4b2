"""API keys: `mg_<mode>_<id>_<secret>_<checksum>`; only an HMAC of the whole key is stored.

The secret has 256 bits, so a fast keyed hash is right: a slow one would be a lever for denial of
service. The checksum (CRC-32) lets scanners recognise a leaked key without asking anybody.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib
from typing import TYPE_CHECKING

from msggw.keys import Purpose
from msggw.store import ApiKey

if TYPE_CHECKING:
    from msggw.keys import Keys
    from msggw.store import Store

__all__ = ["authenticate", "new_key"]

_KEY = re.compile(r"mg_(test|live)_([0-9a-f]{8})_([A-Za-z0-9_-]{43})_([0-9a-f]{8})")


def new_key(partner: str, keys: Keys, now_us: int, *, mode: str = "test") -> tuple[str, ApiKey]:
    """Return the key, to be shown once, and what is stored of it."""
    public = secrets.token_hex(4)
    body = f"mg_{mode}_{public}_{secrets.token_urlsafe(32)}"
    text = f"{body}_{_checksum(body)}"
    return text, ApiKey(public, partner, _mac(text, keys), text[-4:], now_us)


async def authenticate(text: str, store: Store, keys: Keys) -> str | None:
    """Return the partner this key belongs to, or None. Compares in constant time."""
    match = _KEY.fullmatch(text)
    if match is None or match[4] != _checksum(text.rpartition("_")[0]):
        return None
    stored = await store.api_key(match[2])
    if stored is None or stored.revoked_at_us is not None:
        return None
    return stored.partner if hmac.compare_digest(stored.mac, _mac(text, keys)) else None


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"


def _mac(text: str, keys: Keys) -> str:
    return keys.mac(Purpose.API_KEY, text.encode()).hex()
