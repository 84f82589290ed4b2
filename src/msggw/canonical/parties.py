"""Who takes part: parties, agents, accounts, the card, the merchant and the terminal."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from msggw.canonical.base import Model, Text16, Text35, Text70, Text140
from msggw.errors import Refused, Rule
from msggw.values import (
    Bic,
    CardVerificationCode,
    Country,
    CountryNumeric,
    Iban,
    InstitutionId,
    Lei,
    MerchantCategoryCode,
    MerchantId,
    Pan,
    PinBlock,
    SecretBytes,
    TerminalId,
    Track1,
    Track2,
)

__all__ = [
    "Account",
    "Acquirer",
    "Address",
    "Agent",
    "Card",
    "Customer",
    "Merchant",
    "Party",
    "SealedPan",
    "Terminal",
]


class Address(Model):
    """A postal address: structured, lines only, or hybrid (ISO 20022 PostalAddress24)."""

    street: Text70 | None = None
    building_number: Text16 | None = None
    postcode: Text16 | None = None
    town: Text35 | None = None
    country_subdivision: Text35 | None = None
    country: Country | None = None
    lines: tuple[Text70, ...] = Field(default=(), max_length=7)


class Party(Model):
    """A debtor, creditor or ultimate party."""

    name: Text140 | None = None
    address: Address | None = None
    bic: Bic | None = None
    lei: Lei | None = None
    identification: Text35 | None = None
    country_of_residence: Country | None = None


class Agent(Model):
    """A financial institution in the chain."""

    bic: Bic | None = None
    lei: Lei | None = None
    clearing_system: Text35 | None = None
    member_id: Text35 | None = None
    name: Text140 | None = None
    address: Address | None = None


_ONE_IDENTIFICATION: dict[str, Any] = {
    "not": {
        "properties": {"iban": {"type": "string"}, "other": {"type": "string"}},
        "required": ["iban", "other"],
    }
}


class Account(Model):
    """An account: an IBAN or another identification, never both."""

    model_config = ConfigDict(json_schema_extra=_ONE_IDENTIFICATION)
    iban: Iban | None = None
    other: Annotated[str, StringConstraints(min_length=1, max_length=34)] | None = None
    scheme: Text35 | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    name: Text70 | None = None

    @model_validator(mode="after")
    def _one_identification(self) -> Self:
        if self.iban is not None and self.other is not None:
            raise Refused.of("value", "Account", Rule.CONFLICT, "iban or other, not both")
        return self


class SealedPan(Model):
    """A PAN at rest: AES-256-GCM ciphertext, keyed token, first six and last four digits.

    `first6` is empty if the PAN is too short to show both (see `Pan.first6`).
    """

    token: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    first6: Annotated[str, StringConstraints(pattern=r"^([0-9]{6})?$")]
    last4: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    sealed: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,256}$")]


AnyPan = Annotated[
    Annotated[Pan, Tag("clear")] | Annotated[SealedPan, Tag("sealed")],
    Discriminator(lambda v: "sealed" if isinstance(v, (dict, SealedPan)) else "clear"),
    WithJsonSchema({"type": "string", "pattern": f"^{Pan.json_pattern}$"}),
]
"""A PAN in memory (`Pan`) or at rest (`SealedPan`); senders write the clear one."""


class Card(Model):
    """The card and what the terminal read from it.

    The fields marked *excluded* are sensitive authentication data or may hold it: they take part
    in the journey through memory only and no dump of the model contains them.
    """

    pan: AnyPan | None = None
    expiry: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")] | None = None
    sequence: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    service_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")] | None = None
    track1: Track1 | None = Field(default=None, exclude=True)
    track2: Track2 | None = Field(default=None, exclude=True)
    track3: Track1 | None = Field(default=None, exclude=True)
    pin_block: PinBlock | None = Field(default=None, exclude=True)
    verification_code: CardVerificationCode | None = Field(default=None, exclude=True)
    icc: SecretBytes | None = Field(default=None, exclude=True)


class Merchant(Model):
    """The card acceptor (ISO 8583 DE 18, 42, 43)."""

    id: MerchantId | None = None
    category_code: MerchantCategoryCode | None = None
    name_location: Annotated[str, StringConstraints(max_length=99)] | None = None


class Terminal(Model):
    """The point of service (ISO 8583 DE 22, 25, 26, 41)."""

    id: TerminalId | None = None
    entry_mode: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3,16}$")] | None = None
    condition_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None
    pin_capture_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")] | None = None


class Acquirer(Model):
    """The institutions a card message names (ISO 8583 DE 19, 32, 33, 100)."""

    id: InstitutionId | None = None
    country: CountryNumeric | None = None
    forwarder_id: InstitutionId | None = None
    receiver_id: InstitutionId | None = None


class Customer(Model):
    """Who the sender says stands behind the payment, for KYC rules."""

    id: Text70 | None = None
    name: Text140 | None = None
    country: Country | None = None
    kyc_level: Annotated[int, Field(ge=0, le=3, strict=True)] | None = None
