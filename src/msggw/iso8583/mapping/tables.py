"""The tables: ISO 8583:1987 data elements and where they stand in the canonical transaction.

Keys of the foreign side are data element numbers. `90.1` to `90.5` and `95.1` are the fixed parts
of DE 90 and DE 95, cut and joined by `msggw.iso8583.mapping.shape`, which also gives each fee its
currency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical import Kind
from msggw.iso8583.mapping.converters import (
    AMOUNT,
    EXPIRY,
    FEES,
    INSTANT,
    LOCAL_DATE,
    LOCAL_TIME,
    PADDED_ID,
    RATE,
    code,
    matching,
    secret,
)
from msggw.translate import Row, Table, row
from msggw.values import (
    ApprovalCode,
    CountryNumeric,
    InstitutionId,
    MerchantCategoryCode,
    MerchantId,
    Pan,
    PinBlock,
    ProcessingCode,
    Rrn,
    SecretBytes,
    Stan,
    TerminalId,
    Track1,
    Track2,
)

if TYPE_CHECKING:
    from msggw.translate import Iso

__all__ = ["TABLES", "table_of"]

_ENTRY_MODE = matching("entry mode", r"[0-9A-Z]{3,16}", "3 to 16 letters or digits")
_DIGITS_2 = matching("n 2", r"[0-9]{2}", "2 digits")
_DIGITS_3 = matching("n 3", r"[0-9]{3}", "3 digits")
_MTI = matching("MTI n 4", r"[0-9]{4}", "4 digits")
_STAMP = matching("MMDDhhmmss", r"[0-9]{10}", "10 digits")
_NAME = matching("name and location", r"(?s:.{0,99})", "at most 99 characters")


def _line(number: str, path: str, iso: Iso) -> Row:
    sources = number.split()
    clause = "ISO 8583:1987 " + ", ".join(f"DE {name.rstrip('?')}" for name in sources)
    return row(*sources, path=path, iso=iso, clause=clause)


_REFERENCES = (
    _line("7", "references.transmission_at", INSTANT),
    _line("11", "references.stan", code(Stan)),
    _line("12", "references.local_time", LOCAL_TIME),
    _line("13", "references.local_date", LOCAL_DATE),
    _line("15", "references.settlement_date", LOCAL_DATE),
    _line("37", "references.rrn", code(Rrn)),
)

_CARD = (
    _line("2", "card.pan", secret(Pan)),
    _line("14", "card.expiry", EXPIRY),
    _line("23", "card.sequence", _DIGITS_3),
    _line("35", "card.track2", secret(Track2)),
    _line("36", "card.track3", secret(Track1)),
    _line("40", "card.service_code", _DIGITS_3),
    _line("45", "card.track1", secret(Track1)),
    _line("52", "card.pin_block", secret(PinBlock)),
    _line("55", "card.icc", secret(SecretBytes)),
)

_PLACE = (
    _line("18", "merchant.category_code", code(MerchantCategoryCode)),
    _line("19", "acquirer.country", code(CountryNumeric)),
    _line("22", "terminal.entry_mode", _ENTRY_MODE),
    _line("25", "terminal.condition_code", _DIGITS_2),
    _line("26", "terminal.pin_capture_code", _DIGITS_2),
    _line("32", "acquirer.id", code(InstitutionId)),
    _line("33", "acquirer.forwarder_id", code(InstitutionId)),
    _line("41", "terminal.id", code(TerminalId)),
    _line("42", "merchant.id", code(MerchantId)),
    _line("43", "merchant.name_location", _NAME),
    _line("100", "acquirer.receiver_id", code(InstitutionId)),
)

_MONEY = (
    _line("3", "processing_code", code(ProcessingCode)),
    _line("4 49", "amount", AMOUNT),
    _line("5 50", "amounts.settlement", AMOUNT),
    _line("6 51", "amounts.billing", AMOUNT),
    _line("9", "amounts.settlement_rate.rate", RATE),
    _line("10", "amounts.billing_rate.rate", RATE),
    _line("16", "references.conversion_date", LOCAL_DATE),
    _line("17", "references.capture_date", LOCAL_DATE),
    _line("28? 29? 30? 31?", "amounts.fees", FEES),
    _line("38", "references.approval_code", code(ApprovalCode)),
)

_ORIGINAL = (
    _line("90.1", "original.mti", _MTI),
    _line("90.2", "original.stan", code(Stan)),
    _line("90.3", "original.transmission", _STAMP),
    _line("90.4", "original.acquirer_id", PADDED_ID),
    _line("90.5", "original.forwarder_id", PADDED_ID),
)

_REPLACEMENT = (
    # DE 95 has no currency of its own, so DE 49 stands beside the amount as 95.49.
    row(
        "95.1",
        "95.49",
        path="amounts.replacement",
        iso=AMOUNT,
        clause="ISO 8583:1987 DE 95 positions 1-12, DE 49",
    ),
)

_NETWORK = (_line("70", "network_code", _DIGITS_3),)


def _table(class_: str, kind: Kind, *parts: tuple[Row, ...]) -> Table:
    return Table(
        name=f"iso8583:1987:{class_}",
        standard="iso8583",
        rows=tuple(row for part in parts for row in part),
        canonical={"kind": kind, "repeat": False},
        prefix="DE",
    )


_PAYMENT = (_REFERENCES, _CARD, _PLACE, _MONEY, _ORIGINAL)

TABLES = {
    "1": _table("01xx", Kind.AUTHORISATION, *_PAYMENT),
    "2": _table("02xx", Kind.FINANCIAL, *_PAYMENT),
    "4": _table("04xx", Kind.REVERSAL, *_PAYMENT, _REPLACEMENT),
    "8": _table("08xx", Kind.NETWORK_MANAGEMENT, _REFERENCES, _CARD, _PLACE, _NETWORK),
}
"""The tables by message class, the second digit of the MTI."""


def table_of(mti: str) -> Table:
    """Return the table of a message type that `msggw.iso8583.mapping.kinds` accepts."""
    return TABLES[mti[1]]
