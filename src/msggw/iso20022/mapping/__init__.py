"""The mapping tables, one per message, and the way between a flat message and the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.canonical import Transaction, build
from msggw.errors import Refused, Rule
from msggw.iso20022.mapping import camt056, pacs004, pacs008, pacs028
from msggw.translate import Loss, LossKind, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from msggw.errors import Fault
    from msggw.iso20022.mapping.layout import Layout
    from msggw.translate import Context, Table

__all__ = ["MAPPINGS", "MessageMapping", "losses", "mapping_of"]


@dataclass(frozen=True, slots=True)
class MessageMapping:
    """One message: the element under `Document`, its table and how it holds transactions."""

    body: str
    table: Table
    layout: Layout

    @property
    def standard(self) -> str:
        """What the residue of this message is marked with."""
        return f"iso20022:{self.table.name}"

    def read(self, fields: Mapping[str, str], context: Context) -> tuple[Transaction, ...]:
        """Return one transaction per unit of the flat body; raise `Refused` with every fault."""
        out: list[Transaction] = []
        faults: list[Fault] = []
        for part in self.layout.split(fields):
            try:
                out.append(self._transaction(part, context))
            except Refused as refusal:
                faults += refusal.faults
        Refused.raise_if(faults)
        return tuple(out)

    def write(self, transactions: Sequence[Transaction], context: Context) -> dict[str, str]:
        """Return the flat body of these transactions, residue included."""
        parts = [self.table.put(one, self.residue_of(one), context) for one in transactions]
        return self.layout.join(parts)

    def residue_of(self, transaction: Transaction) -> Mapping[str, str]:
        """Return the residue if it is of this very message, else nothing."""
        residue = transaction.residue
        return residue.fields if residue and residue.standard == self.standard else {}

    def _transaction(self, part: dict[str, str], context: Context) -> Transaction:
        reading = self.table.get(part, context)
        if reading.residue:
            reading.values["residue"] = {"standard": self.standard, "fields": reading.residue}
        return build(Transaction, reading.values, "canonical")


MAPPINGS = {
    "pacs.008.001.08": MessageMapping("FIToFICstmrCdtTrf", pacs008.TABLE, pacs008.LAYOUT),
    "pacs.004.001.09": MessageMapping("PmtRtr", pacs004.TABLE, pacs004.LAYOUT),
    "pacs.028.001.03": MessageMapping("FIToFIPmtStsReq", pacs028.TABLE, pacs028.LAYOUT),
    "camt.056.001.08": MessageMapping("FIToFIPmtCxlReq", camt056.TABLE, camt056.LAYOUT),
}


def mapping_of(message_name: str) -> MessageMapping:
    """Return a message's mapping, or raise `Refused`: we validate more than we execute."""
    try:
        return MAPPINGS[message_name]
    except KeyError:
        detail = f"accepted here: {', '.join(MAPPINGS)}"
        raise Refused.of("iso20022", "/Document", Rule.UNSUPPORTED, detail) from None


def losses(transaction: Transaction, message_name: str = "pacs.008.001.08") -> tuple[Loss, ...]:
    """Name what the message cannot carry of a transaction, foreign residue included."""
    mapping = mapping_of(message_name)
    found = mapping.table.loss(transaction)
    if transaction.residue and transaction.residue.standard != mapping.standard:
        found += [
            Loss(
                LossKind.RESIDUE, path, message_name, "unmapped in its own standard", Severity.INFO
            )
            for path in transaction.residue.fields
        ]
    return tuple(found)
