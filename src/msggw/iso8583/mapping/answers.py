"""The answer to a request: its type, what it repeats, and why it ended as it did (DE 39)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msggw.canonical import Reason, answer_for
from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.converters import AMOUNT, UNDATED
from msggw.values import Currency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msggw.canonical import Outcome
    from msggw.iso8583.message import Message

__all__ = ["respond", "response_code"]

_APPROVED = frozenset(
    {Reason.APPROVED, Reason.APPROVED_WITH_IDENTIFICATION, Reason.APPROVED_PARTIAL}
)
_ACCEPTED_1993 = {"4": "400", "8": "800"}
"""Action codes of an accepted reversal and of accepted network management."""

_FORMAT_ERROR_1993, _FORMAT_ERROR_2003 = "904", "9100"
_REFERENCE = re.compile(r"[0-9A-Za-z]{1,12}")
_PRINTABLE = re.compile(r"[ -~]{1,999}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){1,255}")
_LENGTH_MAX = {"44": 25, "54": 120}
_OURS = frozenset({"2", "3", "4", "7", "11", "14", "34", "35", "36", "37", "38", "39", "45", "49"})
_SECURITY = frozenset({"52", "53", "64", "65", "96", "128"})
_ELEMENTS = frozenset(str(number) for number in range(2, 129)) - _OURS - _SECURITY
"""What an outcome may add to an answer: nothing that identifies, decides or protects it."""


def respond(
    request: Message, reason: Reason, outcome: Outcome | None, *, year: int = 1987
) -> Message:
    """Return the answer to a request or advice. Raises `ValueError` if it is itself an answer.

    `year` is the edition whose codes the link uses where the MTI says 1987. Raises `Refused` if a
    partial amount cannot be stated: it does not fit, or the currency is another.
    """
    fields: dict[str, object] = {"39": response_code(request.mti, reason, year=year)}
    if outcome is not None:
        fields |= dict(_added(outcome.fields))
        fields |= _partial(request, reason, outcome)
        if reason in _APPROVED and outcome.approval_code is not None:
            fields["38"] = str(outcome.approval_code)
        reference = outcome.provider_reference or ""
        if "37" not in request and _REFERENCE.fullmatch(reference):
            fields["37"] = reference.ljust(12)
    return request.response(fields)


def response_code(mti: str, reason: Reason, *, year: int = 1987) -> str:
    """Return DE 39 for an answer to this type: 2 characters, 3 digits (1993) or 4 digits (2003)."""
    edition = {"1": 1993, "2": 2003}.get(mti[:1], year)
    answer = answer_for(reason)
    if edition < 1993:
        return answer.de39
    action = answer.action_code
    if reason is Reason.APPROVED:
        action = _ACCEPTED_1993.get(mti[1:2], action)
    return action if edition < 2003 else _action_2003(action)


def _action_2003(action: str) -> str:
    # The third edition puts a digit after the first one: 116 is 1016, 912 is 9112.
    if action == _FORMAT_ERROR_1993:
        return _FORMAT_ERROR_2003
    return f"{action[0]}{'1' if action[0] == '9' else '0'}{action[1:]}"


def _added(given: dict[str, str]) -> Iterator[tuple[str, object]]:
    for number, text in given.items():
        if number == "55" and _HEX.fullmatch(text):
            yield number, bytes.fromhex(text)
        elif (
            number in _ELEMENTS - {"55"}
            and _PRINTABLE.fullmatch(text)
            and len(text) <= _LENGTH_MAX.get(number, 999)
        ):
            yield number, text


def _partial(request: Message, reason: Reason, outcome: Outcome) -> dict[str, object]:
    if reason is not Reason.APPROVED_PARTIAL or outcome.amount is None:
        return {}
    unit = outcome.amount.unit
    if isinstance(unit, Currency) and request.get("49") not in {unit.code, unit.numeric}:
        detail = "the approved amount is in another currency than the request"
        raise Refused.of("canonical", "amount", Rule.CONFLICT, detail)
    digits, _ = AMOUNT.write(outcome.amount, UNDATED)
    return {"4": digits}
