"""Encodings: what the cells allow is read and written back; a value of the other type is not."""

from __future__ import annotations

import pytest

from msggw.iso8583 import encoding
from msggw.iso8583.encoding.text import CHARSETS

BYTES = {"binary", "hex", "hex-ebcdic"}


@pytest.mark.parametrize("name", encoding.NAMES)
def test_the_other_type_is_refused(name):
    """Text encodings write no bytes, and byte encodings no text, even if it looks like digits."""
    kind, wrong = ("b", "12") if name in BYTES else ("n", b"12")
    with pytest.raises(ValueError, match="expected"):
        encoding.of(name).write(wrong, 2, kind)


@pytest.mark.parametrize("name", CHARSETS)
@pytest.mark.parametrize("kind", ["an", "ans", "n"])
def test_what_the_cells_allow_comes_back(name, kind):
    """Every allowed byte of every charset is read as a character, and written as itself."""
    charset = encoding.of(name)
    ((allowed, count),) = charset.cells(kind, 1, frozenset())

    assert 1 == count
    assert [bytes([code]) for code in allowed] == [
        charset.write(charset.read(bytes([code]), 1, kind), 1, kind) for code in allowed
    ]


@pytest.mark.parametrize("name", ["cp1251", "cp866", "kz1048"])
def test_national_letters_pass_in_text_only(name):
    """Cyrillic is text where the charset has it, and never a digit."""
    charset = encoding.of(name)
    letter = charset.write("Ж", 1, "ans")

    assert letter in charset.cells("ans", 1, frozenset())[0][0]
    assert letter not in charset.cells("n", 1, frozenset())[0][0]


def test_a_code_point_without_a_character_is_not_allowed():
    """Windows-1251 leaves 98h unassigned, so no field may hold it."""
    ((allowed, _),) = encoding.of("cp1251").cells("ans", 1, frozenset(("high-bytes",)))

    assert 0x98 not in allowed
