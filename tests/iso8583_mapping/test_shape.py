"""Cutting data elements for the tables, and joining them again."""

from __future__ import annotations

from hypothesis import given
from tests.iso8583_mapping.strategies import messages

from msggw.errors import Rule
from msggw.iso8583.mapping.shape import cut, join


@given(messages)
def test_what_is_cut_is_joined_again(message):
    """For sound messages of every class the parts give the elements back."""
    mti, fields = message
    shape = cut(fields, mti[1])
    forms = {key: value for key, value in shape.kept.items() if key.startswith("form:")}
    kept = {key: value for key, value in shape.kept.items() if key not in forms}

    out = shape.flat | kept
    assert [] == shape.faults
    assert [] == join(out, forms)
    assert fields == out


def test_de_90_is_cut_into_its_parts():
    """The real 0400 of the facts: type, STAN, transmission and both institutions."""
    flat = cut({"90": "021000005209251053080000000050300000000503"}, "4").flat

    assert {
        "90.1": "0210",
        "90.2": "000052",
        "90.3": "0925105308",
        "90.4": "00000000503",
        "90.5": "00000000503",
    } == flat


def test_de_90_of_another_form_is_kept_whole():
    """What is not 42 digits cannot be cut."""
    assert {"90": "0200000001"} == cut({"90": "0200000001"}, "2").kept


def test_a_replacement_of_zero_is_a_full_reversal():
    """DE 95 of zeros says that nothing stays; it is kept unread."""
    fields = {"4": "000000000100", "49": "398", "95": "0" * 42}

    assert {"95": "0" * 42} == cut(fields, "4").kept
    assert {"95": "0" * 42} == cut({"95": "0" * 42}, "4").kept


def test_the_rest_of_de_95_is_kept():
    """Positions 13 to 42 have no canonical place and come back."""
    fields = {"49": "398", "95": "000000000100" + "000000000100" + "C00000001" + "D00000002"}
    shape = cut(fields, "4")

    assert "000000000100" == shape.flat["95.1"]
    assert {"form:95": fields["95"][12:]} == shape.kept


def test_a_fee_has_the_currency_of_its_amount():
    """Transaction fees are in DE 49, settlement fees in DE 50; without it they are kept unread."""
    fields = {"28": "D00000010", "29": "C00000020", "49": "398"}
    shape = cut(fields, "1")

    assert ("D00000010", "398") == shape.flat["28"]
    assert {"29": "C00000020"} == shape.kept


def test_a_fee_of_another_form_is_a_fault():
    """A sign other than C or D is refused at its element."""
    shape = cut({"28": "+00000010", "49": "398"}, "1")

    assert [("DE28", Rule.VALUE)] == [(f.where.path, f.rule) for f in shape.faults]


def test_parts_in_two_currencies_do_not_join():
    """A fee or a replacement amount in a currency other than its element's is refused."""
    out = {"49": "398", "28": ("D00000010", "840"), "95.1": "000000000001", "95.49": "840"}

    assert [("amounts.fees", Rule.CONFLICT), ("amounts.replacement", Rule.CONFLICT)] == [
        (fault.where.path, fault.rule) for fault in join(out, {})
    ]


def test_a_settlement_fee_brings_its_currency():
    """Without a settlement amount the fee's currency becomes DE 50."""
    out = {"29": ("D00000010", "840")}

    assert [] == join(out, {})
    assert {"29": "D00000010", "50": "840"} == out


def test_letters_come_back_only_for_the_same_currency():
    """A currency that was changed meanwhile is written as its number."""
    kept, changed = {"49": "398"}, {"49": "840"}

    join(kept, {"form:49": "KZT"})
    join(changed, {"form:49": "KZT"})

    assert [{"49": "KZT"}, {"49": "840"}] == [kept, changed]


def test_empty_elements_are_kept_unread():
    """A variable element of length zero says nothing and breaks nothing."""
    assert {"32": "", "55": b""} == cut({"32": "", "55": b"", "11": "000001"}, "1").kept


def test_replacement_of_the_amount_alone() -> None:
    """DE 95 with nothing but a transaction amount leaves nothing beside it to be kept."""
    shape = cut({"95": "000000001050" + "0" * 30, "49": "398"}, "4")

    assert ("000000001050", "398") == (shape.flat["95.1"], shape.flat["95.49"])
    assert {} == shape.kept
