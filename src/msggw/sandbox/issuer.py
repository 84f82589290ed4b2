"""What the simulated card scheme decides: authorise, take advice, reverse. No sockets here.

Keys are those of a real host. A request is the same request if class, transmission time, STAN,
acquirer, RRN and terminal are the same; it is then not done again and gets the same answer. A
reversal finds its original by acquirer, RRN and terminal, and by the STAN and time of DE 90 if
that element has them. A reversal without an original is remembered, so that an original that
comes after it is declined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from msggw.sandbox.faults import Fault, FaultPlan, Request
from msggw.sandbox.ledger import Entry, Ledger

if TYPE_CHECKING:
    from msggw.sandbox.dialects import HostMessage

__all__ = ["Issuer", "response_mti"]

_LOST = frozenset({"timeout_before", "disconnect_before", "reject"})
_UNKNOWN = "000000"
_OPERATIONS = {"10": "authorise", "12": "advise", "20": "purchase", "22": "advise"}


class Issuer:
    """Books into the ledger and says what to answer; the fault tells how the wire spoils it."""

    def __init__(self, ledger: Ledger, faults: FaultPlan) -> None:
        """Take the ledger and the plan of what goes wrong."""
        self._ledger = ledger
        self._faults = faults

    def handle(self, message: HostMessage) -> tuple[HostMessage | None, Fault | None]:
        """Return the answer, or None if the request is lost, and the fault of its way back."""
        kind = message.mti[1:3]
        if kind in _OPERATIONS:
            return self._authorise(message, _OPERATIONS[kind])
        if kind in {"40", "42"}:
            return self._reverse(message)
        return message.answer(response_mti(message.mti), de39="40"), None

    def _authorise(
        self, message: HostMessage, operation: str
    ) -> tuple[HostMessage | None, Fault | None]:
        key = _key(message)
        known = self._ledger.get(key)
        if known is not None:
            self._ledger.again(known)
            return _answer(message, known), None
        fault = self._faults.choose(_request(message, operation))
        if fault is not None and fault.kind in _LOST:
            return None, fault
        entry = self._decide(message, key, operation, fault)
        self._ledger.add(entry)
        return _answer(message, entry), fault

    def _decide(self, message: HostMessage, key: str, operation: str, fault: Fault | None) -> Entry:
        amount, code = _minor(message), "00"
        if self._was_reversed_before(message):
            code = "12"
        elif fault is not None and fault.kind == "decline":
            code = fault.code
        elif fault is not None and fault.kind == "partial_approval":
            code = "10"
            amount = amount // 2 if fault.amount_minor is None else fault.amount_minor
        booked = code in {"00", "10"}
        return Entry(
            key=key,
            state="booked" if booked else "declined",
            operation=operation,
            amount_minor=amount,
            currency=message.get(49),
            reference=_reference(message),
            answer=f"{crc32(key.encode()) % 1_000_000:06d}" if booked else "",
            code=code,
            facts=_facts(message),
        )

    def _was_reversed_before(self, message: HostMessage) -> bool:
        return any(
            entry.state == "never" and entry.facts["stan"] in {_UNKNOWN, message.get(11)}
            for entry in self._ledger.find(_reference(message))
        )

    def _reverse(self, message: HostMessage) -> tuple[HostMessage | None, Fault | None]:
        fault = self._faults.choose(_request(message, "reverse"))
        if fault is not None and fault.kind in _LOST:
            return None, fault
        if fault is not None and fault.kind == "decline":
            return message.answer(response_mti(message.mti), de39=fault.code), fault
        originals = self._originals(message)
        for entry in originals:
            self._undo(entry, message)
        code = "25" if not originals else originals[0].code if _never(originals) else "00"
        if not originals:
            self._ledger.add(_nothing(message))
        return message.answer(response_mti(message.mti), de39=code), fault

    def _originals(self, message: HostMessage) -> list[Entry]:
        stan, transmission = message.get(90)[4:10], message.get(90)[10:20]
        return [
            entry
            for entry in self._ledger.find(_reference(message))
            if stan in {"", _UNKNOWN, entry.facts["stan"]}
            and (
                entry.state == "never"
                or stan in {"", _UNKNOWN}
                or transmission == entry.facts["transmission"]
            )
        ]

    def _undo(self, entry: Entry, message: HostMessage) -> None:
        left = int(message.get(95)[:12] or "0")
        if entry.state != "booked":
            self._ledger.again(entry)
        elif 0 < left < entry.amount_minor:
            entry.amount_minor = left
            self._ledger.move(entry, "booked")
        else:
            self._ledger.move(entry, "reversed")


def response_mti(mti: str) -> str:
    """Return the response's message type: function + 1, repeat digit dropped."""
    return f"{mti[:2]}{int(mti[2]) + 1}{int(mti[3]) // 2 * 2}"


def _never(entries: list[Entry]) -> bool:
    return all(entry.state == "never" for entry in entries)


def _nothing(message: HostMessage) -> Entry:
    stan, transmission = message.get(90)[4:10] or _UNKNOWN, message.get(90)[10:20]
    reference = _reference(message)
    return Entry(
        key=f"reversal|{reference}|{stan}|{transmission}",
        state="never",
        operation="reverse",
        amount_minor=_minor(message),
        currency=message.get(49),
        reference=reference,
        code="25",
        facts=_facts(message) | {"stan": stan, "transmission": transmission},
    )


def _answer(message: HostMessage, entry: Entry) -> HostMessage:
    approved = f"{entry.amount_minor:012d}" if entry.code == "10" else ""
    return message.answer(
        response_mti(message.mti), de4=approved, de38=entry.answer, de39=entry.code
    )


def _key(message: HostMessage) -> str:
    return "|".join([message.mti[1], *(message.get(de) for de in (7, 11, 32, 37, 41))])


def _reference(message: HostMessage) -> str:
    return "|".join(message.get(de).strip() for de in (32, 37, 41))


def _request(message: HostMessage, operation: str) -> Request:
    return Request(operation, _minor(message), message.get(2)[-4:], message.get(37))


def _minor(message: HostMessage) -> int:
    return int(message.get(4) or "0")


def _facts(message: HostMessage) -> dict[str, str]:
    pan = message.get(2)
    return {
        "mti": message.mti,
        "stan": message.get(11),
        "transmission": message.get(7),
        "rrn": message.get(37),
        "terminal": message.get(41).strip(),
        "acquirer": message.get(32),
        "pan": f"{pan[:6]}{'*' * max(0, len(pan) - 10)}{pan[-4:]}" if len(pan) > 10 else "",
    }
