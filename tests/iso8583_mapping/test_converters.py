"""Converters on their own: what fits, what is refused, and that refusals quote nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from tests.iso8583_mapping.strategies import n

from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.converters import AMOUNT, EXPIRY, FEES, INSTANT, RATE, UNDATED, secret
from msggw.values import Asset, Currency, Money, Pan

KZT = Currency.of("KZT")


def rule_of(call) -> Rule:
    """Run what must be refused; return the rule."""
    with pytest.raises(Refused) as caught:
        call()
    (fault,) = caught.value
    return fault.rule


@pytest.mark.parametrize(
    ("currency", "text"), [("398", "10.50"), ("392", "1050"), ("414", "1.050")]
)
def test_the_exponent_places_the_point(currency, text):
    """1050 minor units are 10.50 KZT, 1050 JPY and 1.050 KWD."""
    assert text == AMOUNT.read(("000000001050", currency), UNDATED).decimal_text()


def test_an_amount_that_does_not_fit_is_refused():
    """Thirteen digits do not fit n 12, and a token has no numeric code."""
    assert Rule.LIMIT is rule_of(lambda: AMOUNT.write(Money(10**12, KZT), UNDATED))
    assert Rule.UNSUPPORTED is rule_of(lambda: AMOUNT.write(Money(1, Asset("USDT", 6)), UNDATED))
    assert Rule.VALUE is rule_of(lambda: AMOUNT.read(("00000000105x", "398"), UNDATED))


@pytest.mark.parametrize(
    ("wire", "rate"),
    [
        ("61234567", "1.234567"),
        ("04255000", "4255000"),
        ("10004255", "425.5"),
        ("60012345", "0.012345"),
        ("91234567", "0.001234567"),
        ("00000001", "1"),
    ],
)
def test_rates_are_exact_decimals(wire, rate):
    """The first digit counts the decimals; nothing is rounded in either direction."""
    assert rate == RATE.read((wire,), UNDATED)
    assert (wire,) == RATE.write(rate, UNDATED)


@given(n(8))
def test_every_rate_comes_back(wire):
    """Eight digits, whatever they are, are read and written again."""
    assert (wire,) == RATE.write(RATE.read((wire,), UNDATED), UNDATED)


@pytest.mark.parametrize(
    ("rate", "wire"), [("1.2340000000", "61234000"), ("425.5000000000", "44255000")]
)
def test_zeros_at_the_end_give_way(rate, wire):
    """Zeros that say nothing are cut where a rate would not fit otherwise."""
    assert (wire,) == RATE.write(rate, UNDATED)


@pytest.mark.parametrize("rate", ["12345678", "1.2345678", "0.0000000001"])
def test_a_rate_that_does_not_fit_is_refused(rate):
    """More than seven digits or nine decimals are refused, never rounded."""
    assert Rule.LIMIT is rule_of(lambda: RATE.write(rate, UNDATED))


def test_fees_of_one_type_share_no_element():
    """Two transaction fees do not fit into DE 28; an unknown type has no element at all."""
    fee = {"amount": Money(5, KZT), "credit": True, "type": "transaction_fee"}

    assert (("C00000005", "398"), None, None, None) == FEES.write([fee], UNDATED)
    assert (None, None, None, None) == FEES.write([fee | {"type": None}], UNDATED)
    assert Rule.DUPLICATE is rule_of(lambda: FEES.write([fee, fee], UNDATED))
    big = fee | {"amount": Money(10**8, KZT)}
    assert Rule.LIMIT is rule_of(lambda: FEES.write([big], UNDATED))


def test_an_instant_without_a_zone_is_refused():
    """Local time of nobody knows where is no transmission time."""
    naive = datetime(2026, 7, 3, 12, 0)  # noqa: DTZ001 - this is the point

    assert Rule.VALUE is rule_of(lambda: INSTANT.write(naive, UNDATED))


def test_a_month_that_does_not_exist_is_refused():
    """A card does not expire in month 13."""
    assert Rule.VALUE is rule_of(lambda: EXPIRY.read(("2813",), UNDATED))


def test_a_sealed_value_is_not_written():
    """A PAN at rest must be opened by the keys first; it cannot go on the wire as it is."""
    assert Rule.SECURITY is rule_of(lambda: secret(Pan).write("4111111111111111", UNDATED))
    assert Pan("4111111111111111") == secret(Pan).read(("4111111111111111",), UNDATED)
