"""Message types and the kinds of the canonical model (ISO 8583:1987 clause 4.1, MTI).

Only requests and advices of the acquirer's side are transactions here: 0202 and 0203 complete a
transaction that was answered before, and 0402 and 0422 are an issuer's chargebacks. To read them
as new transactions would move money twice.
"""

from __future__ import annotations

from msggw.canonical import Kind
from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["PURCHASE_CODE", "REFUND_CODE", "REFUND_TYPES", "kind_of", "mti_of"]

_KINDS = {
    "10": Kind.AUTHORISATION,
    "12": Kind.AUTHORISATION_ADVICE,
    "20": Kind.FINANCIAL,
    "22": Kind.FINANCIAL_ADVICE,
    "40": Kind.REVERSAL,
    "42": Kind.REVERSAL_ADVICE,
    "80": Kind.NETWORK_MANAGEMENT,
    "82": Kind.NETWORK_MANAGEMENT,
}
_MTIS = {
    Kind.AUTHORISATION: "0100",
    Kind.AUTHORISATION_ADVICE: "0120",
    Kind.FINANCIAL: "0200",
    Kind.REFUND: "0200",
    Kind.FINANCIAL_ADVICE: "0220",
    Kind.REVERSAL: "0400",
    Kind.REVERSAL_ADVICE: "0420",
    Kind.NETWORK_MANAGEMENT: "0800",
}
_ACQUIRER_SIDE = "0145"
_REPEATS = "135"

REFUND_TYPES = frozenset({"20"})
"""Transaction types (DE 3 positions 1 and 2) that make an 0200 a refund."""

PURCHASE_CODE, REFUND_CODE = "000000", "200000"
"""DE 3 where the sender gave none: accounts unspecified."""


def kind_of(mti: str, processing_code: object = None) -> tuple[Kind, bool]:
    """Return the kind and whether the message is a repeat; `Refused` for other message types."""
    version, function, originator = mti[:1], mti[1:3], mti[3:]
    if version != "0":
        raise _refused("this table reads message types of ISO 8583:1987, 0xxx")
    if function not in _KINDS:
        raise _refused("a request or advice of class 1, 2, 4 or 8 is expected")
    kind = _KINDS[function]
    if kind is not Kind.NETWORK_MANAGEMENT and originator not in _ACQUIRER_SIDE:
        raise _refused("a message of the acquirer's side is expected")
    if kind is Kind.FINANCIAL and _type_of(processing_code) in REFUND_TYPES:
        kind = Kind.REFUND
    return kind, originator in _REPEATS


def mti_of(kind: Kind, *, repeat: bool, was: str | None = None) -> str:
    """Return the message type; `was`, as it once came, is kept if it still means the same."""
    if kind not in _MTIS:
        raise Refused(
            Fault(
                Location("canonical", "kind"),
                Rule.UNSUPPORTED,
                "no ISO 8583 card message carries this kind",
            )
        )
    plain = _MTIS[kind]
    if was is not None and _meaning(was) == (_KINDS[plain[1:3]], repeat):
        return was
    return plain[:3] + "1" if repeat else plain


def _meaning(mti: str) -> tuple[Kind, bool] | None:
    try:
        return kind_of(mti)
    except Refused:
        return None


def _type_of(processing_code: object) -> str:
    return processing_code[:2] if isinstance(processing_code, str) else ""


def _refused(detail: str) -> Refused:
    return Refused.of("iso8583", "MTI", Rule.UNSUPPORTED, detail)
