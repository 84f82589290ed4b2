import contextlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from msggw import resources
from msggw.canonical import Kind
from msggw.errors import Refused
from msggw.screening import NameList, Rulebook
from msggw.values import Asset, Money

NAMES = NameList("none", [])
LIMIT = {"name": "a", "max": {"KZT": "10.00"}}
WINDOW = {"name": "w", "window_s": 60, "count_max": 3}
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "amounts", "kyc", "windows", "name", "kinds", "max", "x"]),
            inner,
        )
    ),
)


def test_the_default_rules_load() -> None:
    """They hold for what they name, in minor units."""
    data = yaml.safe_load(resources.find("specs/rules/default.yaml").read_text("utf-8"))
    book = Rulebook.build(data, NAMES)

    assert 500_000_000 == book.amounts[0].maximum(Money.parse("1", "KZT"))
    assert 1_500_000 == book.amounts[0].maximum(Money.parse("1", "JPY"))
    assert book.amounts[0].maximum(Money(1, Asset("ETH", 18))) is None
    assert [0, 1, 2] == [limit.kyc_level for limit in book.kyc]
    assert "one-hour" == book.windows[0].name


def test_without_kinds_a_rule_holds_for_all() -> None:
    """As with the star; a numeric currency code means its currency."""
    rules = [LIMIT, LIMIT | {"kinds": "*"}, LIMIT | {"max": {"398": "10"}, "kinds": ["refund"]}]
    book = Rulebook.build({"version": 1, "amounts": rules}, NAMES)

    assert [frozenset(Kind), frozenset(Kind), {Kind.REFUND}] == [x.kinds for x in book.amounts]
    assert {"KZT": 1000} == book.amounts[2].maxima
    assert "1" == book.version


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"version": 1, "amount": []},
        {"version": 1, "amounts": None},
        {"version": 1, "amounts": [None]},
        {"version": 1, "amounts": [{"max": {}}]},
        {"version": 1, "amounts": [LIMIT | {"max": {"KZT": 10.5}}]},
        {"version": 1, "amounts": [LIMIT | {"max": {"KZT": "10.555"}}]},
        {"version": 1, "amounts": [LIMIT | {"max": {"ZZZ": "10"}}]},
        {"version": 1, "amounts": [LIMIT | {"max": "10"}]},
        {"version": 1, "amounts": [LIMIT | {"kind": ["refund"]}]},
        {"version": 1, "amounts": [LIMIT | {"kinds": ["gift"]}]},
        {"version": 1, "amounts": [LIMIT | {"kinds": None}]},
        {"version": 1, "amounts": [LIMIT | {"kyc_level": 1}]},
        {"version": 1, "kyc": [LIMIT]},
        {"version": 1, "kyc": [LIMIT | {"kyc_level": "1"}]},
        {"version": 1, "windows": [WINDOW | {"window_s": 0}]},
        {"version": 1, "windows": [WINDOW | {"count_max": 1.5}]},
        {"version": 1, "windows": [WINDOW | {"amount_maxx": {}}]},
        {"version": 1, "windows": [{"name": "w"}]},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(data: object) -> None:
    """A rule that silently does not hold is worse than none."""
    with pytest.raises(Refused):
        Rulebook.build(data, NAMES)


@given(junk)
def test_garbage_is_only_ever_refused(data: object) -> None:
    """Whatever the file holds, a rulebook or a refusal comes out."""
    with contextlib.suppress(Refused):
        Rulebook.build(data, NAMES)
