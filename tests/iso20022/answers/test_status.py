"""Statuses of transactions."""

import pytest

from msggw.canonical import Reason, State, answer_for
from msggw.iso20022 import Status, status_of
from msggw.iso20022.answers.status import information, reason_code


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reason", Reason)
def test_every_state_and_reason_has_a_status(state, reason):
    """Only a certain no is a rejection, only a certain yes is a settlement."""
    status = status_of(state, reason)

    assert (status.code == "RJCT") == (state in {State.DECLINED, State.EXPIRED, State.REVERSED})
    assert state is State.APPROVED or status.code in {"RJCT", "PDNG"}


def test_approved_is_settled():
    """The ordinary yes, and a partial one."""
    assert Status("ACSC") == status_of(State.APPROVED, Reason.APPROVED)
    assert Status("ACWC") == status_of(State.APPROVED, Reason.APPROVED_PARTIAL)
    assert Status("ACSC") == status_of(State.APPROVED, Reason.DUPLICATE)


@pytest.mark.parametrize("reason", Reason)
def test_a_narrative_reason_has_its_narrative(reason):
    """ISO StatusReasonRule: NARR never stands alone, and no line is too long."""
    status = Status("RJCT", reason)

    assert (answer_for(reason).iso20022 or None) == reason_code(status)
    assert (reason_code(status) == "NARR") <= bool(information(status))


def test_details_are_bounded():
    """A line has 105 characters at most; empty ones are dropped."""
    assert ("x" * 105,) == information(Status("RJCT", Reason.ERROR, ("x" * 200, "", " \n", "\x00")))
    assert () == information(Status("PDNG"))
    assert reason_code(Status("PDNG")) is None
