import pytest
from tests.pipeline.flows import flow

from msggw.canonical import Event, State
from msggw.errors import Conflict
from msggw.pipeline import Decision


def test_a_flow_moves_by_the_table_only() -> None:
    """And never changes: each step is a new flow."""
    start = flow()

    assert State.SCREENED is start.moved(Event.SCREEN).effect.state
    assert State.RECEIVED is start.effect.state
    with pytest.raises(Conflict):
        start.moved(Event.SEND)


def test_a_refusal_needs_a_reason() -> None:
    """The sender must be answered something."""
    with pytest.raises(ValueError, match="needs a reason"):
        flow().refused(Decision("x", passed=False, text="no"))


def test_a_decision_in_json_has_no_empty_parts() -> None:
    """Stage, result and text always; reason and evidence if there are any."""
    bare = Decision("x", passed=True, text="yes")

    assert {"stage": "x", "passed": True, "text": "yes"} == bare.as_dict()
    assert {"n": 1} == bare._replace(evidence={"n": 1}).as_dict()["evidence"]
