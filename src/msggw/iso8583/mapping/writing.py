"""From the canonical transaction to a message, and what the message cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msggw.canonical import Kind
from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso8583.mapping.chip import has_datasets, in_dataset
from msggw.iso8583.mapping.converters import FEE_TYPES, UNDATED
from msggw.iso8583.mapping.kinds import PURCHASE_CODE, REFUND_CODE, REFUND_TYPES, mti_of
from msggw.iso8583.mapping.needs import missing_canonical
from msggw.iso8583.mapping.residue import restore, standard_of
from msggw.iso8583.mapping.shape import join
from msggw.iso8583.mapping.tables import table_of
from msggw.iso8583.mapping.track import pan_of_tracks
from msggw.iso8583.message import Form, Message
from msggw.translate import Loss, LossKind, Severity
from msggw.values import SecretBytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msggw.canonical import Transaction
    from msggw.iso8583.spec import Spec

__all__ = ["from_canonical", "losses"]


def from_canonical(
    transaction: Transaction,
    *,
    dialect: str,
    codec_has: Callable[[str], bool] | None = None,
    spec: Spec | None = None,
) -> Message:
    """Write the message of a card transaction; raise `Refused` with every fault.

    A transaction that `to_canonical` made for this dialect gives the same bytes again. `codec_has`
    says which data elements the dialect has; others are left out, and `losses` names them. With
    the dialect's `spec` the message knows its parts, chip data goes into the dataset where DE 55
    has datasets, and a bitmap keeps the form it came in (lower case, or sixteen bytes).
    """
    residue = restore(transaction, dialect)
    forms = {key: residue.pop(key) for key in [*residue] if key.startswith("form:")}
    mti = mti_of(transaction.kind, repeat=transaction.repeat, was=forms.get("form:mti"))
    faults = list(_type_faults(transaction))
    out: dict[str, Any] = {}
    try:
        out = table_of(mti).put(transaction, residue, UNDATED)
    except Refused as refusal:
        raise Refused(*faults, *refusal) from None
    faults += join(out, forms)
    _complete(out, transaction, mti, forms)
    if codec_has is not None:
        out = {number: value for number, value in out.items() if codec_has(number)}
    if isinstance(out.get("55"), SecretBytes) and has_datasets(spec):
        out["55"] = in_dataset(out["55"])
    Refused.raise_if([*faults, *missing_canonical(mti, out)])
    return _message(mti, out, forms, spec)


def _type_faults(transaction: Transaction) -> Iterator[Fault]:
    """Refuse a kind that the processing code contradicts: it would be read as another kind."""
    code, kind = transaction.processing_code, transaction.kind
    if code is None or kind not in {Kind.FINANCIAL, Kind.REFUND}:
        return
    if (code.transaction_type in REFUND_TYPES) != (kind is Kind.REFUND):
        where = Location("canonical", "processing_code")
        yield Fault(where, Rule.CONFLICT, "type 20 is a refund, and nothing else is one")


def _complete(
    out: dict[str, Any], transaction: Transaction, mti: str, forms: dict[str, Any]
) -> None:
    """Add what every host expects, unless the sender left it out; take out what a track says."""
    if transaction.kind is Kind.REFUND:
        out.setdefault("3", REFUND_CODE)
    elif mti[1] != "8" and _is_foreign(transaction):
        out.setdefault("3", PURCHASE_CODE)
    if "form:pan" in forms and out.get("2") == pan_of_tracks(out.get("35"), out.get("45")):
        out.pop("2", None)


def _is_foreign(transaction: Transaction) -> bool:
    residue = transaction.residue
    return residue is None or not residue.standard.startswith("iso8583:")


def _message(mti: str, out: dict[str, Any], forms: dict[str, Any], spec: Spec | None) -> Message:
    header = forms.get("form:header", b"")
    ordered = {number: out[number] for number in sorted(out, key=int)}
    message = Message(mti, ordered, header=header)
    form = Form(forms.get("form:bitmap", b""), forms.get("form:trailer", b""))
    return Message.decoded(mti, header, form, cast("Spec", spec), message.plain)


def losses(
    transaction: Transaction, dialect: str, *, codec_has: Callable[[str], bool] | None = None
) -> list[Loss]:
    """Name what the message of this dialect cannot carry; raise `Refused` for other kinds."""
    mti = mti_of(transaction.kind, repeat=transaction.repeat)
    table = table_of(mti)
    return [
        *table.loss(transaction),
        *_fee_losses(transaction, table.name),
        *_derived_losses(transaction, mti, table.name),
        *_residue_losses(transaction, dialect, table.name),
        *_codec_losses(transaction, dialect, codec_has),
    ]


def _fee_losses(transaction: Transaction, name: str) -> Iterator[Loss]:
    fees = transaction.amounts.fees if transaction.amounts is not None else ()
    for index, fee in enumerate(fees):
        if fee.type not in FEE_TYPES:
            rule = "DE 28 to 31 carry four types of fees"
            yield Loss(LossKind.DROPPED, f"amounts.fees[{index}]", name, rule)
        elif fee.agent is not None:
            source = f"amounts.fees[{index}].agent"
            yield Loss(LossKind.DROPPED, source, name, "no place in the target")


def _derived_losses(transaction: Transaction, mti: str, name: str) -> Iterator[Loss]:
    at = transaction.references.transmission_at
    if at is not None and at.microsecond:
        source, rule = "references.transmission_at", "DE 7 counts whole seconds"
        yield Loss(LossKind.PRECISION, source, f"{name} DE7", rule, Severity.INFO)
    if transaction.processing_code is None and mti[1] != "8" and _is_foreign(transaction):
        rule = "purchase, or refund, of unspecified accounts"
        yield Loss(LossKind.DEFAULTED, "processing_code", f"{name} DE3", rule, Severity.INFO)


def _residue_losses(transaction: Transaction, dialect: str, name: str) -> Iterator[Loss]:
    residue = transaction.residue
    if residue is None or residue.standard == standard_of(dialect):
        return
    back = restore(transaction, dialect)
    rule = "private to the dialect it came in"
    for key, text in residue.fields.items():
        if key not in back and not key.startswith("form:"):
            severity = Severity.WARNING if text.strip(" 0") else Severity.INFO
            yield Loss(LossKind.DROPPED, f"residue.fields.{key}", name, rule, severity)


def _codec_losses(
    transaction: Transaction, dialect: str, codec_has: Callable[[str], bool] | None
) -> Iterator[Loss]:
    if codec_has is None:
        return
    for number in from_canonical(transaction, dialect=dialect):
        if not codec_has(number):
            rule = "the dialect has no such data element"
            yield Loss(LossKind.DROPPED, f"DE{number}", f"iso8583:{dialect}", rule)
