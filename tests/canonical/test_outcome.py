import pytest

from msggw.canonical import Outcome, OutcomeKind, Reason


@pytest.mark.parametrize("kind", OutcomeKind)
@pytest.mark.parametrize("soft", [True, False])
def test_only_certain_failures_are_tried_again(kind: OutcomeKind, soft: bool) -> None:
    """What was not sent, and a soft refusal; a doubt never."""
    outcome = Outcome(kind=kind, reason=Reason.ERROR, soft=soft)
    expected = kind is OutcomeKind.NOT_SENT or (kind is OutcomeKind.REJECTED and soft)

    assert expected == outcome.may_retry
    assert outcome == Outcome.model_validate_json(outcome.model_dump_json(exclude_defaults=True))
