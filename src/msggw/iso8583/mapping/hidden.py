"""Data elements that hold secrets for which the canonical model has no place of their own.

A dialect says which: DE 34 or 96 as a whole, Visa 126.10, chip data inside DE 127. They stay in
memory (`msggw.iso8583.mapping.residue`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.iso8583.composite import BerTlv, Tlv
from msggw.iso8583.parts import Composite
from msggw.iso8583.sensitivity import is_secret
from msggw.values import CardVerificationCode

if TYPE_CHECKING:
    from msggw.iso8583.message import Message
    from msggw.iso8583.spec import FieldSpec

__all__ = ["CLAIMED", "hidden_elements", "verification_code"]

_NOTHING: frozenset[str] = frozenset()
CLAIMED = frozenset({"2", "35", "36", "45", "52", "55"})
"""Card data that the tables carry."""


def hidden_elements(message: Message) -> frozenset[str]:
    """Return the elements that are a secret or have one in their parts."""
    if message.spec is not None and message.spec.harmless.issuperset(message.plain):
        return _NOTHING
    specs = message.spec.fields if message.spec is not None else {}
    return frozenset(
        number
        for number in message.plain
        if number not in CLAIMED
        and (
            is_secret(message.sensitivity(number))
            or (number in specs and _holds_secret(specs[number]))
        )
    )


def verification_code(message: Message, hidden: frozenset[str]) -> CardVerificationCode | None:
    """Return the card verification code, if one of these elements has a part that is one."""
    for number in sorted(hidden, key=int):
        value = message[number]
        found = _code_in(value) if isinstance(value, Composite) else value
        if isinstance(found, CardVerificationCode):
            return found
    return None


def _holds_secret(spec: FieldSpec) -> bool:
    composite = spec.composite
    if composite is None:
        return False
    if isinstance(composite, BerTlv):
        return True
    parts = [*composite.parts.values()]
    if isinstance(composite, Tlv):
        parts += [part for part in (composite.other, composite.lead) if part is not None]
    return any(is_secret(part.sensitivity) or _holds_secret(part) for part in parts)


def _code_in(parts: Composite) -> CardVerificationCode | None:
    for _, value in parts.pairs():
        found = _code_in(value) if isinstance(value, Composite) else value
        if isinstance(found, CardVerificationCode):
            return found
    return None
