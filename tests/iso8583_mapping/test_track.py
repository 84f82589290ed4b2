"""Card numbers in tracks."""

from __future__ import annotations

import pytest

from msggw.iso8583.mapping.track import pan_of_tracks
from msggw.values import Pan, Track1, Track2

PAN = "4111111111111111"


@pytest.mark.parametrize(
    ("track2", "track1", "found"),
    [
        (f"{PAN}=28122010000", None, True),
        (f"{PAN}D28122010000", None, True),
        (f";{PAN}=2812?", None, True),
        (f"{PAN}=", None, True),
        (None, f"B{PAN}^DOE/JANE^2812201", True),
        (None, f"%B{PAN}^DOE/JANE^2812201?", True),
        ("123=2812", f"B{PAN}^DOE/JANE^2812201", True),
        ("123=2812", None, False),
        (None, "no card", False),
        (None, None, False),
    ],
)
def test_the_number_stands_before_the_separator(track2, track1, found):
    """Both separators and optional sentinels are read; other forms show nothing."""
    tracks = (track2 and Track2(track2), track1 and Track1(track1))

    assert (Pan(PAN) if found else None) == pan_of_tracks(*tracks)
