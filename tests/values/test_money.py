import re
from decimal import Decimal

import jsonschema
import moneyed
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from tests.strategies import money, units

from msggw.errors import Refused, Rule
from msggw.values import Asset, Currency, Money
from msggw.values.money import AMOUNT_PATTERN, MINOR_DIGITS_MAX, _currencies

OURS = {currency.code: currency for currency in _currencies().values()}
MONEY = TypeAdapter(Money)

# py-moneyed keeps every currency there ever was, and is younger or older here and there.
LATELY_WITHDRAWN = {
    "HRK": "Croatian kuna: EUR since 2023",
    "BGN": "Bulgarian lev: EUR since 2026",
    "ANG": "Netherlands Antillean guilder: XCG since 2025",
    "CUC": "Cuban convertible peso: withdrawn in 2021",
    "SLL": "Sierra Leonean leone: SLE since 2024",
    "ZWL": "Zimbabwean dollar: ZWG since 2024",
}
NEVER_LISTED = {"CNH"}
"""The offshore yuan is a market's word: ISO 4217 knows only CNY."""
YOUNGER_THAN_THEIRS = {
    "XAD": "Arab accounting dinar, added in 2024",
    "XCG": "Caribbean guilder, added in 2024",
    "ZWG": "Zimbabwe gold, added in 2024",
}


def rule_of(call: object) -> Rule:
    """The rule that the call breaks."""
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.faults[0].rule


@given(money)
def test_printing_and_parsing_gives_the_same_money(amount: Money) -> None:
    """Decimal text and back, whatever the exponent of the unit."""
    assert amount == Money.parse(amount.decimal_text(), amount.unit)


@given(money)
def test_json_gives_the_same_money(amount: Money) -> None:
    """The JSON form holds unit and amount, the latter as text."""
    as_json = amount.as_json()

    assert amount == Money.from_json(as_json)
    assert str is type(as_json["value"])
    assert amount == MONEY.validate_json(MONEY.dump_json(amount))


@pytest.mark.parametrize("currency", OURS.values(), ids=OURS)
@given(minor=st.integers(0, 10**18))
def test_every_currency_places_its_own_point(currency: Currency, minor: int) -> None:
    """The text has exactly the exponent's number of decimals and the value of the count."""
    shown = Money(minor, currency).decimal_text()

    assert currency.exponent == len(shown.partition(".")[2])
    assert Decimal(minor).scaleb(-currency.exponent) == Decimal(shown)
    assert minor == Money.parse(shown, currency.code).minor


@given(st.from_regex(AMOUNT_PATTERN, fullmatch=True), units)
def test_parsing_never_rounds(text: str, unit: Currency | Asset) -> None:
    """Either the exact value comes out or a refusal; never another value."""
    try:
        amount = Money.parse(text, unit)
    except Refused:
        assert Decimal(text).normalize().as_tuple().exponent < -unit.exponent or (
            len(text.partition(".")[0]) + unit.exponent > MINOR_DIGITS_MAX
        )
    else:
        assert Decimal(text) == Decimal(amount.decimal_text())


@given(st.text(max_size=12))
def test_only_plain_decimal_text_is_parsed(text: str) -> None:
    """No sign, blank, exponent, leading zero, bare point or another script's digits."""
    if re.fullmatch(AMOUNT_PATTERN, text) is None:
        assert Rule.SYNTAX == rule_of(lambda: Money.parse(text, "KZT"))


@pytest.mark.parametrize(
    "value",
    [
        10.5,
        10,
        True,
        None,
        b"10",
        "1e3",
        "-1",
        "+1",
        "01",
        ".5",
        "5.",
        "1,5",
        " 1",
        "1\n",
        "\u0661",
    ],
)
def test_what_is_no_amount_is_refused(value: object) -> None:
    """Floats above all."""
    assert Rule.SYNTAX == rule_of(lambda: Money.parse(value, "KZT"))


@pytest.mark.parametrize("minor", [10.0, True, "10", None, Decimal(10)])
def test_minor_units_are_an_int(minor: object) -> None:
    """Not a float, not a bool, not even a whole Decimal."""
    assert Rule.CLASS == rule_of(lambda: Money(minor, Currency.of("KZT")))


def test_amounts_have_a_greatest_number_of_digits() -> None:
    """And none is negative."""
    unit = Currency.of("JPY")

    assert 10**36 - 1 == Money(10**36 - 1, unit).minor
    assert Rule.LIMIT == rule_of(lambda: Money(10**36, unit))
    assert Rule.LIMIT == rule_of(lambda: Money(-1, unit))
    assert Rule.LIMIT == rule_of(lambda: Money.parse("1" + "0" * 35, "KZT"))


def test_trailing_zeros_are_no_decimals() -> None:
    """10.500 is ten and a half in a currency of two decimals, 10.505 is refused."""
    assert Money.parse("10.5", "KZT") == Money.parse("10.500", "KZT")
    assert Rule.VALUE == rule_of(lambda: Money.parse("10.505", "KZT"))


@given(st.integers(0, 10**30), st.integers(0, 10**30), units)
def test_adding_and_subtracting_are_inverse(one: int, other: int, unit: Currency | Asset) -> None:
    """Within one unit money is a count."""
    total = Money(one, unit) + Money(other, unit)

    assert one + other == total.minor
    assert Money(one, unit) == total - Money(other, unit)


def test_two_currencies_do_not_mix() -> None:
    """Nor do two assets of one name and another exponent; and nothing goes below zero."""
    tenge, yen = Money.parse("1", "KZT"), Money.parse("1", "JPY")

    assert Rule.CONFLICT == rule_of(lambda: tenge + yen)
    assert Rule.CONFLICT == rule_of(lambda: tenge - yen)
    assert Rule.CONFLICT == rule_of(lambda: Money(1, Asset("ETH", 18)) + Money(1, Asset("ETH", 9)))
    assert Rule.LIMIT == rule_of(lambda: yen - (yen + yen))


@pytest.mark.parametrize(
    "value",
    [
        "10.00",
        ["10.00", "KZT"],
        {},
        {"value": "10.00"},
        {"value": "10.00", "currency": "KZT", "exponent": 2},
        {"value": 10, "currency": "KZT"},
        {"value": 10.5, "currency": "KZT"},
        {"value": "10.00", "currency": "398"},
        {"value": "10.00", "currency": "kzt"},
        {"value": "10.00", "currency": "ZZZ"},
        {"value": "10.00", "currency": 398},
        {"value": "10.00", "currency": ["KZT"]},
        {"value": "1", "asset": "KZT", "exponent": 2},
        {"value": "1", "asset": "398", "exponent": 2},
        {"value": "1", "asset": 123, "exponent": 2},
        {"value": "1", "asset": "eth", "exponent": 18},
        {"value": "1", "asset": "E", "exponent": 18},
        {"value": "1", "asset": "ETH", "exponent": 19},
        {"value": "1", "asset": "ETH", "exponent": -1},
        {"value": "1", "asset": "ETH", "exponent": True},
        {"value": "1", "asset": "ETH", "exponent": "18"},
    ],
)
def test_other_json_is_refused(value: object) -> None:
    """Exactly one form per kind of unit: the numeric code is ISO 8583's, not JSON's."""
    with pytest.raises(Refused):
        Money.from_json(value)


def test_the_schema_agrees_in_form() -> None:
    """What we write is valid; a float, a numeric code and a foreign key are not."""
    validator = jsonschema.Draft202012Validator(MONEY.json_schema())

    assert validator.is_valid({"value": "10.00", "currency": "KZT"})
    assert validator.is_valid({"value": "1", "asset": "ETH", "exponent": 18})
    assert not validator.is_valid({"value": 10.5, "currency": "KZT"})
    assert not validator.is_valid({"value": "10.00", "currency": "398"})
    assert not validator.is_valid({"value": "1", "asset": 123, "exponent": 2})
    assert not validator.is_valid({"value": "10.00", "currency": "KZT", "x": 1})


def test_money_itself_is_taken_as_it_is() -> None:
    """A model built from parts does not go through JSON."""
    amount = Money.parse("1", "KZT")

    assert Money.from_json(amount) is amount


@pytest.mark.parametrize("code", ["", "kzt", "ZZZ", "999999", None, 398])
def test_an_unknown_currency_is_refused(code: object) -> None:
    """Also a number: ISO 8583 gives numeric codes as text."""
    assert Rule.UNKNOWN == rule_of(lambda: Currency.of(code))


def test_both_codes_name_one_currency() -> None:
    """ISO 8583 speaks numeric, the others alphabetic."""
    assert list(OURS.values()) == [Currency.of(currency.numeric) for currency in OURS.values()]


def test_the_table_agrees_with_other_peoples_table() -> None:
    """Each difference from py-moneyed is a known one; exponent and number are the same."""
    theirs = moneyed.CURRENCIES
    differing = {
        code
        for code, ours in OURS.items()
        if code in theirs
        # Four younger currencies have no number there.
        and (ours.numeric, 10**ours.exponent)
        != (theirs[code].numeric or ours.numeric, theirs[code].sub_unit)
    }

    assert set() == differing
    assert set(YOUNGER_THAN_THEIRS) == set(OURS) - set(theirs)


def test_withdrawn_currencies_are_not_taken() -> None:
    """What py-moneyed has beyond ours is history: withdrawn, or never in ISO 4217."""
    beyond = {code: currency for code, currency in moneyed.CURRENCIES.items() if code not in OURS}
    used = [currency for currency in beyond.values() if currency.countries]

    assert set(LATELY_WITHDRAWN) <= set(beyond)
    assert set() == {currency.code for currency in used} - set(LATELY_WITHDRAWN) - NEVER_LISTED
