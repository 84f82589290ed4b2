import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.errors import (
    ConfigurationError,
    Conflict,
    Fault,
    GatewayError,
    Location,
    Refused,
    Rule,
    Unavailable,
    Unroutable,
)

locations = st.builds(
    Location, st.text(), st.text(), st.none() | st.integers(0), st.none() | st.integers(0)
)
faults = st.builds(Fault, locations, st.sampled_from(Rule), st.text())


@pytest.mark.parametrize("kind", [ConfigurationError, Unavailable, Unroutable, Conflict])
def test_our_errors_are_gateway_errors_and_theirs_are_not(kind: type[Exception]) -> None:
    """Whose fault it is can be told by the type alone."""
    assert issubclass(kind, GatewayError)
    assert not issubclass(kind, Refused)
    assert not issubclass(Refused, GatewayError)


def test_what_has_no_queue_is_unavailable() -> None:
    """Who handles an absent broker handles an absent queue too."""
    assert issubclass(Unroutable, Unavailable)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (Location("json"), "json:"),
        (Location("json", "/a"), "json:/a"),
        (Location("iso8583", "DE4", offset=0), "iso8583:DE4@0"),
        (Location("iso20022", "/D", line=41), "iso20022:/D line 41"),
        (Location("iso20022", "/D", 7, 41), "iso20022:/D@7 line 41"),
    ],
)
def test_a_location_is_one_line(location: Location, shown: str) -> None:
    """Offset and line are shown if they are known, and zero is known."""
    assert shown == str(location)


@given(faults)
def test_a_fault_in_json_says_what_the_fault_says(fault: Fault) -> None:
    """Place, rule and detail are there; offset and line exactly if they are known."""
    shown = fault.as_dict()

    assert str(fault.where) == shown["where"]
    assert (fault.where.path, fault.rule.value, fault.detail) == (
        shown["path"],
        shown["rule"],
        shown["detail"],
    )
    assert (fault.where.offset, fault.where.line) == (shown.get("offset"), shown.get("line"))


@given(st.lists(faults, min_size=1, max_size=5))
def test_a_refusal_keeps_all_faults_in_order(found: list[Fault]) -> None:
    """However they are read: as a tuple, by iteration, in the text."""
    refusal = Refused(*found)

    assert tuple(found) == refusal.faults
    assert found == list(refusal)
    assert "; ".join(map(str, found)) == str(refusal)


def test_a_refusal_without_a_fault_is_a_bug() -> None:
    """There would be nothing to answer."""
    with pytest.raises(TypeError, match="at least one fault"):
        Refused()


def test_raise_if_raises_exactly_if_there_is_a_fault() -> None:
    """So that a list of checks ends in one line."""
    fault = Fault(Location("json"), Rule.VALUE, "wrong")

    Refused.raise_if([])
    with pytest.raises(Refused) as caught:
        Refused.raise_if(iter([fault, fault]))

    assert (fault, fault) == caught.value.faults


def test_of_makes_one_fault() -> None:
    """The short form for a single broken rule."""
    expected = (Fault(Location("json", "/a"), Rule.LIMIT, "at most 3"),)

    assert expected == Refused.of("json", "/a", Rule.LIMIT, "at most 3").faults


def test_a_refusal_travels_between_processes() -> None:
    """A pool of workers pickles what it raises."""
    refusal = Refused.of("json", "/a", Rule.LIMIT, "at most 3")

    assert refusal.faults == pickle.loads(pickle.dumps(refusal)).faults  # noqa: S301 - our own bytes
