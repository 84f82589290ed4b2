from __future__ import annotations

import iso8583
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso8583.specs import default_ascii
from tests.sandbox.wire import HEADER, authorisation

from msggw.sandbox.dialects import DIALECTS, HostMessage, Unreadable

_TEXT = st.text(st.sampled_from("ABCXYZ 0189-/"), min_size=1)


def _values(dialect: str):
    formats = {
        de: form
        for de, form in DIALECTS[dialect].formats.items()
        if de != 35  # a track's alphabet is its own
    }

    def value(de: int):
        kind, variable, size = formats[de]
        low = 1 if variable else size
        if kind == "n":
            return st.text("0123456789", min_size=low, max_size=size)
        if kind == "b":
            return st.binary(min_size=low, max_size=size).map(lambda raw: raw.hex().upper())
        return st.text(st.sampled_from("ABCXYZ0189-/"), min_size=low, max_size=size)

    return st.sets(st.sampled_from(sorted(formats)), min_size=1, max_size=12).flatmap(
        lambda chosen: st.fixed_dictionaries({de: value(de) for de in chosen})
    )


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(data=st.data())
def test_what_is_built_can_be_parsed(dialect: str, data) -> None:
    """Every message survives the wire in both dialects."""
    fields = data.draw(_values(dialect))
    header = HEADER if dialect == "visa-base1" else b""
    parsed = DIALECTS[dialect].parse(DIALECTS[dialect].build(HostMessage("0100", fields, header)))
    assert ("0100", fields) == (parsed.mti, parsed.fields)


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(garbage=st.binary(max_size=200), keep=st.integers(0, 200), at=st.integers(0, 200))
def test_garbage_is_only_ever_unreadable(dialect: str, garbage: bytes, keep: int, at: int) -> None:
    """Random and damaged messages are refused, not half read."""
    built = DIALECTS[dialect].build(authorisation())
    for data in (garbage, built[:keep], built[:at] + garbage + built[at:]):
        try:
            DIALECTS[dialect].parse(data)
        except Unreadable:
            continue


def test_other_people_read_our_plain_dialect() -> None:
    """An independent codec reads what the sandbox writes."""
    message = authorisation(de52="0011223344556677")
    decoded, _ = iso8583.decode(DIALECTS["iso87-ascii"].build(message), default_ascii)
    expected = {str(de): value for de, value in message.fields.items()}
    assert expected == {de: decoded[de] for de in expected}


def test_a_visa_message_as_on_the_wire() -> None:
    """BCD digits, counted length of the PAN, EBCDIC text, swapped stations, total length."""
    fields = {2: "4111111111111112345", 41: "TERM0001", 49: "398"}
    data = DIALECTS["visa-base1"].build(HostMessage("0110", fields, HEADER))
    expected = (
        "160102003b"  # 22 + 37 bytes
        "222222111111"
        + "00" * 11
        + "0110"
        + "4000000000808000"
        + "13"
        + "04111111111111112345"
        + "E3C5D9D4F0F0F0F1".lower()
        + "0398"
    )
    assert len(data) == int.from_bytes(data[3:5], "big")
    assert expected[10:] == data.hex()[10:]


def test_text_that_is_too_short_is_padded() -> None:
    """Fixed text is filled with blanks on the right."""
    data = DIALECTS["iso87-ascii"].build(HostMessage("0100", {41: "T1"}))
    assert data.endswith(b"T1      ")


@pytest.mark.parametrize(
    "text",
    [
        "01004000000000000000" + "20" + "4" * 20,
        "0100" + "8" + "0" * 15 + "8" + "0" * 15 + "1",
        "01000000",
    ],
)
def test_impossible_messages_are_unreadable(text: str) -> None:
    """Longer than the element may be; an element without format; no whole bitmap."""
    with pytest.raises(Unreadable):
        DIALECTS["iso87-ascii"].parse(text.encode())
