"""Values that cannot be wrong: money, secrets and the identifiers of both standards."""

from msggw.values.code import Code
from msggw.values.finance import Bic, Country, Iban, Lei
from msggw.values.identifiers import (
    ApprovalCode,
    CountryNumeric,
    InstitutionId,
    MerchantCategoryCode,
    MerchantId,
    PartnerId,
    ProcessingCode,
    ResponseCode,
    Rrn,
    Stan,
    TerminalId,
    TransactionId,
    Uetr,
)
from msggw.values.money import Asset, Currency, Money
from msggw.values.secret import (
    CardVerificationCode,
    Pan,
    PinBlock,
    Secret,
    SecretBytes,
    Track1,
    Track2,
)

__all__ = [
    "ApprovalCode",
    "Asset",
    "Bic",
    "CardVerificationCode",
    "Code",
    "Country",
    "CountryNumeric",
    "Currency",
    "Iban",
    "InstitutionId",
    "Lei",
    "MerchantCategoryCode",
    "MerchantId",
    "Money",
    "Pan",
    "PartnerId",
    "PinBlock",
    "ProcessingCode",
    "ResponseCode",
    "Rrn",
    "Secret",
    "SecretBytes",
    "Stan",
    "TerminalId",
    "Track1",
    "Track2",
    "TransactionId",
    "Uetr",
]
