"""Identifiers of card messages and of this gateway. Each type is one standard's rule."""

from __future__ import annotations

import re

from msggw.values.code import Code

__all__ = [
    "ApprovalCode",
    "CountryNumeric",
    "InstitutionId",
    "MerchantCategoryCode",
    "MerchantId",
    "PartnerId",
    "ProcessingCode",
    "ResponseCode",
    "Rrn",
    "Stan",
    "TerminalId",
    "TransactionId",
    "Uetr",
]


class Stan(Code):
    """System trace audit number, ISO 8583 DE 11: n 6 (1987, 1993) or n 12 (2003)."""

    __slots__ = ()
    pattern = re.compile(r"[0-9]{6}(?:[0-9]{6})?")
    rule = "6 or 12 digits"


class Rrn(Code):
    """Retrieval reference number, ISO 8583 DE 37: an 12, as the sender padded it."""

    __slots__ = ()
    pattern = re.compile(r"[ -~]{12}")
    rule = "12 printable characters"


class ApprovalCode(Code):
    """Approval (authorisation identification) code, ISO 8583 DE 38: an 6."""

    __slots__ = ()
    pattern = re.compile(r"[ -~]{6}")
    rule = "6 printable characters"


class ResponseCode(Code):
    """Response or action code, ISO 8583 DE 39: an 2 (1987), n 3 (1993), n 4 (2003)."""

    __slots__ = ()
    pattern = re.compile(r"[0-9A-Z]{2}|[0-9]{3,4}")
    rule = "2 letters or digits, or 3 to 4 digits"


class ProcessingCode(Code):
    """Processing code, ISO 8583 DE 3: transaction type, account from, account to, two each."""

    __slots__ = ()
    pattern = re.compile(r"[0-9A-Z]{6}")
    rule = "6 letters or digits"

    @property
    def transaction_type(self) -> str:
        """Positions 1 and 2."""
        return self[:2]


class TerminalId(Code):
    """Card acceptor terminal identification, ISO 8583 DE 41: ans 8 (1987) or ans 16 (2003)."""

    __slots__ = ()
    pattern = re.compile(r"[ -~]{1,16}")
    rule = "1 to 16 printable characters"


class MerchantId(Code):
    """Card acceptor identification code, ISO 8583 DE 42: ans 15, or ans ..35 in 2003."""

    __slots__ = ()
    pattern = re.compile(r"[ -~]{1,35}")
    rule = "1 to 35 printable characters"


class MerchantCategoryCode(Code):
    """Merchant category code, ISO 18245: 4 digits."""

    __slots__ = ()
    pattern = re.compile(r"[0-9]{4}")
    rule = "4 digits"


class CountryNumeric(Code):
    """ISO 3166-1 numeric country code: 3 digits."""

    __slots__ = ()
    pattern = re.compile(r"[0-9]{3}")
    rule = "3 digits"


class InstitutionId(Code):
    """Acquiring, forwarding or receiving institution, ISO 8583 DE 32, 33, 100: n ..11."""

    __slots__ = ()
    pattern = re.compile(r"[0-9]{1,11}")
    rule = "1 to 11 digits"


class Uetr(Code):
    """Unique end-to-end transaction reference: UUID version 4 in lower case (RFC 9562)."""

    __slots__ = ()
    pattern = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
    rule = "lower-case UUID version 4"


class TransactionId(Code):
    """This gateway's own transaction id: `txn_` and a UUID version 7 as 32 hexadecimal digits."""

    __slots__ = ()
    pattern = re.compile(r"txn_[0-9a-f]{32}")
    rule = "txn_ and 32 lower-case hexadecimal digits"


class PartnerId(Code):
    """A partner (acquirer, bank or service) as configured here."""

    __slots__ = ()
    pattern = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
    rule = "1 to 40 of a-z, 0-9, - and _, starting with a letter or digit"
