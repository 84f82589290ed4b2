"""Keys from a file: one or more 256-bit root keys, from which a key per purpose is derived.

The file is JSON: `{"current": 1, "keys": {"1": "<base64 of 32 bytes>"}}`, mode 0600. A rotation
adds a key and moves `current`; older keys go on opening what they sealed.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from msggw.canonical import SealedPan
from msggw.canonical.quick import assemble
from msggw.errors import ConfigurationError, Refused, Rule
from msggw.keys.port import Purpose
from msggw.values import Pan
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FileKeys"]

_KEY_BYTES = 32
_NONCE_BYTES = 12
_VERSION = 1
_HEAD_BYTES = 2 + _NONCE_BYTES
_TOKEN_HEX = 32


class FileKeys:
    """The `Keys` port over a key file."""

    def __init__(self, roots: dict[int, bytes], current: int) -> None:
        """Derive the keys of every purpose from the root keys (HKDF-SHA256, RFC 5869)."""
        sizes = {len(root) for root in roots.values()}
        if current not in roots or sizes != {_KEY_BYTES} or not _numbers_fit(roots):
            msg = "a key file needs a current key, and keys of 32 bytes numbered 0 to 255"
            raise ConfigurationError(msg)
        self._current = current
        self._ciphers = {
            (purpose, number): AESGCM(_derive(root, purpose))
            for number, root in roots.items()
            for purpose in Purpose
        }
        first = roots[min(roots)]
        self._mac_keys = {purpose: _derive(first, f"mac {purpose}") for purpose in Purpose}

    @classmethod
    def load(cls, path: Path) -> FileKeys:
        """Read the file; raise `ConfigurationError` saying what is wrong, never the content."""
        try:
            data = json.loads(path.read_text("ascii"))
            roots = {int(k): base64.b64decode(v, validate=True) for k, v in data["keys"].items()}
            return cls(roots, int(data["current"]))
        except OSError as error:
            msg = f"the key file {path} cannot be read: {error.strerror}"
            raise ConfigurationError(msg) from None
        except (ValueError, KeyError, TypeError, AttributeError):
            msg = f"the key file {path} is not of the form {{current, keys}}"
            raise ConfigurationError(msg) from None

    @classmethod
    def load_or_create(cls, path: Path) -> FileKeys:
        """Read the file; make one with a fresh key if there is none (first start)."""
        if not path.exists():
            _create(path)
        return cls.load(path)

    def seal(self, purpose: Purpose, clear: bytes, context: bytes) -> bytes:
        """Encrypt: version, key number, nonce, ciphertext and tag."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[purpose, self._current].encrypt(nonce, clear, context)
        return bytes((_VERSION, self._current)) + nonce + sealed

    def open(self, purpose: Purpose, sealed: bytes, context: bytes) -> bytes:
        """Decrypt with the key that sealed it."""
        cipher = self._ciphers.get((purpose, sealed[1])) if len(sealed) > _HEAD_BYTES else None
        if cipher is None or sealed[0] != _VERSION:
            raise Refused.of("sealed", purpose, Rule.SECURITY, "sealed by no key known here")
        try:
            return cipher.decrypt(sealed[2:_HEAD_BYTES], sealed[_HEAD_BYTES:], context)
        except InvalidTag:
            raise Refused.of("sealed", purpose, Rule.SECURITY, "changed since sealed") from None

    def mac(self, purpose: Purpose, data: bytes) -> bytes:
        """Return HMAC-SHA256 under the purpose's key."""
        return hmac.digest(self._mac_keys[purpose], data, hashlib.sha256)

    def seal_pan(self, pan: Pan) -> SealedPan:
        """Seal the PAN bound to its own token, so that two sealed PANs cannot be mixed."""
        clear = reveal(pan).encode()
        token = self.mac(Purpose.TOKEN, clear).hex()[:_TOKEN_HEX]
        sealed = base64.urlsafe_b64encode(self.seal(Purpose.PAN, clear, token.encode())).decode()
        parts = {"token": token, "first6": pan.first6, "last4": pan.last4}
        return assemble(SealedPan, {**parts, "sealed": sealed.rstrip("=")})

    def open_pan(self, sealed: SealedPan) -> Pan:
        """Open a sealed PAN; raise `Refused` if any part of it belongs to another one."""
        raw = unpadded(sealed.sealed)
        pan = Pan(self.open(Purpose.PAN, raw, sealed.token.encode()).decode())
        if (sealed.first6, sealed.last4) != (pan.first6, pan.last4):
            raise Refused.of("sealed", Purpose.PAN, Rule.SECURITY, "changed since sealed")
        return pan


def unpadded(text: str) -> bytes:
    """Decode base64url without padding (RFC 4648 section 5), or raise `Refused`."""
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except ValueError:
        raise Refused.of("sealed", "", Rule.SYNTAX, "base64url without padding") from None


def _numbers_fit(roots: dict[int, bytes]) -> bool:
    # The number of the key is one byte of what it sealed.
    return all(0 <= number <= 0xFF for number in roots)


def _create(path: Path) -> None:
    # Written aside and linked: another process that starts now sees the whole file or none.
    path.parent.mkdir(parents=True, exist_ok=True)
    key = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            json.dump({"current": 1, "keys": {"1": key}}, file)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was quicker; its key counts
            os.link(aside, path)
    finally:
        aside.unlink()


def _derive(root: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"msggw {purpose}".encode()).derive(root)
