"""The field book: specs are checked, printed and compared."""

from __future__ import annotations

import pytest
from tests.iso8583.strategies import CODECS, DIALECTS

from msggw.errors import Rule
from msggw.iso8583.specbook import Difference, book, differences, lint


@pytest.mark.parametrize("name", DIALECTS)
def test_shipped_specs_are_clean(name):
    """No shipped spec has a fault or leaves card data unmasked."""
    assert () == lint(name)


def test_missing_masks_are_found(tmp_path):
    """A spec that unmasks a card number is no clean spec; a broken one tells its faults."""
    path = tmp_path / "x.yaml"
    path.write_text("name: x\ntitle: x\nextends: iso87-ascii\nfields:\n  2: {sensitivity: none}\n")
    (one,) = lint(path)
    assert (Rule.SECURITY, "fields.2.sensitivity") == (one.rule, one.where.path)
    path.write_text("name: x\n")
    assert lint(path)


def test_book_and_differences():
    """Every element and part has its line; only what differs is a difference."""
    rows = {path: rest for path, *rest in book(CODECS["visa-base1"].spec)}
    assert ["n 15", "bcd", "none", "Transaction identifier"] == rows["62.2"]
    ascii_, demo = CODECS["iso87-ascii"].spec, CODECS["demo-acquirer"].spec
    assert (Difference("49", "an 3, ascii", "n 3, ascii"),) == differences(ascii_, demo)
