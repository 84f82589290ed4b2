import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from tests.pipeline.flows import flow
from tests.strategies import secret_transactions

from msggw.canonical import Transaction
from msggw.pipeline import run

# `msggw.pipeline.run` is the function; its module has the same name.
pipeline_run = sys.modules["msggw.pipeline.run"]


@given(secret_transactions)
def test_every_flow_ends_the_same_way_twice(transaction: Transaction) -> None:
    """The pipeline is pure: what it decides depends on nothing but the flow."""
    start = flow(transaction)
    done = run(start)

    assert done.ended
    assert done == run(start)
    effect = done.effect
    assert [bool(effect.replay), effect.outcome is not None, effect.adapter is not None].count(
        True
    ) == 1


def test_a_last_stage_that_does_not_end_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found at once, not by a sender who waits."""
    stages: tuple[Callable, ...] = (lambda flow: flow,)
    monkeypatch.setattr(pipeline_run, "STAGES", stages)

    with pytest.raises(AssertionError, match="must end"):
        run(flow())
