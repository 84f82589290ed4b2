"""Converters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.translate.tables import COLOUR, CONTEXT, STRICT, unknown

from msggw.errors import Refused
from msggw.translate import TEXT, code_table


@given(st.text())
def test_text_is_what_it_is(text):
    """TEXT changes nothing in either direction."""
    assert text == TEXT.read((text,), CONTEXT)
    assert (text,) == TEXT.write(text, CONTEXT)


@pytest.mark.parametrize(("code", "meaning"), [("R", "red"), ("G", "green")])
def test_a_code_table_reads_and_writes(code, meaning):
    """Each code has its meaning, and each meaning its code."""
    assert meaning == COLOUR.read((code,), CONTEXT)
    assert (code,) == COLOUR.write(meaning, CONTEXT)


def test_unknown_codes_are_refused_both_ways():
    """Neither an unknown code nor an unknown meaning passes."""
    for use in (lambda: COLOUR.read(("B",), CONTEXT), lambda: COLOUR.write("blue", CONTEXT)):
        with pytest.raises(Refused):
            use()


def test_a_code_table_must_be_one_to_one():
    """Two codes of one meaning could not be undone, so no such table exists."""
    with pytest.raises(ValueError, match="cannot be undone"):
        code_table("colour", {"R": "red", "S": "red"}, unknown)


def test_a_simple_converter_needs_no_context():
    """`simple` lifts two functions of one value."""
    assert STRICT.read(("12",), CONTEXT) == 12
    assert STRICT.write(12, CONTEXT) == ("12",)
