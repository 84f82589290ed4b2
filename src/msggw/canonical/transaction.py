"""The canonical transaction: one model for card messages, credit transfers and JSON requests.

It *is* the JSON contract of `POST /v1/transactions`, the payload on the broker and the schema in
the published OpenAPI and JSON Schema documents.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from msggw.canonical.base import (
    Date,
    Flag,
    Model,
    Moment,
    Text,
    Text4,
    Text16,
    Text35,
    Text70,
    Text140,
)
from msggw.canonical.parties import (
    Account,
    Acquirer,
    Agent,
    Card,
    Customer,
    Merchant,
    Party,
    Terminal,
)
from msggw.values import ApprovalCode, Money, ProcessingCode, Rrn, SecretBytes, Stan, Uetr

__all__ = [
    "CARD_KINDS",
    "Amounts",
    "ExchangeRate",
    "Fee",
    "Kind",
    "Original",
    "Purpose",
    "References",
    "Residue",
    "Settlement",
    "Transaction",
]

Sealed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,8192}$")]


class Kind(StrEnum):
    """What the sender asks for. Each kind is one MTI class and function, or one message."""

    AUTHORISATION = "authorisation"
    AUTHORISATION_ADVICE = "authorisation_advice"
    FINANCIAL = "financial"
    FINANCIAL_ADVICE = "financial_advice"
    REVERSAL = "reversal"
    REVERSAL_ADVICE = "reversal_advice"
    REFUND = "refund"
    CREDIT_TRANSFER = "credit_transfer"
    RETURN = "return"
    CANCELLATION_REQUEST = "cancellation_request"
    STATUS_REQUEST = "status_request"
    QR_PAYMENT = "qr_payment"
    CRYPTO_TRANSFER = "crypto_transfer"
    NETWORK_MANAGEMENT = "network_management"


CARD_KINDS = frozenset(
    {
        Kind.AUTHORISATION,
        Kind.AUTHORISATION_ADVICE,
        Kind.FINANCIAL,
        Kind.FINANCIAL_ADVICE,
        Kind.REVERSAL,
        Kind.REVERSAL_ADVICE,
        Kind.REFUND,
    }
)


class ExchangeRate(Model):
    """A conversion rate as an exact decimal text, and the pair it converts."""

    rate: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}(\.[0-9]{1,10})?$")]
    from_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    to_currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None


class Fee(Model):
    """A fee or charge: its amount, direction and the agent that takes it."""

    amount: Money
    credit: Flag = False
    type: Text35 | None = None
    agent: Agent | None = None


class Amounts(Model):
    """Amounts beside the transaction amount."""

    settlement: Money | None = None
    billing: Money | None = None
    instructed: Money | None = None
    replacement: Money | None = None
    fees: tuple[Fee, ...] = Field(default=(), max_length=16)
    settlement_rate: ExchangeRate | None = None
    billing_rate: ExchangeRate | None = None
    exchange_rate: ExchangeRate | None = None


class References(Model):
    """Every reference a message carries, under the standard's own name."""

    stan: Stan | None = None
    rrn: Rrn | None = None
    approval_code: ApprovalCode | None = None
    transmission_at: Moment | None = None
    local_time: Annotated[str, StringConstraints(pattern=r"^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]$")] | (
        None
    ) = None
    local_date: Date | None = None
    settlement_date: Date | None = None
    capture_date: Date | None = None
    conversion_date: Date | None = None
    business_message_id: Text35 | None = None
    message_id: Text35 | None = None
    message_name: Text35 | None = None
    created_at: Moment | None = None
    instruction_id: Text35 | None = None
    end_to_end_id: Text35 | None = None
    transaction_id: Text35 | None = None
    uetr: Uetr | None = None
    clearing_reference: Text35 | None = None
    partner_reference: Text70 | None = None


class Original(Model):
    """The earlier message this one is about (DE 90, or OrgnlGrpInf and OrgnlTxRef)."""

    mti: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")] | None = None
    stan: Stan | None = None
    rrn: Rrn | None = None
    transmission: Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")] | None = None
    acquirer_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}$")] | None = None
    forwarder_id: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,11}$")] | None = None
    gateway_id: Annotated[str, StringConstraints(pattern=r"^txn_[0-9a-f]{32}$")] | None = None
    message_id: Text35 | None = None
    message_name: Text35 | None = None
    instruction_id: Text35 | None = None
    end_to_end_id: Text35 | None = None
    transaction_id: Text35 | None = None
    uetr: Uetr | None = None
    case_id: Text35 | None = None
    reason_code: Text4 | None = None
    reason_text: Text140 | None = None


class Purpose(Model):
    """Why the money moves: codes and remittance information."""

    code: Text35 | None = None
    category: Text35 | None = None
    service_level: Text35 | None = None
    local_instrument: Text35 | None = None
    priority: Text4 | None = None
    unstructured: tuple[Text140, ...] = Field(default=(), max_length=1000)
    creditor_reference: Text35 | None = None


class Settlement(Model):
    """How agents settle (ISO 20022 SttlmInf) and who bears charges."""

    method: Text4 | None = None
    clearing_system: Text35 | None = None
    date: Date | None = None
    charge_bearer: Text4 | None = None


class Residue(Model):
    """What no mapping row claims, kept so that a round trip within a standard loses nothing.

    `fields` maps the foreign path (`48`, `CdtTrfTxInf/PmtTpInf/…`) to its text; bytes are given
    as `hex:` and hexadecimal digits. `secrets` are such fields that must never be written down
    (security data, MACs): they stay in memory, and no dump of the model contains them.
    """

    standard: Text70
    fields: dict[str, Annotated[str, StringConstraints(max_length=200_000)]] = Field(
        default_factory=dict, max_length=20_000
    )
    secrets: dict[str, SecretBytes] = Field(default_factory=dict, exclude=True, repr=False)


class Transaction(Model):
    """One request in the gateway's own words. Which parts are needed depends on `kind`."""

    kind: Kind
    repeat: Flag = False
    amount: Money | None = None
    amounts: Amounts | None = None
    processing_code: ProcessingCode | None = None
    card: Card | None = None
    merchant: Merchant | None = None
    terminal: Terminal | None = None
    acquirer: Acquirer | None = None
    references: References = References()
    original: Original | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    debtor_agent: Agent | None = None
    ultimate_debtor: Party | None = None
    creditor: Party | None = None
    creditor_account: Account | None = None
    creditor_agent: Agent | None = None
    ultimate_creditor: Party | None = None
    instructing_agent: Agent | None = None
    instructed_agent: Agent | None = None
    intermediary_agents: tuple[Agent, ...] = Field(default=(), max_length=3)
    settlement: Settlement | None = None
    purpose: Purpose | None = None
    customer: Customer | None = None
    scheme: Text16 | None = None
    network_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    sensitive: SkipJsonSchema[Sealed | None] = None
    """Sealed for the way between our own processes (`msggw.keys`); no sender may set it."""
    residue: Residue | None = None
    note: Text | None = None
