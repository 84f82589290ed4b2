from __future__ import annotations

import pytest

from msggw.sandbox.faults import RULES_MAX, FaultPlan, Request

BUY = Request("authorise", 10_00, "1111", "626400000001")


def test_a_rule_wins_over_the_digits() -> None:
    """`none` protects what it matches."""
    plan = FaultPlan(lambda: 0.0)
    lost = Request("authorise", 10_68)
    assert plan.choose(lost).kind == "timeout_after"
    plan.add({"fault": "none", "amount_minor": 1068})
    assert plan.choose(lost) is None


def test_without_triggers_amounts_mean_nothing() -> None:
    """A load test must be able to use any amount."""
    assert FaultPlan(lambda: 0.0, triggers=False).choose(Request("authorise", 10_68)) is None


def test_link_operations_must_be_named() -> None:
    """A rule about payments does not disturb sign-on."""
    plan = FaultPlan(lambda: 0.0)
    plan.add({"fault": "decline", "code": "05"})
    assert plan.choose(Request("sign_on", 0)) is None
    plan.add({"fault": "decline", "code": "05", "operation": "sign_on"})
    assert plan.choose(Request("sign_on", 0)).code == "05"


@pytest.mark.parametrize(
    ("matcher", "matches"),
    [
        ({"operation": "authorise"}, True),
        ({"operation": "reverse"}, False),
        ({"amount_minor": 1000}, True),
        ({"amount_minor": 1}, False),
        ({"pan_suffix": "11"}, True),
        ({"pan_suffix": "12"}, False),
        ({"reference": "^6264.*1$"}, True),
        ({"reference": "^7"}, False),
        ({"probability": 0.6}, True),
        ({"probability": 0.4}, False),
    ],
)
def test_matchers(matcher: dict, matches: bool) -> None:
    """Each matcher alone decides; chance is half here."""
    plan = FaultPlan(lambda: 0.5)
    plan.add({"fault": "duplicate", **matcher})
    assert (plan.choose(BUY) is not None) == matches


def test_nth_and_times() -> None:
    """The nth match only, or so many times."""
    plan = FaultPlan(lambda: 0.5)
    plan.add({"fault": "duplicate", "nth": 2})
    assert [plan.choose(BUY) is not None for _ in range(3)] == [False, True, False]
    plan.clear()
    plan.add({"fault": "duplicate", "times": 2})
    assert [plan.choose(BUY) is not None for _ in range(3)] == [True, True, False]
    assert len(plan.as_dict()["happened"]) == 3


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"fault": "gremlin"},
        {"fault": "late", "ms": "soon"},
        {"fault": "late", "nth": True},
        {"fault": "late", "colour": "red"},
        {"fault": "late", "reference": "("},
        {"fault": "late", "operation": "dance"},
        {"fault": ["late"]},
        {"fault": "http", "code": "AM04"},
    ],
)
def test_wrong_rules_are_refused(rule: dict) -> None:
    """The error says what a rule may be."""
    with pytest.raises(ValueError, match=r".+"):
        FaultPlan(lambda: 0.5).add(rule)


def test_rules_are_bounded() -> None:
    """A runaway test cannot fill the memory."""
    plan = FaultPlan(lambda: 0.5)
    for _ in range(RULES_MAX):
        plan.add({"fault": "none"})
    with pytest.raises(ValueError, match="at most"):
        plan.add({"fault": "none"})


def test_the_partial_amount_may_be_given() -> None:
    """`approve_minor` is what is approved."""
    plan = FaultPlan(lambda: 0.5)
    plan.add({"fault": "partial_approval", "approve_minor": 7})
    assert plan.choose(BUY).amount_minor == 7
