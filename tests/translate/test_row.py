"""Rows and groups."""

from msggw.translate import TEXT, row
from msggw.translate.row import REPEAT_MAX, at


def test_a_question_mark_makes_a_source_optional():
    """The mark is notation; the row has the plain name and remembers it."""
    made = row("a", "b?", path="c", iso=TEXT, clause="d")

    assert (("a", "b"), ("b",), REPEAT_MAX) == (made.sources, made.derived, made.limit)


def test_numbers_go_where_the_marks_are():
    """`[]` becomes a number in brackets, `{}` a number in the name."""
    assert "a[3]/b[]" == at("a[]/b[]", 3)
    assert "Agt2" == at("Agt{}", 2)
