"""Dates without a year, or without a century, read as the nearest ones to a reference instant.

ISO 8583:1987 DE 7, 13, 15, 16 and 17 carry no year and DE 14 no century. What a sender means on
the first of January by `1231` is yesterday. So a date is looked for in the year of the reference
instant and in both its neighbours, and the nearest one is taken; 29 February exists only if one of
these is a leap year. A two-digit year is one of the hundred years around the reference.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

__all__ = ["century_of", "nearest_date", "nearest_instant"]

_CENTURY = 100
_HALF = 50


def nearest_instant(text: str, now: datetime) -> datetime | None:
    """Read MMDDhhmmss in UTC; None if no such instant exists. `now` is aware."""
    month, day, hour, minute, second = (int(text[i : i + 2]) for i in range(0, 10, 2))
    found = []
    for year in (now.year - 1, now.year, now.year + 1):
        try:
            found.append(datetime(year, month, day, hour, minute, second, tzinfo=UTC))
        except ValueError:
            continue
    return min(found, key=lambda instant: abs(instant - now), default=None)


def nearest_date(text: str, now: datetime) -> date | None:
    """Read MMDD; None if no such day exists. `now` is aware."""
    today = now.astimezone(UTC).date()
    found = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            found.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    return min(found, key=lambda day: abs(day - today), default=None)


def century_of(year: int, now: datetime) -> int:
    """Return the full year that ends in these two digits: 49 years back to 50 years ahead."""
    found = now.year - now.year % _CENTURY + year
    if found - now.year > _HALF:
        return found - _CENTURY
    if now.year - found >= _HALF:
        return found + _CENTURY
    return found
