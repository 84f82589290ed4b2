from __future__ import annotations

import pytest

from msggw.adapter.answers import SOFT, not_sent, read_settings, rejected, unknown
from msggw.adapter.bogus import Settings
from msggw.canonical import OutcomeKind, Reason
from msggw.errors import ConfigurationError


@pytest.mark.parametrize("reason", list(Reason))
def test_only_refusals_by_a_system_may_be_retried(reason: Reason) -> None:
    """A refusal is soft exactly if its reason is in the table."""
    assert rejected(reason).may_retry == (reason in SOFT)


def test_the_customers_own_refusals_are_hard() -> None:
    """Want of funds is nothing another route could cure."""
    assert Reason.INSUFFICIENT_FUNDS not in SOFT


def test_not_sent_may_be_retried_and_unknown_not() -> None:
    """The two doubtful-looking outcomes differ in what may be done next."""
    assert (OutcomeKind.NOT_SENT, True) == (not_sent("x").kind, not_sent("x").may_retry)
    doubt = unknown(Reason.TIMED_OUT, "x")
    assert (OutcomeKind.UNKNOWN, False) == (doubt.kind, doubt.may_retry)


def test_wrong_settings_are_all_named() -> None:
    """Every wrong setting is named with its adapter, and no value is quoted."""
    with pytest.raises(ConfigurationError) as error:
        read_settings(Settings, "x", {"late_s": -1, "colour": "crimson"})
    text = str(error.value)
    assert ("adapters.x:/late_s" in text, "adapters.x:/colour" in text) == (True, True)
    assert "crimson" not in text
