"""The envelope: a transaction with what the gateway knows about how and when it came."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from msggw.canonical.base import Model, Text70
from msggw.canonical.transaction import Transaction
from msggw.values import PartnerId, TransactionId

__all__ = ["Envelope", "Source", "Standard"]


class Standard(StrEnum):
    """The language a message came in, and so the language of its answer."""

    ISO8583 = "iso8583"
    ISO20022 = "iso20022"
    JSON = "json"


class Source(Model):
    """Where a message came from: the standard, its dialect or message name, partner and link."""

    standard: Standard
    dialect: Text70
    partner: PartnerId
    link: Text70


class Envelope(Model):
    """A transaction on its way.

    `message_key` is what makes a message the same message for its source (delivery facts 4.1): for
    ISO 8583 the link's key fields, for ISO 20022 sender and message ids, for JSON the
    Idempotency-Key. `fingerprint` is the SHA-256 of the request's meaning: same key, other
    fingerprint is a conflict. `instance` is the gateway process that waits for the answer.
    """

    id: TransactionId
    source: Source
    message_key: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    fingerprint: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    received_at: datetime
    deadline_at: datetime
    instance: Text70
    transaction: Transaction
