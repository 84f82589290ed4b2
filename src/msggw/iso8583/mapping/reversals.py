"""Reversals by rule (ISO 8583:1987 DE 90, DE 95): 0400 or 0420 made of the original alone.

A reversal repeats what identifies the original and its amount. It carries no track, PIN block,
verification code or chip data, because these must not exist any more when it is sent (PCI DSS
3.3.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import (
    Acquirer,
    Amounts,
    Card,
    Kind,
    Original,
    References,
    Transaction,
    answer_for,
)
from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.converters import INSTANT, UNDATED
from msggw.iso8583.mapping.kinds import REFUND_CODE, mti_of
from msggw.iso8583.mapping.writing import from_canonical
from msggw.values import ProcessingCode

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from msggw.canonical import Reason
    from msggw.iso8583.message import Message
    from msggw.values import ApprovalCode, Money, Stan

__all__ = ["reversal_message"]

_REVERSED = frozenset(
    {
        Kind.AUTHORISATION,
        Kind.AUTHORISATION_ADVICE,
        Kind.FINANCIAL,
        Kind.FINANCIAL_ADVICE,
        Kind.REFUND,
    }
)

_NO_PIN = {"pin_capture_code": None}


def reversal_message(
    original: Transaction,
    *,
    stan: Stan,
    transmission_at: datetime,
    advice: bool = True,
    repeat: bool = False,
    reason: Reason | None = None,
    approval_code: ApprovalCode | None = None,
    replacement: Money | None = None,
    codec_has: Callable[[str], bool] | None = None,
) -> Message:
    """Return the reversal of `original`, which stands as it was sent (its STAN and instant).

    `reason` becomes DE 39; `approval_code` (else the original's) DE 38. `replacement` is the
    amount that stays, for a partial reversal. Raises `Refused` if there is nothing to reverse or an
    element that a reversal needs is missing.
    """
    if original.kind not in _REVERSED:
        detail = "only an authorisation or a financial transaction can be reversed"
        raise Refused.of("canonical", "kind", Rule.UNSUPPORTED, detail)
    references = original.references
    reversal = Transaction(
        kind=Kind.REVERSAL_ADVICE if advice else Kind.REVERSAL,
        repeat=repeat,
        amount=original.amount,
        amounts=None if replacement is None else Amounts(replacement=replacement),
        processing_code=_processing_code(original),
        card=original.card and Card(pan=original.card.pan, sequence=original.card.sequence),
        merchant=original.merchant,
        terminal=original.terminal and original.terminal.model_copy(update=_NO_PIN),
        acquirer=original.acquirer,
        references=References(
            stan=stan,
            transmission_at=transmission_at,
            approval_code=approval_code or references.approval_code,
            rrn=references.rrn,
            local_time=references.local_time,
            local_date=references.local_date,
        ),
        original=_about(original),
    )
    message = from_canonical(reversal, dialect="", codec_has=codec_has)
    if reason is None:
        return message
    return message.evolve(fields={"39": answer_for(reason).de39})


def _processing_code(original: Transaction) -> ProcessingCode | None:
    if original.processing_code is None and original.kind is Kind.REFUND:
        return ProcessingCode(REFUND_CODE)
    return original.processing_code


def _about(original: Transaction) -> Original:
    """Return what DE 90 says: the type, STAN, instant and institutions of the original."""
    references, acquirer = original.references, original.acquirer or Acquirer()
    at = references.transmission_at
    return Original(
        mti=mti_of(original.kind, repeat=False),
        stan=references.stan,
        transmission=None if at is None else INSTANT.write(at, UNDATED)[0],
        acquirer_id=acquirer.id,
        forwarder_id=acquirer.forwarder_id,
    )
