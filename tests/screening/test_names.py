import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.screening import NameHit, NameList
from msggw.screening.names import fold

LIST = NameList("demo", [("R1", "Ivan Sanctionov"), ("R2", "Blocked Trading LLC"), ("R3", "***")])


@given(st.text())
def test_folding_twice_is_folding_once(name: str) -> None:
    """The folded form is the one in which names are compared, so it is stable."""
    assert fold(name) == fold(fold(name))


@pytest.mark.parametrize(
    "name",
    [
        "Ivan Sanctionov",
        "SANCTIONOV, Ivan",
        "Iván  Sánctionov",
        "ivan_sanctionov",
        "Ivan-Sanctionov.",
    ],
)
def test_spelling_does_not_hide_a_name(name: str) -> None:
    """Accents, order, case and punctuation make no difference."""
    assert NameHit("R1", 100) == LIST.search(name)


@pytest.mark.parametrize("name", ["Ivan Petrov", "Blocked", "", "  ", "...", "***"])
def test_other_names_are_no_hits(name: str) -> None:
    """Part of a name is below the threshold, and nothing is no name."""
    assert LIST.search(name) is None


def test_the_threshold_is_the_least_score() -> None:
    """A name that is as similar as the threshold is a hit."""
    near = "Ivan Sanctionof"
    score = NameList("all", [("R1", "Ivan Sanctionov")], 0.0).search(near).score

    assert NameList("x", [("R1", "Ivan Sanctionov")], float(score)).search(near) is not None
    assert NameList("x", [("R1", "Ivan Sanctionov")], score + 1.0).search(near) is None


def test_the_version_changes_with_the_list() -> None:
    """Decisions cite it, so it says which list was in force."""
    again = NameList("other", [("R1", "IVAN sanctionov")])

    assert (3, 1) == (len(LIST), len(again))
    assert again.version == NameList("demo", [("R1", "Ivan Sanctionov")]).version != LIST.version
    assert NameList("none", []).search("Ivan Sanctionov") is None
