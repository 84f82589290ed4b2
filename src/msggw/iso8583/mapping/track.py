"""The card number that a track holds, ISO/IEC 7813: it stands before the separator."""

from __future__ import annotations

import re

from msggw.values import Pan, Track1, Track2
from msggw.values.reveal import reveal

__all__ = ["pan_of_tracks"]

_TRACK2 = re.compile(r";?([0-9]{8,19})[=Dd]")
_TRACK1 = re.compile(r"%?[A-Z]([0-9]{8,19})\^")


def pan_of_tracks(track2: object, track1: object) -> Pan | None:
    """Return the card number of track 2, else of track 1; None if neither shows one."""
    found = None
    if isinstance(track2, Track2):
        found = _TRACK2.match(reveal(track2))
    if found is None and isinstance(track1, Track1):
        found = _TRACK1.match(reveal(track1))
    return None if found is None else Pan(found[1])
