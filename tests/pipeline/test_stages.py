import pytest
from tests.pipeline.flows import ORIGINAL, about, flow, refund

from msggw.canonical import Customer, Kind, OutcomeKind, Party, Reason, State
from msggw.pipeline import Earlier, Flow, run

REVERSALS = [Kind.REVERSAL, Kind.REVERSAL_ADVICE]
NOT_SENT = {State.ROUTED, State.HELD, State.PARKED}
ON_THE_WAY = {State.SENT, State.PENDING, State.UNKNOWN, State.APPROVED}


def test_an_ordinary_message_passes_every_stage() -> None:
    """And is routed, with one decision per stage that explains itself."""
    done = run(flow())

    effect = done.effect

    assert (State.ROUTED, "visa", "submit") == (effect.state, effect.adapter, effect.operation)
    assert done.effect.outcome is None
    assert ["duplicate", "kyc", "amount", "velocity", "sanctions", "route"] == [
        decision.stage for decision in done.decisions
    ]
    assert all(decision.passed and decision.text for decision in done.decisions)


@pytest.mark.parametrize(
    ("start", "stage", "reason"),
    [
        (flow(earlier=Earlier("txn_1", "other")), "duplicate", Reason.DUPLICATE),
        (flow(reversal="txn_1"), "original", Reason.REVERSED),
        (flow(refund("5.01", customer=Customer())), "kyc", Reason.KYC_LEVEL),
        (flow(refund("10.01")), "amount", Reason.AMOUNT_LIMIT),
        (flow(usage={"w": (1, 0)}), "velocity", Reason.FREQUENCY_LIMIT),
        (flow(refund(debtor=Party(name="Ivan Sanctionov"))), "sanctions", Reason.SCREENING),
        (flow(refund(pan="5555555555554444")), "route", Reason.NO_ROUTE),
        (about(Kind.STATUS_REQUEST, None), "original", Reason.ORIGINAL_NOT_FOUND),
        (about(Kind.CANCELLATION_REQUEST, None), "original", Reason.ORIGINAL_NOT_FOUND),
    ],
)
def test_each_stage_refuses_with_its_reason(start: Flow, stage: str, reason: Reason) -> None:
    """The flow ends there, declined, and the last decision says why."""
    done = run(start)
    last = done.decisions[-1]

    assert (stage, False, reason) == (last.stage, last.passed, last.reason)
    assert (State.DECLINED, None, reason) == (
        done.effect.state,
        done.effect.adapter,
        done.effect.outcome.reason,
    )
    assert OutcomeKind.REJECTED is done.effect.outcome.kind
    assert reason.value == last.as_dict()["reason"]


def test_a_screening_hit_is_not_told_to_the_sender() -> None:
    """The journal has the evidence, the outcome only the neutral reason."""
    done = run(flow(refund(debtor=Party(name="Ivan Sanctionov"))))

    assert done.effect.outcome.detail is None
    assert "R1" == done.decisions[-1].evidence["reference"]


def test_a_repeat_is_answered_from_the_store() -> None:
    """Nothing is stored and nothing is sent: the first transaction answers."""
    done = run(flow(earlier=Earlier("txn_1", "0" * 64)))

    assert ("txn_1", None, None) == (
        done.effect.replay,
        done.effect.adapter,
        done.effect.outcome,
    )


@pytest.mark.parametrize("kind", REVERSALS)
@pytest.mark.parametrize("state", [None, *State])
def test_a_reversal_does_what_the_state_of_its_original_asks_for(
    kind: Kind, state: State | None
) -> None:
    """Stop what was not sent, undo what may have happened, and say yes in any case."""
    effect = run(about(kind, state)).effect

    if state in ON_THE_WAY:
        assert ("visa", "reverse", ORIGINAL, None, State.ROUTED) == (
            effect.adapter,
            effect.operation,
            effect.about,
            effect.outcome,
            effect.state,
        )
    else:
        assert (State.APPROVED, None, None) == (effect.state, effect.adapter, effect.about)
        assert Reason.APPROVED is effect.outcome.reason
    assert (ORIGINAL if state in NOT_SENT else None) == effect.expire


@pytest.mark.parametrize("state", State)
def test_a_cancellation_does_what_the_state_of_its_original_allows(state: State) -> None:
    """Stop what was not sent, ask the provider for the rest; what is over stays over."""
    effect = run(about(Kind.CANCELLATION_REQUEST, state)).effect

    if state in ON_THE_WAY:
        assert ("visa", "cancel", ORIGINAL, State.ROUTED) == (
            effect.adapter,
            effect.operation,
            effect.about,
            effect.state,
        )
    elif state in NOT_SENT:
        assert (ORIGINAL, State.APPROVED) == (effect.expire, effect.state)
    else:
        assert (Reason.NO_ACTION_TAKEN, State.DECLINED) == (effect.outcome.reason, effect.state)


@pytest.mark.parametrize("state", State)
def test_a_status_request_tells_the_state(state: State) -> None:
    """Of whatever it is about; nothing moves."""
    effect = run(about(Kind.STATUS_REQUEST, state)).effect

    assert {"original_state": state.value} == effect.outcome.fields
    assert (None, None, None) == (effect.adapter, effect.expire, effect.about)


def test_a_status_request_tells_the_reason_if_it_is_known() -> None:
    """So that the answer can say why the original ended as it did."""
    start = about(Kind.STATUS_REQUEST, State.DECLINED)
    known = start.facts.original._replace(reason=Reason.AMOUNT_LIMIT)
    effect = run(start._replace(facts=start.facts._replace(original=known))).effect

    assert "amount_limit" == effect.outcome.fields["original_reason"]


@pytest.mark.parametrize("state", State)
def test_what_no_provider_knows_is_not_undone_there(state: State) -> None:
    """A status request was approved here; a reversal of it has no adapter to go to."""
    for kind in (*REVERSALS, Kind.CANCELLATION_REQUEST):
        assert run(about(kind, state, adapter="")).effect.adapter is None
