"""Years and centuries inferred from a reference instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.iso8583.mapping.dates import century_of, nearest_date, nearest_instant

ALMATY = timezone(timedelta(hours=5))
instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 - given its zone below
    max_value=datetime(2170, 1, 1),  # noqa: DTZ001 - as above
).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


@given(instants, st.timedeltas(timedelta(days=-182), timedelta(days=182)))
def test_an_instant_within_half_a_year_is_found(now, away):
    """Whatever instant is less than half a year away is read with its own year."""
    at = (now + away).replace(microsecond=0)

    assert at == nearest_instant(at.strftime("%m%d%H%M%S"), now)


@given(instants, st.timedeltas(timedelta(days=-182), timedelta(days=182)))
def test_a_day_within_half_a_year_is_found(now, away):
    """Whatever day is less than half a year away is read with its own year."""
    day = (now + away).date()

    assert day == nearest_date(day.strftime("%m%d"), now)


@pytest.mark.parametrize(
    ("text", "now", "expected"),
    [
        ("1231235959", datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC), 2026),
        ("0101000001", datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 2027),
        ("0229120000", datetime(2027, 12, 31, tzinfo=UTC), 2028),
        ("0229120000", datetime(2029, 1, 2, tzinfo=UTC), 2028),
        ("0101030000", datetime(2027, 1, 1, 4, 0, tzinfo=ALMATY), 2027),
    ],
)
def test_the_year_turns_where_the_calendar_does(text, now, expected):
    """Around New Year and on a leap day the nearest year is taken, in either direction."""
    assert expected == nearest_instant(text, now).year


@pytest.mark.parametrize("text", ["0229120000", "1301000000", "0031000000", "0101240000"])
def test_an_instant_that_does_not_exist_is_none(text):
    """No leap day near, a thirteenth month, day zero or hour 24: nothing is invented."""
    assert nearest_instant(text, datetime(2026, 7, 1, tzinfo=UTC)) is None


def test_the_local_day_may_be_ahead_of_utc():
    """On New Year's Eve in UTC it is already January in Almaty."""
    now = datetime(2026, 12, 31, 20, 0, tzinfo=UTC)

    assert date(2027, 1, 1) == nearest_date("0101", now)
    assert date(2027, 1, 1) == nearest_date("0101", now.astimezone(ALMATY))
    assert nearest_date("0231", now) is None


@pytest.mark.parametrize(
    ("year", "now", "expected"),
    [(28, 2026, 2028), (76, 2026, 2076), (77, 2026, 1977), (99, 2026, 1999), (1, 2099, 2101)],
)
def test_a_century_is_the_nearest_one(year, now, expected):
    """Two digits are one of the hundred years around now."""
    assert expected == century_of(year, datetime(now, 1, 1, tzinfo=UTC))


@given(st.integers(100, 9800), st.integers(0, 99))
def test_a_century_keeps_its_digits(now, year):
    """The year found ends in the two digits, from 49 years back to 50 ahead."""
    found = century_of(year, datetime(now, 1, 1, tzinfo=UTC))

    assert year == found % 100
    assert -50 < found - now <= 50
