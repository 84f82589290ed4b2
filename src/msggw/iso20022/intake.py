"""From bytes to canonical transactions: parser, envelope, schema, rules, mapping, in that order.

Each step runs only if the one before found nothing, since a rule may rely on the schema and a
mapping on the rules. Within a step all faults are collected.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Fault, Refused, Rule
from msggw.iso20022.content import content_of
from msggw.iso20022.flatten import flatten
from msggw.iso20022.header import Header
from msggw.iso20022.mapping import mapping_of
from msggw.iso20022.message import local_name, open_message
from msggw.iso20022.parser import LIMITS, STANDARD, Limits
from msggw.iso20022.rules import RULES, Profile, View, run
from msggw.iso20022.schema import schema_faults
from msggw.translate import Context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from msggw.canonical import Transaction
    from msggw.iso20022.message import Message

__all__ = ["Incoming", "read", "read_fields", "to_canonical", "validate"]

_AGENTS = (
    "GrpHdr/{}/FinInstnId/{}",
    "CdtTrfTxInf[1]/{}/FinInstnId/{}",
    "TxInf[1]/{}/FinInstnId/{}",
)


@dataclass(frozen=True)
class Incoming:
    """A valid message: the exact bytes, the header, and one canonical transaction per payment."""

    data: bytes
    message_name: str
    header: Header | None
    wrapper: str | None
    message_id: str
    sender: str
    receiver: str
    transactions: tuple[Transaction, ...]
    fingerprint: str
    """SHA-256 of what `Document` says, however it is laid out: a copy sent again has the same."""

    def message_key(self, index: int) -> str:
        """Return what makes a transaction (`index` from 1) the same one for its sender."""
        own = self.header.business_message_id if self.header is not None else self.message_id
        return f"{self.sender}/{own}/{index}"


def read(data: bytes, *, now: datetime, profile: str = "base", limits: Limits = LIMITS) -> Incoming:
    """Read a message that asks for something; raise `Refused` with every fault of its step.

    `now` is when the message was received; a stored original is read again with the same `now`.
    """
    message = open_message(data, limits)
    mapping = mapping_of(message.message_name)
    header, fields = _checked(message, now=now, profile=Profile(profile))
    transactions = mapping.read(fields, Context(now))
    if len(transactions) > limits.transactions_max:
        detail = f"{len(transactions)} of at most {limits.transactions_max} transactions"
        raise Refused.of(STANDARD, "/Document", Rule.LIMIT, detail)
    if header is not None:
        name = header.business_message_id
        transactions = tuple(_with_business_id(one, name) for one in transactions)
    return Incoming(
        data,
        message.message_name,
        header,
        message.wrapper,
        fields.get("GrpHdr/MsgId") or fields["Assgnmt/Id"],
        _party(header.sender if header else "", fields, "InstgAgt", "Assgnr"),
        _party(header.receiver if header else "", fields, "InstdAgt", "Assgne"),
        transactions,
        _fingerprint(message.message_name, fields),
    )


def read_fields(
    data: bytes, limits: Limits = LIMITS
) -> tuple[Message, Header | None, dict[str, str]]:
    """Read any message with a schema: its parts, header and flat body. Raises `Refused`."""
    message = open_message(data, limits)
    header, fields = _checked(message, now=None, profile=Profile.BASE)
    return message, header, fields


def validate(
    data: bytes,
    *,
    now: datetime | None = None,
    profile: str = "base",
    schema_only: bool = False,
    limits: Limits = LIMITS,
) -> tuple[Fault, ...]:
    """Return every fault of a message of any kind that has a schema; nothing if it is valid."""
    try:
        message = open_message(data, limits)
        faults = _schema_faults(message)
        if not faults and not schema_only:
            faults = _rule_faults(message, now, Profile(profile))[2]
    except Refused as refusal:
        return refusal.faults
    return tuple(faults)


def _checked(
    message: Message, *, now: datetime | None, profile: Profile
) -> tuple[Header | None, dict[str, str]]:
    Refused.raise_if(_schema_faults(message))
    header, fields, faults = _rule_faults(message, now, profile)
    Refused.raise_if(faults)
    return header, fields


def _schema_faults(message: Message) -> list[Fault]:
    faults = []
    if message.header is not None and message.header_name is not None:
        faults += schema_faults(message.header, message.header_name)
    return faults + schema_faults(message.document, message.message_name)


def _rule_faults(
    message: Message, now: datetime | None, profile: Profile
) -> tuple[Header | None, dict[str, str], list[Fault]]:
    header = None
    if message.header is not None and message.header_name is not None:
        header = Header.read(message.header, message.header_name)
    body = message.document[0]
    name = local_name(body)
    fields = flatten(body, content_of(message.message_name).children[name].content)
    flat_header: Mapping[str, str] = header.fields if header is not None else {}
    view = View(message.message_name, name, fields, flat_header, now)
    faults = run(RULES, view, profile=profile, document=message.document, header=message.header)
    return header, fields, faults


def _with_business_id(transaction: Transaction, name: str) -> Transaction:
    references = transaction.references.model_copy(update={"business_message_id": name})
    return transaction.model_copy(update={"references": references})


def _party(stated: str, fields: Mapping[str, str], agent: str, case: str) -> str:
    if stated:
        return stated
    for pattern in _AGENTS:
        for name in ("BICFI", "LEI", "ClrSysMmbId/MmbId"):
            if found := fields.get(pattern.format(agent, name)):
                return found
    return fields.get(f"Assgnmt/{case}/Agt/FinInstnId/BICFI", "")


def _fingerprint(name: str, fields: Mapping[str, str]) -> str:
    # Of the meaning, not of the layout: neither prefixes nor blanks between elements count.
    parts = [name, *(part for item in sorted(fields.items()) for part in item)]
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def to_canonical(data: bytes, *, now: datetime, limits: Limits = LIMITS) -> tuple[Transaction, ...]:
    """Return the transactions of a message that `read` accepts."""
    return read(data, now=now, limits=limits).transactions
