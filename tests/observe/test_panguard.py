import math
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import luhn
from tests.strategies import digits, pan_digits

from msggw.observe import guard, masked
from msggw.values import Pan, SecretBytes

separators = st.sampled_from(["", " ", "-", "  ", " - "])


def clear_text(value: object) -> str:
    """Everything the value shows, without what may stand between digits."""
    return re.sub(r"[ -]", "", repr(value))


@given(pan_digits(), separators, st.integers(1, 6))
def test_a_card_number_does_not_survive(number: str, separator: str, size: int) -> None:
    """However its digits are grouped."""
    groups = [number[n : n + size] for n in range(0, len(number), size)]

    assert number not in clear_text(masked(f"card {separator.join(groups)}, declined"))


@given(pan_digits(16, 16), digits(1, 5), digits(1, 5))
def test_numbers_around_it_do_not_hide_it(number: str, before: str, behind: str) -> None:
    """An amount, a count or a date next to it makes no other number of it."""
    text = f"{before} {number} {behind}"

    assert number not in masked(text)
    assert number not in clear_text(masked(f"{before}-{number[:4]} {number[4:]} {behind}"))


@given(digits(13, 19))
def test_other_numbers_are_left_alone(number: str) -> None:
    """Ids and counters stay readable if they are no card numbers."""
    assume(not luhn.is_valid(number))

    assert number == masked(number)
    assert f"a {number[:12]} b" == masked(f"a {number[:12]} b")


@given(digits(20, 40))
def test_a_longer_number_is_masked_whole(number: str) -> None:
    """A card number may stand anywhere in it: a frame of ISO 8583, say."""
    assert number[:6] + "*" * (len(number) - 10) + number[-4:] == masked(number)


def test_overlapping_candidates_are_masked_together() -> None:
    """Which of them is the card number, nobody knows."""
    # With the two zeros before it the number passes the check as well.
    assert "004761********0119" == masked("00 4761 7390 0101 0119")
    assert "1 476173******0119 x 476173******0119" == masked(
        "1 4761739001010119 x 4761739001010119"
    )


@given(st.text())
def test_masking_keeps_everything_but_digits_in_long_runs(text: str) -> None:
    """Text without 13 digits is untouched."""
    if sum(char.isascii() and char.isdigit() for char in text) < 13:
        assert text == masked(text)


@given(pan_digits(16, 16))
def test_it_is_found_in_every_kind_of_value(number: str) -> None:
    """Keys, nested values, numbers, objects and bytes."""
    event = {
        "event": f"pan {number}",
        number: 1,
        "int": int("1" + number[1:]) if number[0] == "0" else int(number),
        "list": [number, (number,), {number}, {number: [{"deep": {"deeper": [{"x": number}]}}]}],
        "bytes": number.encode(),
        "error": ValueError(number),
        "pan": Pan(number),
        "raw": SecretBytes(number.encode()),
    }
    assume(number[0] != "0")

    assert number not in repr(guard(None, "info", event))


def test_a_float_that_is_a_card_number_is_masked() -> None:
    """Some parser may have read it as one."""
    assert {"x": "476173******0119.0"} == guard(None, "", {"x": 4761739001010119.0})


def test_small_values_pass_as_they_are() -> None:
    """A log line keeps its types; hostile sizes and depths are cut."""
    event = {"a": 1, "b": 1.5, "c": None, "d": True, "e": 1234567890123, "f": {"g": [1]}}
    deep: object = 1
    for _ in range(10):
        deep = [deep]

    assert event == guard(None, "", event)
    assert {"x": "<int>"} == guard(None, "", {"x": 10**5000})
    assert {"x": [[[[[["<list>"]]]]]]} == guard(None, "", {"x": deep})
    assert math.isinf(guard(None, "", {"x": math.inf})["x"])


@pytest.mark.parametrize("value", [b"abc", bytearray(b"abc")])
def test_bytes_show_their_size(value: bytes) -> None:
    """What they hold, nobody knows."""
    assert {"x": "<3 bytes>"} == guard(None, "", {"x": value})
