"""Whole messages of every class as acquirers send them, and canonical values row by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from msggw.canonical import Kind
from msggw.values import (
    ApprovalCode,
    CountryNumeric,
    Currency,
    InstitutionId,
    MerchantCategoryCode,
    MerchantId,
    Money,
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

NOW = datetime(2026, 7, 3, 12, 0, tzinfo=UTC)
DIALECT = "iso87-ascii"
CURRENCIES = ("398", "840", "392", "414", "978")
LETTERS = ("KZT", "USD", "JPY", "KWD", "EUR")

digits = "0123456789"


def n(width: int) -> st.SearchStrategy[str]:
    """A fixed n field."""
    return st.text(digits, min_size=width, max_size=width)


def n_to(width: int) -> st.SearchStrategy[str]:
    """A variable n field."""
    return st.text(digits, min_size=1, max_size=width)


def ans(low: int, high: int) -> st.SearchStrategy[str]:
    """A text field."""
    return st.text(
        st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=low, max_size=high
    )


def an(width: int) -> st.SearchStrategy[str]:
    """A fixed an field."""
    return st.text("ABCxyz019 ", min_size=width, max_size=width)


instants = st.datetimes(
    min_value=(NOW - timedelta(days=180)).replace(tzinfo=None),
    max_value=(NOW + timedelta(days=180)).replace(tzinfo=None),
).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))
stamps = instants.map(lambda at: at.strftime("%m%d%H%M%S"))
days = st.one_of(instants.map(lambda at: at.strftime("%m%d")), st.just("0000"))
times = instants.map(lambda at: at.strftime("%H%M%S"))
pans = st.text(digits, min_size=12, max_size=19)
expiries = st.builds(lambda y, m: f"{y:02}{m:02}", st.integers(0, 99), st.integers(1, 12))
track2s = st.builds(lambda p, e, s: f"{p}={e}{s}"[:37], pans, expiries, n(3))
track1s = st.builds(lambda p, e: f"B{p}^DOE/J^{e}201", pans, expiries)
signed = st.builds(lambda c, d: c + d, st.sampled_from("CD"), n(8))
currencies = st.sampled_from((*CURRENCIES, *LETTERS))
amounts = n(12)
tlv = st.binary(max_size=20).map(lambda value: b"\x9f\x10" + bytes([len(value)]) + value)
originals = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(("0100", "0200", "0000")),
        st.one_of(n(6), st.just("000000")),
        st.one_of(stamps, st.just("0" * 10)),
        st.one_of(n(11), st.just("0" * 11)),
        st.one_of(n(11), st.just("0" * 11)),
    ),
)
replacements = st.one_of(
    st.builds("".join, st.tuples(amounts, st.just("0" * 30))),
    st.builds("".join, st.tuples(amounts, amounts, signed, signed)),
    an(42),
)

COMMON = {
    "7": stamps,
    "12": times,
    "13": days,
    "15": days,
    "18": n(4),
    "19": n(3),
    "22": n(3),
    "24": n(3),
    "25": n(2),
    "26": n(2),
    "32": n_to(11),
    "33": n_to(11),
    "37": st.one_of(an(12), st.just("0" * 12), st.just(" " * 12)),
    "41": ans(8, 8),
    "42": ans(15, 15),
    "43": ans(40, 40),
    "48": ans(1, 60),
    "53": n(16),
    "63": st.one_of(ans(1, 30), ans(0, 10).map("hex:".__add__), ans(0, 10).map("text:".__add__)),
    "100": n_to(11),
    "102": ans(1, 28),
    "128": st.binary(min_size=8, max_size=8),
}
CARD = {
    "14": st.one_of(expiries, st.just("0000")),
    "23": n(3),
    "36": ans(1, 0x40).filter(lambda text: set(text) <= set("0123456789:;<=>?")) | n(80),
    "40": st.one_of(n(3), an(3)),
    "45": track1s,
    "52": st.binary(min_size=8, max_size=8),
    "55": tlv,
}
MONEY = {
    "5": amounts,
    "6": amounts,
    "9": n(8),
    "10": n(8),
    "16": days,
    "17": days,
    "28": signed,
    "29": signed,
    "30": signed,
    "31": signed,
    "34": st.text("0123456789:=", min_size=1, max_size=28),
    "38": an(6),
    "39": an(2),
    "44": ans(1, 25),
    "50": st.one_of(currencies, st.just("000")),
    "51": st.one_of(currencies, st.just("000")),
    "54": ans(1, 120),
    "90": st.one_of(originals, st.just("0" * 42)),
    "96": st.binary(min_size=8, max_size=8),
}


def _message(needed, optional, mtis):
    fields = st.fixed_dictionaries({"11": n(6), **needed}, optional=optional)
    return st.tuples(st.sampled_from(mtis), fields)


_SUM = {"4": amounts, "49": currencies}
_CODE = {"3": n(6)}
_PAN = {"2": pans}

payments = st.one_of(
    _message(
        {**_SUM, **_CODE, **_PAN},
        {**COMMON, **CARD, **MONEY, "35": track2s},
        ("0100", "0101", "0104"),
    ),
    _message(
        {**_SUM, "35": track2s}, {**COMMON, **CARD, **MONEY, **_CODE}, ("0200", "0201", "0205")
    ),
    _message({**_SUM, **_CODE}, {**COMMON, **CARD, **MONEY, **_PAN}, ("0120", "0121", "0220")),
)
reversals = _message(
    {**_SUM},
    {**COMMON, **CARD, **MONEY, **_CODE, **_PAN, "95": replacements},
    ("0400", "0420", "0421"),
)
networks = _message({}, {**COMMON, **CARD, **_SUM, "70": n(3)}, ("0800", "0801", "0820", "0802"))
messages = st.one_of(payments, reversals, networks)


def money(width: int = 12) -> st.SearchStrategy[Money]:
    """An amount in one of a few currencies, KZT more often than not."""
    return st.builds(
        Money, st.integers(0, 10**width - 1), st.sampled_from(CURRENCIES).map(Currency.of)
    )


@st.composite
def fees(draw, transaction: Currency, settlement: Currency) -> list[dict]:
    """Fees of different types, in the order of their data elements."""
    out = []
    for name, unit in (
        ("transaction_fee", transaction),
        ("settlement_fee", settlement),
        ("transaction_processing_fee", transaction),
        ("settlement_processing_fee", settlement),
    ):
        if draw(st.booleans()):
            minor = draw(st.integers(0, 10**8 - 1))
            out.append({"amount": Money(minor, unit), "credit": draw(st.booleans()), "type": name})
    return out


def nonzero(width: int) -> st.SearchStrategy[str]:
    """Digits that are not all zeros."""
    return n(width).filter(lambda text: text.strip("0"))


dates = instants.map(lambda at: at.date().isoformat())
rates = st.one_of(
    st.builds(lambda w, d: f"{w}.{d:0>3}", st.integers(0, 9999), st.integers(1, 999)),
    st.integers(1, 9999999).map(str),
    n(7).filter(lambda text: text.strip("0")).map("0.00".__add__),
)
ids = st.integers(1, 10**11 - 1).map(str)

PATHS = {
    "references.transmission_at": instants,
    "references.stan": n(6).map(Stan),
    "references.local_time": instants.map(lambda at: at.strftime("%H:%M:%S")),
    "references.local_date": dates,
    "references.settlement_date": dates,
    "references.conversion_date": dates,
    "references.capture_date": dates,
    "references.rrn": an(12).filter(lambda text: text.strip(" 0")).map(Rrn),
    "references.approval_code": an(6).map(ApprovalCode),
    "card.pan": pans.map(Pan),
    "card.expiry": st.builds(
        lambda y, m: f"{y}-{m:02}", st.integers(1977, 2076), st.integers(1, 12)
    ),
    "card.sequence": n(3),
    "card.service_code": n(3),
    "card.track1": track1s.map(Track1),
    "card.track2": track2s.map(Track2),
    "card.track3": n(80).map(Track1),
    "card.pin_block": st.binary(min_size=8, max_size=8).map(PinBlock),
    "card.icc": tlv.map(SecretBytes),
    "merchant.id": ans(15, 15).map(MerchantId),
    "merchant.category_code": n(4).map(MerchantCategoryCode),
    "merchant.name_location": ans(40, 40),
    "terminal.id": ans(8, 8).map(TerminalId),
    "terminal.entry_mode": n(3),
    "terminal.condition_code": n(2),
    "terminal.pin_capture_code": n(2),
    "acquirer.id": n_to(11).map(InstitutionId),
    "acquirer.forwarder_id": n_to(11).map(InstitutionId),
    "acquirer.receiver_id": n_to(11).map(InstitutionId),
    "acquirer.country": n(3).map(CountryNumeric),
    "processing_code": n(6).map(ProcessingCode),
    "amount": money(),
    "amounts.settlement": money(),
    "amounts.billing": money(),
    "amounts.settlement_rate.rate": rates,
    "amounts.billing_rate.rate": rates,
    "amounts.fees": fees(Currency.of("KZT"), Currency.of("EUR")).filter(bool),
    "amounts.replacement": money(),
    "original.mti": st.sampled_from(("0100", "0200")),
    "original.stan": nonzero(6).map(Stan),
    "original.transmission": stamps,
    "original.acquirer_id": ids,
    "original.forwarder_id": ids,
    "network_code": n(3),
}
"""What each canonical path may hold, so that its row can be tried in isolation."""

CARD_KINDS = (
    Kind.AUTHORISATION,
    Kind.AUTHORISATION_ADVICE,
    Kind.FINANCIAL,
    Kind.FINANCIAL_ADVICE,
    Kind.REFUND,
    Kind.REVERSAL,
    Kind.REVERSAL_ADVICE,
    Kind.NETWORK_MANAGEMENT,
)
