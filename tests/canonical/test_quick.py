"""`msggw.canonical.quick`: the quick ways make what pydantic's own ways make."""

from __future__ import annotations

import pytest

from msggw.canonical import Card, Outcome, OutcomeKind, Reason, SealedPan
from msggw.canonical.quick import assemble, evolve


def test_evolve_is_model_copy() -> None:
    """A copy with other values is equal to pydantic's, and the model it came from is untouched."""
    outcome = Outcome(kind=OutcomeKind.ACCEPTED, reason=Reason.APPROVED)

    changed = evolve(outcome, {"provider": "bogus"})

    assert outcome.model_copy(update={"provider": "bogus"}) == changed
    assert {"kind", "reason", "provider"} == changed.model_fields_set
    assert outcome.provider is None


def test_assemble_is_a_model() -> None:
    """What is assembled is equal to the validated model, and dumps like it."""
    parts = {"token": "0" * 32, "first6": "411111", "last4": "1111", "sealed": "A" * 16}

    made = assemble(SealedPan, dict(parts))

    assert SealedPan(**parts) == made
    assert SealedPan(**parts).model_dump_json() == made.model_dump_json()


def test_what_is_made_is_frozen() -> None:
    """The quick ways make no model that could be changed."""
    card = evolve(Card(), {"expiry": "2028-12"})

    with pytest.raises(ValueError, match="frozen"):
        card.expiry = "2029-12"
