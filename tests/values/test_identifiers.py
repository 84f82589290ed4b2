import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw import values
from msggw.errors import Refused
from msggw.values import Code, ProcessingCode

WITHOUT_CHECK = [
    kind
    for name in values.__all__
    if isinstance(kind := getattr(values, name), type)
    and issubclass(kind, Code)
    and kind.check.__func__ is Code.check.__func__
]


@pytest.mark.parametrize("kind", WITHOUT_CHECK)
@given(data=st.data())
def test_what_the_pattern_matches_is_valid(kind: type[Code], data: st.DataObject) -> None:
    """Where a standard states no check digit, the pattern is the whole rule."""
    text = data.draw(st.from_regex(kind.pattern, fullmatch=True))

    assert text == kind(text)


@pytest.mark.parametrize("kind", WITHOUT_CHECK)
@given(text=st.text(max_size=40))
def test_what_the_pattern_does_not_match_is_refused(kind: type[Code], text: str) -> None:
    """Garbage is only ever refused."""
    if re.fullmatch(kind.pattern, text) is None:
        with pytest.raises(Refused):
            kind(text)
    else:
        assert text == kind(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (values.Stan, "\u0660" * 6),
        (values.Stan, "000001\n"),
        (values.Stan, "00000"),
        (values.Rrn, "12345678901"),
        (values.ResponseCode, "0"),
        (values.ResponseCode, "0a"),
        (values.ResponseCode, "00000"),
        (values.Uetr, "00000000-0000-1000-8000-000000000000"),
        (values.Uetr, "00000000-0000-4000-c000-000000000000"),
        (values.Uetr, "ABCDEF00-0000-4000-8000-000000000000"),
        (values.TransactionId, "txn_0"),
        (values.PartnerId, "-a"),
        (values.PartnerId, "a" * 41),
        (values.TerminalId, ""),
        (values.MerchantId, "x" * 36),
        (values.InstitutionId, "1" * 12),
    ],
)
def test_near_misses_are_refused(kind: type[Code], text: str) -> None:
    """One character too many or too few, other scripts' digits, a line feed behind."""
    with pytest.raises(Refused):
        kind(text)


def test_a_processing_code_knows_its_transaction_type() -> None:
    """Positions 1 and 2 of DE 3."""
    assert "20" == ProcessingCode("200030").transaction_type
