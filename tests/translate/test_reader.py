"""Reading details that the laws do not single out."""

from tests.translate.tables import CONTEXT, PAIR

from msggw.translate import TEXT, Table, row
from msggw.translate.reader import set_path


def test_a_row_needs_its_required_sources():
    """Half of a pair claims nothing and stays in the residue."""
    table = Table("t", "s", (row("a", "b", path="p", iso=PAIR, clause="c"),))

    reading = table.get({"a": "1"}, CONTEXT)

    assert ({}, {"a": "1"}) == (reading.values, reading.residue)


def test_an_optional_first_source_may_be_absent():
    """A row whose first source is optional is read from the others."""
    second = row(
        "a?",
        "b",
        path="p",
        iso=TEXT.__class__("b", lambda v, _: v[1], lambda v, _: (None, v)),
        clause="c",
    )

    assert {"p": "2"} == Table("t", "s", (second,)).get({"b": "2"}, CONTEXT).values


def test_set_path_makes_what_is_missing():
    """Dictionaries on the way are made, existing ones are kept."""
    values = {"a": {"b": 1}}
    set_path(values, "a.c.d", 2)

    assert {"a": {"b": 1, "c": {"d": 2}}} == values
