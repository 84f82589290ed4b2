"""What the simulated bank decides about transfers, returns, inquiries and cancellations.

The same message id with the same transaction is the same instruction: it is not done again and
gets the same answer. Another message with a UETR that is already executed or pending is a
duplicate (AM05).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.sandbox.faults import Fault, FaultPlan, Request
from msggw.sandbox.ledger import Entry, Ledger
from msggw.sandbox.transfers import Instruction, Message, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Clearing"]

_REASONS = {
    "05": "MS03",
    "14": "AC01",
    "51": "AM04",
    "54": "AC04",
    "55": "DS0H",
    "57": "AG01",
    "59": "FRAD",
    "61": "AM14",
    "65": "AM21",
    "91": "AB08",
    "96": "NARR",
}
"""Codes of `decline` by amount, as ExternalStatusReason1Code; all others are AC06 (blocked)."""

_OPERATIONS = {
    "pacs.008": "transfer",
    "pacs.004": "return",
    "pacs.028": "inquire",
    "camt.056": "cancel",
}
_LOST = frozenset({"timeout_before", "disconnect_before", "http"})


class Clearing:
    """Books into the ledger and says what to answer."""

    def __init__(self, ledger: Ledger, faults: FaultPlan) -> None:
        """Take the ledger and the plan of what goes wrong."""
        self._ledger = ledger
        self._faults = faults

    def handle(self, message: Message) -> tuple[list[Verdict] | None, Fault | None]:
        """Return the verdicts, or None if the request is lost, and the fault of the way back."""
        operation = _OPERATIONS[message.kind]
        faults = [self._fault(message, item, operation) for item in message.instructions]
        fault = next((item for item in faults if item is not None), None)
        if fault is not None and fault.kind in _LOST:
            return None, fault
        pairs = zip(message.instructions, faults, strict=True)
        if operation in {"transfer", "return"}:
            return [self._execute(message, item, why, operation) for item, why in pairs], fault
        act = self._inquire if operation == "inquire" else self._cancel
        return [act(item) for item in message.instructions], fault

    def _fault(self, message: Message, item: Instruction, operation: str) -> Fault | None:
        if self._ledger.get(_key(message, item)) is not None:
            return None
        return self._faults.choose(Request(operation, _minor(item.amount), "", _reference(item)))

    def _execute(
        self, message: Message, item: Instruction, fault: Fault | None, operation: str
    ) -> Verdict:
        known = self._ledger.get(_key(message, item))
        if known is not None:
            self._ledger.again(known)
            return Verdict(item, known.answer, known.code)
        state, status, reason = self._decide(item, fault, operation)
        entry = Entry(
            key=_key(message, item),
            state=state,
            operation=operation,
            amount_minor=_minor(item.amount),
            currency=item.currency,
            reference=_reference(item),
            answer=status,
            code=reason,
            facts={"message_id": message.message_id, "end_to_end_id": item.end_to_end_id},
        )
        self._ledger.add(entry)
        return Verdict(item, status, reason)

    def _decide(
        self, item: Instruction, fault: Fault | None, operation: str
    ) -> tuple[str, str, str]:
        if operation == "transfer" and _alive(self._ledger.find(_reference(item))):
            return "declined", "RJCT", "AM05"
        if fault is not None and fault.kind == "decline":
            reason = fault.code if len(fault.code) == 4 else _REASONS.get(fault.code, "AC06")
            return "declined", "RJCT", reason
        if fault is not None and fault.kind == "pending":
            return "pending", "PDNG", ""
        if operation == "return":
            for original in self._ledger.find(_reference(item)):
                if original.operation == "transfer" and original.state == "booked":
                    self._ledger.move(original, "returned")
        return "booked", "ACSC", ""

    def _inquire(self, item: Instruction) -> Verdict:
        found = self._ledger.find(_reference(item))
        if not found:
            return Verdict(item, "RJCT", "NOOR")
        entry = found[-1]
        if entry.state == "pending":
            entry.answer = "ACSC"
            self._ledger.move(entry, "booked")
        return Verdict(item, entry.answer, entry.code)

    def _cancel(self, item: Instruction) -> Verdict:
        found = self._ledger.find(_reference(item))
        if not found:
            return Verdict(item, "RJCR", "NOOR")
        entry = found[-1]
        if entry.state == "pending":
            entry.answer, entry.code = "CANC", "CUST"
            self._ledger.move(entry, "cancelled")
        if entry.state == "cancelled":
            return Verdict(item, "CNCL")
        return Verdict(item, "RJCR", "NOAS" if entry.state == "declined" else "ARDT")


def _alive(entries: Sequence[Entry]) -> bool:
    return any(entry.state in {"booked", "pending"} for entry in entries)


def _reference(item: Instruction) -> str:
    return item.uetr or item.transaction_id or item.end_to_end_id


def _key(message: Message, item: Instruction) -> str:
    return f"{message.sender}|{message.message_id}|{_reference(item)}"


def _minor(amount: str) -> int:
    # Hundredths are enough to choose a fault; the amount itself is never computed with here.
    whole, _, fraction = amount.strip().partition(".")
    digits = whole + fraction.ljust(2, "0")[:2]
    return int(digits) if digits.isdecimal() else 0
