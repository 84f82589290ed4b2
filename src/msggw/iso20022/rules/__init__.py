"""All business rules, in the order of their ids, and the engine that runs them."""

from __future__ import annotations

from msggw.iso20022.rules import amounts, header, identifiers, structure
from msggw.iso20022.rules.engine import BusinessRule, Profile, Severity, View, run

__all__ = ["RULES", "BusinessRule", "Profile", "Severity", "View", "run"]

RULES: tuple[BusinessRule, ...] = tuple(
    sorted(
        (*identifiers.RULES, *amounts.RULES, *structure.RULES, *header.RULES),
        key=lambda rule: rule.id,
    )
)
"""Every rule; rule ids are stable, they appear in answers."""
