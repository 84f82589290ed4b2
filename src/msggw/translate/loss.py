"""What a translation could not carry, first-class: nothing is lost in silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Loss", "LossKind", "Severity"]


class LossKind(StrEnum):
    """How something changed on the way."""

    DROPPED = "dropped"
    TRUNCATED = "truncated"
    DEFAULTED = "defaulted"
    NARROWED = "narrowed"
    PRECISION = "precision"
    CHARSET = "charset"
    DERIVED = "derived"
    RESIDUE = "residue"


class Severity(StrEnum):
    """How much it matters to who receives the result."""

    INFO = "info"
    WARNING = "warning"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Loss:
    """One entry of a loss report. Paths only: values are never quoted."""

    kind: LossKind
    source: str
    target: str
    rule: str
    severity: Severity = Severity.WARNING

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {
            "kind": self.kind.value,
            "source": self.source,
            "target": self.target,
            "rule": self.rule,
            "severity": self.severity.value,
        }
