import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, lei
from tests.strategies import IBANS, LEIS

from msggw.errors import Refused, Rule
from msggw.values import Bic, Country, Iban, Lei

ALPHANUMERIC = string.ascii_uppercase + string.digits


@pytest.mark.parametrize(("kind", "texts"), [(Iban, IBANS), (Lei, LEIS)])
def test_samples_are_valid(kind: type[Iban | Lei], texts: list[str]) -> None:
    """Numbers that registries publish as examples."""
    assert texts == [kind(text) for text in texts]


@pytest.mark.parametrize(
    ("kind", "text"), [(Iban, text) for text in IBANS] + [(Lei, text) for text in LEIS]
)
@given(place=st.integers(0, 40), char=st.sampled_from(ALPHANUMERIC))
def test_one_wrong_character_is_found(
    kind: type[Iban | Lei], text: str, place: int, char: str
) -> None:
    """Mod 97 finds every wrong digit and every wrong letter."""
    place %= len(text)
    changed = text[:place] + char + text[place + 1 :]

    if changed == text:
        assert text == kind(changed)
    elif text[place].isdigit() == char.isdigit():
        with pytest.raises(Refused):
            kind(changed)


@given(st.text(ALPHANUMERIC, min_size=18, max_size=20))
def test_lei_agrees_with_stdnum(text: str) -> None:
    """Another hand's implementation of ISO 17442 refuses the same."""
    accepted = True
    try:
        Lei(text)
    except Refused:
        accepted = False

    assert (len(text) == 20 and text[18:].isdigit() and lei.is_valid(text)) == accepted


def test_iban_in_paper_form_is_refused() -> None:
    """Blanks belong on paper (ISO 13616-1, 6.2); stdnum would forgive them."""
    paper = "GB82 WEST 1234 5698 7654 32"

    assert iban.is_valid(paper)
    with pytest.raises(Refused):
        Iban(paper)


def test_a_wrong_check_digit_is_a_checksum_fault() -> None:
    """The rule that is named tells a typing error from a wrong form."""
    with pytest.raises(Refused) as caught:
        Iban("GB83WEST12345698765432")

    assert [Rule.CHECKSUM] == [fault.rule for fault in caught.value]


@pytest.mark.parametrize("text", ["KZ1", "kz", "K", "ҚЗ"])
def test_a_country_is_two_capital_letters(text: str) -> None:
    """Form only; which countries there are is a profile's rule."""
    assert "KZ" == Country("KZ")
    with pytest.raises(Refused):
        Country(text)


@pytest.mark.parametrize("text", ["MSGGKZK", "MSGGKZKAX", "MSGGKZKAXXXX", "MSGG1ZKA", "msggkzka"])
def test_a_bic_has_8_or_11_characters(text: str) -> None:
    """ISO 9362: business party, country, suffix, and optionally a branch."""
    assert ["MSGGKZKA", "MSGGKZKAXXX"] == [Bic("MSGGKZKA"), Bic("MSGGKZKAXXX")]
    with pytest.raises(Refused):
        Bic(text)
