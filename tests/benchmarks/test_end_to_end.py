"""How the two gateways are compared."""

import pytest
from benchmarks.end_to_end import judge


def measured(tx_per_s=500.0, p99_ms=200.0, errors=0):
    """What the load generator says of one run, as far as it is judged."""
    return {"tx_per_s": tx_per_s, "p99_ms": p99_ms, "errors": errors}


def unmet(*, ours=(3000.0,), same=None):
    """The names of the missed thresholds, for these msggw figures against 600, 500 and 550 tx/s."""
    theirs = [measured(600.0), measured(500.0), measured(550.0)]
    rounds = {"naive": theirs, "msggw": [measured(rate) for rate in ours]}
    result = judge(rounds, measured(), same or measured(p99_ms=20.0))
    names = [threshold["name"] for threshold in result["thresholds"] if not threshold["met"]]
    assert (not names) == result["met"]
    return names


def test_five_times_the_median_is_enough():
    """The median of the naive rounds is 550, so 2,750 is exactly five times."""
    assert [] == unmet(ours=(2750.0,))
    assert ["throughput_ratio"] == unmet(ours=(2749.0,))


def test_one_lucky_round_is_not_enough():
    """Of msggw too the median counts."""
    assert ["throughput_ratio"] == unmet(ours=(1000.0, 9000.0, 1000.0))


@pytest.mark.parametrize(
    ("same", "missed"),
    [
        (measured(p99_ms=200.0), []),
        (measured(p99_ms=201.0), ["p99_ratio"]),
        (measured(tx_per_s=300.0), ["share_of_naive_rate"]),
        (measured(errors=1), ["errors"]),
        (measured(tx_per_s=0.0, p99_ms=None), ["p99_ratio", "share_of_naive_rate"]),
    ],
)
def test_same_rate(same, missed):
    """At the naive rate msggw is as fast, keeps up, and approves all; no answer is no success."""
    assert missed == unmet(same=same)
