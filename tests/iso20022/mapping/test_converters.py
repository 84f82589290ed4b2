"""Converters of ISO 20022 texts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.errors import Refused
from msggw.iso20022.mapping.converters import (
    AMOUNT,
    DATE,
    INSTANT,
    RATE,
    TEXT,
    choice,
    decimal_text,
    either,
)
from msggw.translate import Context
from msggw.values import Asset, Currency, Money

CONTEXT = Context(datetime(2026, 11, 20, tzinfo=UTC))


@given(st.integers(0, 10**15), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_amounts_cross_and_come_back(minor, code):
    """Law put-get for money of any number of decimals."""
    money = Money(minor, Currency.of(code))

    assert money == AMOUNT.read(AMOUNT.write(money, CONTEXT), CONTEXT)


@pytest.mark.parametrize("text", ["10.5", "+10.50", "010.500", " 10.5\n", "10.50000"])
def test_one_amount_has_many_writings(text):
    """What XML Schema calls one decimal is one amount."""
    assert Money(1050, Currency.of("EUR")) == AMOUNT.read((text, "EUR"), CONTEXT)


@pytest.mark.parametrize(
    ("text", "plain"), [(".5", "0.5"), ("5.", "5"), ("0", "0"), ("000", "0"), ("0.0", "0.0")]
)
def test_decimals_are_written_plainly(text, plain):
    """A point never stands at an end."""
    assert plain == decimal_text(text)


@pytest.mark.parametrize("text", ["", ".", "+", "-1", "1e3", "1,5", "\u0661", "1_0"])
def test_what_is_no_decimal_is_refused(text):
    """Neither signs nor exponents nor foreign digits pass."""
    with pytest.raises(Refused):
        decimal_text(text)


def test_more_decimals_than_the_currency_are_refused():
    """Nothing is rounded."""
    with pytest.raises(Refused):
        AMOUNT.read(("1.005", "EUR"), CONTEXT)


def test_a_token_is_no_currency():
    """ISO 20022 amounts are in ISO 4217 currencies."""
    with pytest.raises(Refused):
        AMOUNT.write(Money(1, Asset("USDT", 6)), CONTEXT)


@pytest.mark.parametrize(
    ("iso", "text"),
    [
        (DATE, "2026-11-20Z"),
        (DATE, "2026-13-01"),
        (INSTANT, "2026-11-20T24:00:00"),
        (TEXT, "a\x7f"),
        (TEXT, ""),
    ],
)
def test_what_the_model_cannot_hold_is_refused(iso, text):
    """Zoned dates, hour 24 and control characters pass the schema but not us."""
    with pytest.raises(Refused):
        iso.read((text,), CONTEXT)


def test_rates_keep_their_decimals():
    """A rate is text; a trailing nought is the sender's precision."""
    assert "0.8750" == RATE.read(("0.8750",), CONTEXT)


@given(st.text("ABz 0", min_size=1, max_size=6).filter(str.strip))
def test_a_choice_is_read_from_either_side(text):
    """Law put-get; only what looks like a code of the right length is written as one."""
    iso = choice(4)
    written = iso.write(text, CONTEXT)

    assert text == iso.read(written, CONTEXT)
    assert (written[0] is not None) == (len(text) <= 4 and not set(text) & set("z "))


def test_a_value_in_the_second_place_is_read():
    """The first place is written."""
    iso = either(TEXT)

    assert "x" == iso.read((None, "x"), CONTEXT)
    assert ("x", None) == iso.write("x", CONTEXT)
