"""The message type identifier, ISO 8583-1:1987 clause 4.1: version, class, function, originator."""

from __future__ import annotations

from itertools import product
from typing import Final

__all__ = [
    "CLASSES",
    "FUNCTIONS",
    "VERSIONS",
    "is_mti",
    "message_class",
    "mti_is_repeat",
    "mti_is_request",
    "mti_is_response",
    "repeat_mti",
    "response_mti",
]

VERSIONS: Final = {
    "0": "1987",
    "1": "1993",
    "2": "2003",
    "8": "national use",
    "9": "private use",
}
CLASSES: Final = {
    "1": "authorisation",
    "2": "financial",
    "3": "file action",
    "4": "reversal or chargeback",
    "5": "reconciliation",
    "6": "administrative",
    "7": "fee collection",
    "8": "network management",
}
FUNCTIONS: Final = {
    "0": "request",
    "1": "request response",
    "2": "advice",
    "3": "advice response",
    "4": "notification",
    "5": "notification acknowledgement",
    "6": "instruction",
    "7": "instruction acknowledgement",
}
ORIGINATORS: Final = {
    "0": "acquirer",
    "1": "acquirer repeat",
    "2": "issuer",
    "3": "issuer repeat",
    "4": "other",
    "5": "other repeat",
}
_VALID: Final = frozenset(
    "".join(digits) for digits in product(VERSIONS, CLASSES, FUNCTIONS, ORIGINATORS)
)
_NOT_REPEATED: Final = {"1": "0", "3": "2", "5": "4"}
_REPEATED: Final = {before: after for after, before in _NOT_REPEATED.items()}


def is_mti(mti: str) -> bool:
    """Return whether the standard assigns a meaning to all four digits."""
    return mti in _VALID


def all_mtis() -> frozenset[str]:
    """Return every message type that `is_mti` accepts."""
    return _VALID


def mti_is_request(mti: str) -> bool:
    """Return whether an answer is expected: requests, advices, notifications, instructions."""
    return mti[2:3] in {"0", "2", "4", "6"}


def mti_is_response(mti: str) -> bool:
    """Return whether this answers something; a response is never answered."""
    return mti[2:3] in {"1", "3", "5", "7"}


def mti_is_repeat(mti: str) -> bool:
    """Return whether the sender says that it sent the same message before."""
    return mti[3:4] in _NOT_REPEATED


def message_class(mti: str) -> str:
    """Return the class in words; empty for a class the standard does not have."""
    return CLASSES.get(mti[1:2], "")


def response_mti(mti: str) -> str:
    """Return the type of the answer: 0100 and 0101 give 0110, 0421 gives 0430.

    Raises `ValueError` for a response or acknowledgement, which is never answered.
    """
    if not mti_is_request(mti) or len(mti) != 4 or not mti.isdecimal():
        msg = f"{mti} is not a type that is answered"
        raise ValueError(msg)
    return f"{mti[:2]}{int(mti[2]) + 1}{_NOT_REPEATED.get(mti[3], mti[3])}"


def repeat_mti(mti: str) -> str:
    """Return the type of a repeat: 0420 gives 0421; a repeat gives itself."""
    return mti[:3] + _REPEATED.get(mti[3:4], mti[3:4])
