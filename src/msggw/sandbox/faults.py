"""What goes wrong, and when: by the amount's last two digits, or by rules of the admin interface.

| digits     | fault               | what happens                                          |
|------------|---------------------|-------------------------------------------------------|
| `DECLINES` | `decline`           | declined with that code (ISO 8583 DE 39)              |
| 10         | `partial_approval`  | half of the amount is approved (cards)                |
| 68         | `timeout_after`     | executed, the answer is lost                          |
| 69         | `timeout_before`    | the request is lost, nothing is executed              |
| 81         | `late`              | executed, the answer comes `ms` later                 |
| 82         | `pending`           | accepted, executed later (bank)                       |
| 83         | `out_of_order`      | executed, the answer comes after the next one (cards) |
| 84         | `malformed`         | executed, the answer cannot be read                   |
| 86         | `wrong_correlation` | executed, the answer carries other references         |
| 87         | `disconnect`        | executed, the connection ends instead of an answer    |
| 88         | `duplicate`         | executed, the answer comes twice (cards)              |

Rules know these, and also `disconnect_before` (nothing executed), `disconnect_middle` (within the
answer), `slow_drip` (the answer comes byte by byte, `ms` between them), `reject` (a Visa reject
message) and `http` (`code` as status, nothing executed). A rule wins over the digits; among rules
the first that matches; a rule with `none` protects what it matches. Reversals know rules only.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DECLINES", "KINDS", "OPERATIONS", "Fault", "FaultPlan", "Request"]

DECLINES = (5, 14, 41, 43, 51, 54, 55, 57, 59, 61, 62, 65, 75, 91, 96)
"""Amounts that end in these are declined with the code of the same number."""

_TRIGGERS = {
    10: "partial_approval",
    68: "timeout_after",
    69: "timeout_before",
    81: "late",
    82: "pending",
    83: "out_of_order",
    84: "malformed",
    86: "wrong_correlation",
    87: "disconnect",
    88: "duplicate",
}
KINDS = frozenset(_TRIGGERS.values()) | {
    "decline",
    "disconnect_before",
    "disconnect_middle",
    "http",
    "none",
    "reject",
    "slow_drip",
}
LINK_OPERATIONS = frozenset({"sign_on", "echo"})
"""What a rule matches only if it names it."""
OPERATIONS = LINK_OPERATIONS | {
    *("authorise", "purchase", "advise", "reverse"),
    *("transfer", "return", "inquire", "cancel"),
}
RULES_MAX = 1000
HAPPENED_MAX = 10_000
LATE_MS = 15_000


@dataclass(frozen=True)
class Fault:
    """One fault with its details."""

    kind: str
    code: str = ""
    """The DE 39, ISO 20022 reason or HTTP status of `decline`, `reject` and `http`."""
    ms: int = LATE_MS
    """How late, or how long between two bytes."""
    amount_minor: int | None = None
    """What `partial_approval` approves; half if not given."""


@dataclass(frozen=True)
class Request:
    """What a rule may look at. `operation` is one of `OPERATIONS`."""

    operation: str
    amount_minor: int
    pan_end: str = ""
    reference: str = ""


@dataclass
class _Rule:
    fault: Fault
    operation: str = ""
    amount_minor: int | None = None
    pan_suffix: str = ""
    reference: str = ""
    nth: int = 0
    probability: float = 1.0
    times: int = 0
    seen: int = 0
    done: int = 0

    def matches(self, request: Request, chance: Callable[[], float]) -> bool:
        """Return whether the rule applies now; counts what it has seen."""
        if not (
            (self.operation or request.operation) == request.operation
            and (self.operation or request.operation not in LINK_OPERATIONS)
            and self.amount_minor in {None, request.amount_minor}
            and request.pan_end.endswith(self.pan_suffix)
            and re.search(self.reference, request.reference)
        ):
            return False
        self.seen += 1
        if (self.nth and self.seen != self.nth) or (self.times and self.done >= self.times):
            return False
        return self.probability >= 1.0 or chance() < self.probability


class FaultPlan:
    """Chooses the fault of each request and remembers what it chose."""

    def __init__(self, chance: Callable[[], float], *, triggers: bool = True) -> None:
        """Take a source of numbers in [0, 1); without `triggers`, amounts mean nothing."""
        self._chance = chance
        self._triggers = triggers
        self._rules: list[_Rule] = []
        self._happened: deque[dict[str, Any]] = deque(maxlen=HAPPENED_MAX)

    def choose(self, request: Request) -> Fault | None:
        """Return the fault for this request, or None."""
        for rule in self._rules:
            if rule.matches(request, self._chance):
                rule.done += 1
                return self._note(rule.fault, request)
        if not self._triggers or request.operation == "reverse":
            return None
        end = request.amount_minor % 100
        if end in DECLINES:
            return self._note(Fault("decline", f"{end:02d}"), request)
        kind = _TRIGGERS.get(end)
        return None if kind is None else self._note(Fault(kind), request)

    def add(self, rule: Mapping[str, Any]) -> None:
        """Add a rule; raise `ValueError` that says what is wrong with it."""
        rest = dict(rule)
        kind = rest.pop("fault", None)
        if not isinstance(kind, str) or kind not in KINDS:
            raise ValueError(f"fault is one of {', '.join(sorted(KINDS))}")
        if len(self._rules) >= RULES_MAX:
            raise ValueError(f"at most {RULES_MAX} rules")
        details: dict[str, Any] = {name: rest.pop(name) for name in ("code", "ms") if name in rest}
        if "approve_minor" in rest:
            details["amount_minor"] = rest.pop("approve_minor")
        known = {item.name for item in fields(_Rule)} - {"fault", "seen", "done"}
        if not rest.keys() <= known:
            raise ValueError(
                f"a rule has: fault, code, ms, approve_minor, {', '.join(sorted(known))}"
            )
        _check(rest | details)
        if rest.get("operation", "") not in OPERATIONS | {""}:
            raise ValueError(f"operation is one of {', '.join(sorted(OPERATIONS))}")
        if kind == "http" and re.fullmatch("[1-5][0-9]{2}", details.get("code", "503")) is None:
            raise ValueError("code is an HTTP status")
        self._rules.append(_Rule(Fault(kind, **details), **rest))

    def clear(self) -> None:
        """Forget all rules; what happened stays known."""
        self._rules.clear()

    def as_dict(self) -> dict[str, Any]:
        """Return the rules with their counts, and the faults that happened."""
        rules = [
            {"fault": rule.fault.kind, "operation": rule.operation, "seen": rule.seen}
            | {"happened": rule.done}
            for rule in self._rules
        ]
        return {"rules": rules, "happened": list(self._happened)}

    def _note(self, fault: Fault, request: Request) -> Fault | None:
        if fault.kind == "none":
            return None
        self._happened.append(
            {
                "fault": fault.kind,
                "operation": request.operation,
                "amount_minor": request.amount_minor,
                "reference": request.reference,
            }
        )
        return fault


_TYPES: dict[str, type | tuple[type, ...]] = {
    "code": str,
    "ms": int,
    "amount_minor": int,
    "operation": str,
    "pan_suffix": str,
    "reference": str,
    "nth": int,
    "probability": (int, float),
    "times": int,
}


def _check(values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if not isinstance(value, _TYPES[name]) or isinstance(value, bool):
            raise ValueError(f"{name} has the wrong type")  # noqa: TRY004 - one error for a rule
    try:
        re.compile(values.get("reference", ""))
    except re.error:
        raise ValueError("reference is no regular expression") from None
