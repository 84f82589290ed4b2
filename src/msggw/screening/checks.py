"""The checks. Each takes a transaction, what is known, and the rulebook; each returns a finding."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msggw.canonical import Reason, Transaction
from msggw.screening.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.screening.rulebook import AmountLimit, Rulebook, Window

__all__ = ["check_amount", "check_kyc", "check_names", "check_velocity"]


def check_kyc(transaction: Transaction, book: Rulebook) -> Finding:
    """Refuse an amount above what the customer's KYC level allows; no customer, no check."""
    customer, amount = transaction.customer, transaction.amount
    if customer is None or amount is None:
        return Finding("kyc", None, "no customer is named")
    level = customer.kyc_level or 0
    for limit in book.kyc:
        maximum = limit.maximum(amount)
        if limit.kyc_level == level and transaction.kind in limit.kinds and maximum is not None:
            return _above("kyc", limit, amount.minor, maximum, Reason.KYC_LEVEL)
    return Finding("kyc", None, f"no limit for KYC level {level}")


def check_amount(transaction: Transaction, book: Rulebook) -> Finding:
    """Refuse an amount above the first limit that applies to its kind and currency."""
    amount = transaction.amount
    if amount is None:
        return Finding("amount", None, "no amount")
    for limit in book.amounts:
        maximum = limit.maximum(amount)
        if transaction.kind in limit.kinds and maximum is not None:
            return _above("amount", limit, amount.minor, maximum, Reason.AMOUNT_LIMIT)
    return Finding("amount", None, "no limit for this kind and currency")


def _above(check: str, limit: AmountLimit, minor: int, maximum: int, reason: Reason) -> Finding:
    evidence: dict[str, str | int] = {"rule": limit.name, "maximum_minor": maximum}
    if minor > maximum:
        return Finding(check, reason, f"above the limit {limit.name}", evidence)
    return Finding(check, None, f"within the limit {limit.name}", evidence)


def check_velocity(
    transaction: Transaction, usage: Mapping[str, tuple[int, int]], book: Rulebook
) -> Finding:
    """Refuse what would exceed a window; `usage` maps a window's name to (count, minor units)."""
    for window in book.windows:
        if transaction.kind not in window.kinds or window.name not in usage:
            continue
        finding = _window(transaction, window, *usage[window.name])
        if finding is not None:
            return finding
    return Finding("velocity", None, "within all windows")


def _window(transaction: Transaction, window: Window, count: int, minor: int) -> Finding | None:
    evidence: dict[str, str | int] = {"rule": window.name, "count": count}
    if count + 1 > window.count_max:
        evidence["count_max"] = window.count_max
        return Finding("velocity", Reason.FREQUENCY_LIMIT, f"too many in {window.name}", evidence)
    amount = transaction.amount
    maximum = None if amount is None else window.amount_minor_max.get(amount.unit.code)
    if amount is not None and maximum is not None and minor + amount.minor > maximum:
        evidence["maximum_minor"] = maximum
        return Finding("velocity", Reason.AMOUNT_LIMIT, f"too much in {window.name}", evidence)
    return None


def check_names(transaction: Transaction, book: Rulebook) -> Finding:
    """Refuse a transaction that names somebody on the sanctions list.

    The sender gets a neutral reason: telling who was hit would be tipping off.
    """
    for role in ("debtor", "creditor", "ultimate_debtor", "ultimate_creditor", "customer"):
        party = getattr(transaction, role)
        name = None if party is None else party.name
        hit = None if name is None else book.names.search(name)
        if hit is not None:
            evidence: dict[str, str | int] = {
                "list": book.names.name,
                "list_version": book.names.version,
                "reference": hit.reference,
                "score": hit.score,
                "role": role,
                "name_sha256": hashlib.sha256(name.encode()).hexdigest() if name else "",
            }
            return Finding("sanctions", Reason.SCREENING, "a name is on the list", evidence)
    evidence = {"list": book.names.name, "list_version": book.names.version}
    return Finding("sanctions", None, "no name is on the list", evidence)
