"""The content classes of ISO 8583-1:1987 clause 4.3 (1993: 4.2): which characters a field may hold.

A class is named as the standard names it. `tolerances` widen classes by name for a link whose
peer is known to be sloppy; nothing is widened silently.
"""

from __future__ import annotations

from typing import Final

__all__ = ["KINDS", "TOLERANCES", "alphabet", "is_text"]

DIGITS: Final = b"0123456789"
LETTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
PRINTABLE: Final = bytes(range(0x20, 0x7F))
SPECIAL: Final = bytes(set(PRINTABLE) - set(DIGITS + LETTERS))
TRACK: Final = b"0123456789:;<=>?"  # ISO/IEC 7813 track 2 code set, 30h to 3Fh
SIGNS: Final = b"CD"

KINDS: Final[dict[str, bytes]] = {
    "n": DIGITS,
    "a": LETTERS + b" ",
    "s": SPECIAL,
    "an": LETTERS + DIGITS + b" ",
    "as": LETTERS + SPECIAL,
    "ns": DIGITS + SPECIAL,
    "ans": PRINTABLE,
    "z": TRACK,
    "x+n": DIGITS,  # after the sign, which is C (credit) or D (debit)
    "b": bytes(range(256)),
}

TOLERANCES: Final[dict[str, str]] = {
    "any-mti": "any four digits pass as message type",
    "controls": "control characters, NUL included, pass in a, an, as, ns and ans fields",
    "high-bytes": "bytes above 7Eh pass in a, an, as, ns and ans fields",
    "letters-in-n": "letters and spaces pass in n fields of a text encoding",
    "specials-in-an": "any printable character passes in a and an fields",
    "track2-letters": "letters (the separator D among them) pass in z fields of a text encoding",
    "trailing-bytes": "what follows the last field is kept as the trailer of the message",
}

_CONTROLS = bytes(range(0x20)) + b"\x7f"
_HIGH = bytes(range(0x80, 0x100))
_TEXT = frozenset(("a", "s", "an", "as", "ns", "ans"))
_WIDER = {
    "letters-in-n": ({"n", "x+n"}, LETTERS + b" "),
    "track2-letters": ({"z"}, LETTERS),
    "specials-in-an": ({"a", "an"}, PRINTABLE),
    "controls": (_TEXT, _CONTROLS),
    "high-bytes": (_TEXT, _HIGH),
}


def is_text(kind: str) -> bool:
    """Return whether fields of this class are left-justified text (padded with spaces)."""
    return kind in _TEXT


def alphabet(kind: str, tolerances: frozenset[str] = frozenset()) -> bytes:
    """Return the characters of a class as ASCII (or Latin-1, where tolerated) bytes, sorted."""
    allowed = set(KINDS[kind])
    for name, (kinds, more) in _WIDER.items():
        if name in tolerances and kind in kinds:
            allowed |= set(more)
    return bytes(sorted(allowed))
