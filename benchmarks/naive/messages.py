"""What the naive gateway and its worker say to each other, and to the acquirer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import iso8583
from iso8583.specs import default_ascii
from pydantic import BaseModel, ConfigDict, Field

__all__ = ["AuthorisationRequest", "AuthorisationResult", "decode_request", "encode_response"]

ECHOED = ("2", "3", "4", "7", "11", "12", "13", "32", "37", "41", "42", "49")
"""Data elements of a 0100 that its 0110 repeats."""


class AuthorisationRequest(BaseModel):
    """A 0100, as the worker needs it. `amount_minor` counts minor units of `currency`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    received_at: datetime
    pan: str = Field(pattern=r"^\d{12,19}$")
    processing_code: str = Field(pattern=r"^\d{6}$")
    amount_minor: int = Field(ge=0, lt=10**12)
    currency: str = Field(pattern=r"^\d{3}$")
    transmitted_at: str = Field(pattern=r"^\d{10}$")
    stan: str = Field(pattern=r"^\d{6}$")
    rrn: str = Field(min_length=12, max_length=12)
    acquirer: str = Field(pattern=r"^\d{1,11}$")
    terminal: str = Field(max_length=8)
    merchant: str = Field(max_length=15)
    merchant_name: str = Field(max_length=40)
    fields: dict[str, str]

    @property
    def masked_pan(self) -> str:
        """First six and last four digits, for the database."""
        return f"{self.pan[:6]}{'*' * (len(self.pan) - 10)}{self.pan[-4:]}"


class AuthorisationResult(BaseModel):
    """The worker's word on one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: UUID
    outcome: Literal["approved", "declined"]
    response_code: str = Field(pattern=r"^[0-9A-Z]{2}$")
    authorisation_code: str = Field(pattern=r"^[0-9A-Z]{6}$")


def decode_request(frame: bytes, request_id: UUID, now: datetime) -> AuthorisationRequest:
    """Read a 0100. Raises `iso8583.DecodeError`, `KeyError` or `pydantic.ValidationError`."""
    fields, _ = iso8583.decode(frame, default_ascii)
    return AuthorisationRequest(
        id=request_id,
        received_at=now,
        pan=fields["2"],
        processing_code=fields["3"],
        amount_minor=int(fields["4"]),
        currency=fields["49"],
        transmitted_at=fields["7"],
        stan=fields["11"],
        rrn=fields["37"],
        acquirer=fields["32"],
        terminal=fields["41"].strip(),
        merchant=fields["42"].strip(),
        merchant_name=fields["43"].strip(),
        fields=fields,
    )


def encode_response(request: AuthorisationRequest, result: AuthorisationResult) -> bytes:
    """Write the 0110 that answers this request."""
    fields = {name: request.fields[name] for name in ECHOED if name in request.fields}
    fields |= {"t": "0110", "38": result.authorisation_code, "39": result.response_code}
    wire, _ = iso8583.encode(fields, default_ascii)
    return bytes(wire)
