"""The one place that opens a secret. Importing this module is a privilege listed in pyproject."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from msggw.values.secret import (
        CardVerificationCode,
        Pan,
        PinBlock,
        Secret,
        SecretBytes,
        Track1,
        Track2,
    )

__all__ = ["reveal"]


@overload
def reveal(secret: Pan | Track1 | Track2 | CardVerificationCode) -> str: ...
@overload
def reveal(secret: PinBlock | SecretBytes) -> bytes: ...
@overload
def reveal(secret: Secret) -> str | bytes: ...
def reveal(secret: Secret) -> str | bytes:
    """Return the clear value. The caller must neither log nor keep it."""
    return secret._open()  # noqa: SLF001 - this module is the key to that lock
