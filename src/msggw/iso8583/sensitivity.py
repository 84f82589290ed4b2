"""What may be seen of a field, and the type that guards it (PCI DSS 4.0.1, 3.3.1 and 3.4.1).

| sensitivity | Python type | shown |
|---|---|---|
| none | str or bytes | as it is |
| pan | Pan | first six, last four |
| pan-extended | SecretBytes | its size |
| track2 | Track2 | its size |
| track | Track1 | its size |
| pin | PinBlock | nothing |
| cvv | CardVerificationCode | nothing |
| icc, secret | SecretBytes | its size |
| mac | bytes | first two bytes |
| private | str or bytes | its size: the field may carry card data that the spec does not name |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from msggw.values import CardVerificationCode, Pan, PinBlock, Secret, SecretBytes, Track1, Track2
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from msggw.iso8583.encoding import Plain

__all__ = ["SENSITIVITIES", "STANDARD", "Value", "is_secret", "opened", "shown", "wrapped"]

Value: TypeAlias = "str | bytes | Secret"

_TYPES: Final[dict[str, type[Secret]]] = {
    "pan": Pan,
    "pan-extended": SecretBytes,
    "track2": Track2,
    "track": Track1,
    "pin": PinBlock,
    "cvv": CardVerificationCode,
    "icc": SecretBytes,
    "secret": SecretBytes,
}

SENSITIVITIES: Final = ("none", *_TYPES, "mac", "private")

STANDARD: Final[dict[str, str]] = {
    "2": "pan",
    "34": "pan-extended",
    "35": "track2",
    "36": "track",
    "45": "track",
    "52": "pin",
    "55": "icc",
    "64": "mac",
    "128": "mac",
}
"""The data elements that every edition of the standard makes sensitive."""


def is_secret(sensitivity: str) -> bool:
    """Return whether a value of this sensitivity has a secret type."""
    return sensitivity in _TYPES


def wrapped(plain: Plain, sensitivity: str) -> Value:
    """Return the value in its guarding type; `Refused` if it breaks the type's rule."""
    secret = _TYPES.get(sensitivity)
    if secret is None:
        return plain
    if secret is SecretBytes and isinstance(plain, str):
        return SecretBytes(plain.encode("latin-1", "replace"))
    return secret(plain)


def opened(value: Value, *, as_text: bool = False) -> Plain:
    """Return the clear value, as text if the field is text and the secret holds bytes."""
    plain = reveal(value) if isinstance(value, Secret) else value
    return plain.decode("latin-1") if as_text and isinstance(plain, bytes) else plain


def shown(plain: Plain, sensitivity: str) -> str:
    """Return what people may see of a value."""
    if sensitivity == "pan" and isinstance(plain, str) and len(plain) >= 13:
        return f"{plain[:6]}{'*' * (len(plain) - 10)}{plain[-4:]}"
    if sensitivity == "mac" and isinstance(plain, bytes):
        return f"{plain[:2].hex().upper()}…"
    if sensitivity == "none":
        return plain.hex().upper() if isinstance(plain, bytes) else plain
    unit = "bytes" if isinstance(plain, bytes) else "characters"
    return f"<{sensitivity}: {len(plain)} {unit}>"
