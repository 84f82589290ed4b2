"""Network management messages: sign-on, sign-off, echo (ISO 8583-1:1987 DE 70; 1993 DE 24)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msggw.iso8583.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso8583.spec import Spec

__all__ = ["Stans", "approved", "network_code", "network_request", "purpose_of"]

_PURPOSES: Final = {
    **dict.fromkeys(("001", "061", "071", "801"), "sign-on"),
    **dict.fromkeys(("002", "062", "072", "802"), "sign-off"),
    **dict.fromkeys(("301", "270", "831"), "echo"),
}
_APPROVED: Final = {"0": "00", "1": "800", "2": "8000"}
_REFUSED: Final = {"0": "91", "1": "910", "2": "9100"}


class Stans:
    """System trace audit numbers of our own messages: 1 to 999999 and round again."""

    def __init__(self, start: int) -> None:
        """Begin with `start`."""
        self._next = start

    def take(self) -> str:
        """Return the next number, six digits."""
        number = self._next
        self._next = number % 999_999 + 1
        return f"{number:06d}"


def network_code(message: Message) -> str:
    """Return the code that says what a network management message is for."""
    value = message.get("70" if message.mti[:1] in {"0", "8", "9"} else "24", "")
    return value if isinstance(value, str) else ""


def purpose_of(code: str) -> str:
    """Return sign-on, sign-off or echo; empty for a code the session does not answer."""
    return _PURPOSES.get(code, "")


def approved(message: Message) -> str:
    """Return the response code that approves a network management message of this edition."""
    return _APPROVED.get(message.mti[:1], "00")


def unavailable(message: Message) -> str:
    """Return the response code that says: not now."""
    return _REFUSED.get(message.mti[:1], "91")


def is_approval(code: object) -> bool:
    """Return whether a response code approves a network management message."""
    return code in _APPROVED.values() or code in {"000", "0000"}


def network_request(
    spec: Spec, code: str, stan: str, posix_s: float, more: Mapping[str, str]
) -> Message:
    """Return a network management request of the dialect's edition."""
    at = datetime.fromtimestamp(posix_s, UTC)
    version = _version(spec)
    stan_field = spec.fields.get("11")
    stan = stan.rjust(stan_field.length_max, "0") if stan_field is not None else stan
    fields = {"7": at.strftime("%m%d%H%M%S"), "11": stan}
    if version == "0":
        return Message("0800", {**fields, "70": code, **more})
    century = version == "2"
    fields["12"] = at.strftime("%Y%m%d%H%M%S" if century else "%y%m%d%H%M%S")
    return Message(f"{version}804", {**fields, "24": code, **more})


def _version(spec: Spec) -> str:
    """Return the edition, told by the length of the response code: two, three or four."""
    field = spec.fields.get("39")
    return {2: "0", 3: "1", 4: "2"}.get(field.length_max if field is not None else 2, "0")
