"""Message types in words."""

from __future__ import annotations

from msggw.iso8583.mti import CLASSES, all_mtis, message_class


def test_message_class():
    """Every type of the standard has a class; other digits have none."""
    assert set(CLASSES.values()) == {message_class(mti) for mti in all_mtis()}
    assert ("authorisation", "", "") == tuple(map(message_class, ("0110", "0900", "0")))
