"""Messages that this gateway sends: built from canonical transactions, validated before they leave.

What ISO 20022 demands and a canonical transaction from elsewhere may lack gets the value the
market uses for it: `NOTPROVIDED` for a reference or name, CLRG and SHAR for settlement method and
charge bearer, the day of sending as settlement date. A transaction that came as the same message
brings its residue, except for what names the agents of its former leg.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.canonical import Agent, Kind, Original, Settlement, Transaction
from msggw.errors import Refused
from msggw.iso20022.envelope import enclose
from msggw.iso20022.header import Header
from msggw.iso20022.intake import validate
from msggw.iso20022.mapping import mapping_of
from msggw.translate import Context
from msggw.values import Bic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from msggw.iso20022.mapping import MessageMapping

__all__ = [
    "build_camt056",
    "build_pacs004",
    "build_pacs008",
    "build_pacs028",
    "from_canonical",
]

NOT_PROVIDED = "NOTPROVIDED"
_LEG = ("InstgAgt/", "InstdAgt/")
_PLACES = ("GrpHdr/", "CdtTrfTxInf/", "TxInf/")
_NAMED = {
    "CdtTrfTxInf/Dbtr/": "CdtTrfTxInf/Dbtr/Nm",
    "CdtTrfTxInf/DbtrAgt/": "CdtTrfTxInf/DbtrAgt/FinInstnId/Othr/Id",
    "CdtTrfTxInf/CdtrAgt/": "CdtTrfTxInf/CdtrAgt/FinInstnId/Othr/Id",
    "CdtTrfTxInf/Cdtr/": "CdtTrfTxInf/Cdtr/Nm",
}
"""Parties a credit transfer must name, and where it says that they are not known."""


def from_canonical(
    transactions: Sequence[Transaction],
    message_name: str,
    *,
    now: datetime,
    header: Header | None = None,
    wrapper: str | None = None,
) -> bytes:
    """Write transactions as they are: what `read` gave becomes an equal document again."""
    mapping = mapping_of(message_name)
    fields = mapping.write(transactions, Context(now))
    return enclose(message_name, _below(mapping.body, fields), header=header, wrapper=wrapper)


def build_pacs008(
    transactions: Transaction | Sequence[Transaction],
    *,
    message_id: str,
    now: datetime,
    sender: str,
    receiver: str,
    header: bool = True,
) -> bytes:
    """Build a credit transfer from `sender` to `receiver` (BICs); raise `Refused` if it is not one.

    Without a transaction id and a UETR, the message id identifies the (single) transaction.
    """
    many = (transactions,) if not isinstance(transactions, (list, tuple)) else tuple(transactions)
    leg = _Leg(message_id, now, Bic(sender), Bic(receiver), header)
    return leg.build(
        "pacs.008.001.08", [_identified(_settled(one, now), message_id) for one in many]
    )


def build_pacs004(
    transaction: Transaction,
    *,
    message_id: str,
    now: datetime,
    sender: str,
    receiver: str,
    header: bool = True,
) -> bytes:
    """Build a payment return from a transaction of kind RETURN."""
    leg = _Leg(message_id, now, Bic(sender), Bic(receiver), header)
    return leg.build("pacs.004.001.09", [_settled(transaction, now)])


def build_pacs028(
    transaction: Transaction,
    *,
    message_id: str,
    now: datetime,
    sender: str,
    receiver: str,
    header: bool = True,
    original_message_id: str | None = None,
) -> bytes:
    """Ask what became of a credit transfer, or pass a status request on.

    `original_message_id` is the id under which *we* sent the transfer, where it is not the one
    it came with.
    """
    asked = _about(transaction, Kind.STATUS_REQUEST, original_message_id)
    leg = _Leg(message_id, now, Bic(sender), Bic(receiver), header)
    return leg.build("pacs.028.001.03", [asked])


def build_camt056(
    transaction: Transaction,
    *,
    message_id: str,
    now: datetime,
    sender: str,
    receiver: str,
    header: bool = True,
    original_message_id: str | None = None,
    reason: str = "CUST",
) -> bytes:
    """Ask for the cancellation of a credit transfer (reason: ExternalCancellationReason1Code)."""
    asked = _about(transaction, Kind.CANCELLATION_REQUEST, original_message_id)
    if asked.original is not None and asked.original.reason_code is None:
        original = asked.original.model_copy(update={"reason_code": reason})
        asked = asked.model_copy(update={"original": original})
    leg = _Leg(message_id, now, Bic(sender), Bic(receiver), header)
    return leg.build("camt.056.001.08", [asked])


@dataclass(frozen=True, slots=True)
class _Leg:
    """One message on its way from `sender` to `receiver`."""

    message_id: str
    now: datetime
    sender: Bic
    receiver: Bic
    with_header: bool

    def build(self, message_name: str, transactions: Sequence[Transaction]) -> bytes:
        mapping = mapping_of(message_name)
        parts = [self._part(mapping, one) for one in transactions]
        fields = _below(mapping.body, mapping.layout.join(parts))
        data = enclose(message_name, fields, header=self._header(message_name))
        Refused.raise_if(validate(data, now=self.now))
        return data

    def _part(self, mapping: MessageMapping, transaction: Transaction) -> dict[str, str]:
        residue = {
            path: text
            for path, text in mapping.residue_of(transaction).items()
            if not _of_leg(path)
        }
        part = mapping.table.put(self._addressed(transaction), residue, Context(self.now))
        if mapping.table.name == "pacs.008.001.08":
            for prefix, place in _NAMED.items():
                if not any(path.startswith(prefix) for path in part):
                    part[place] = NOT_PROVIDED
        return part

    def _addressed(self, transaction: Transaction) -> Transaction:
        references = transaction.references.model_copy(
            update={"message_id": self.message_id, "created_at": self.now}
        )
        return transaction.model_copy(
            update={
                "references": references,
                "instructing_agent": Agent(bic=self.sender),
                "instructed_agent": Agent(bic=self.receiver),
            }
        )

    def _header(self, message_name: str) -> Header | None:
        if not self.with_header:
            return None
        return Header.build(
            sender=self.sender,
            receiver=self.receiver,
            business_message_id=self.message_id,
            message_name=message_name,
            created_at=self.now,
        )


def _below(body: str, fields: dict[str, str]) -> dict[str, str]:
    return {f"{body}/{path}": text for path, text in fields.items()}


def _of_leg(path: str) -> bool:
    return any(path.startswith(f"{place}{leg}") for place in _PLACES for leg in _LEG)


def _settled(transaction: Transaction, now: datetime) -> Transaction:
    known = transaction.settlement or Settlement()
    settlement = known.model_copy(
        update={
            "method": known.method or "CLRG",
            "date": known.date or now.date().isoformat(),
            "charge_bearer": known.charge_bearer or "SHAR",
        }
    )
    return transaction.model_copy(update={"settlement": settlement})


def _identified(transaction: Transaction, message_id: str) -> Transaction:
    known = transaction.references
    update = {"end_to_end_id": known.end_to_end_id or NOT_PROVIDED}
    if known.transaction_id is None and known.uetr is None:
        update["transaction_id"] = message_id
    return transaction.model_copy(update={"references": known.model_copy(update=update)})


def _about(transaction: Transaction, kind: Kind, original_message_id: str | None) -> Transaction:
    """Turn a credit transfer into a request about it; a request stays one."""
    if transaction.kind is kind:
        return transaction
    known = transaction.references
    message_id = original_message_id or known.message_id
    identified = _identified(transaction, message_id or NOT_PROVIDED).references
    original = Original(
        message_id=message_id or NOT_PROVIDED,
        message_name="pacs.008.001.08",
        instruction_id=known.instruction_id,
        end_to_end_id=identified.end_to_end_id,
        transaction_id=identified.transaction_id,
        uetr=known.uetr,
    )
    return Transaction(
        kind=kind,
        original=original,
        amount=transaction.amount,
        settlement=transaction.settlement,
    )
