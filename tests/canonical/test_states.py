from pathlib import Path

import pytest
from tools import publish_specs

from msggw.canonical import FINAL, TRANSITIONS, Event, State, after
from msggw.errors import Conflict


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_only_rows_of_the_table_move(state: State, event: Event) -> None:
    """Every pair of state and event either has a row or is a conflict."""
    if (state, event) in TRANSITIONS:
        assert TRANSITIONS[state, event] is after(state, event)
    else:
        with pytest.raises(Conflict, match=f"{state} cannot {event}"):
            after(state, event)


def test_every_state_is_reached_from_the_first() -> None:
    """There is no row that nobody can get to."""
    reached, before = {State.RECEIVED}, set()
    while reached != before:
        before = set(reached)
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in before}

    assert set(State) == reached


def test_exactly_the_final_states_have_no_way_out() -> None:
    """No transaction gets stuck, and what is over stays over."""
    assert set(State) - {state for state, _ in TRANSITIONS} == FINAL


def test_every_event_moves_something() -> None:
    """An event without a row would be dead."""
    assert set(Event) == {event for _, event in TRANSITIONS}


def test_sent_is_never_routed_again_but_by_certainty() -> None:
    """Only "not sent" leads back: a doubt never sends money twice."""
    back = {key for key, to in TRANSITIONS.items() if to is State.ROUTED and key[0] is State.SENT}

    assert {(State.SENT, Event.NOT_SENT)} == back
    assert State.ROUTED not in {to for (s, _), to in TRANSITIONS.items() if s is State.UNKNOWN}


def test_the_diagram_is_fresh() -> None:
    """`docs/states.md` is written from the table: run tools/publish_specs.py."""
    text = (Path(__file__).parents[2] / "docs" / "states.md").read_text("utf-8")

    assert publish_specs.states_page() == text
    assert len(TRANSITIONS) + 1 + len(FINAL) == text.count(" --> ")
