"""What a message must have."""

from __future__ import annotations

import pytest

from msggw.iso8583.mapping.needs import missing_canonical, missing_elements


def paths(faults) -> list[str]:
    """Return the places of faults."""
    return [fault.where.path for fault in faults]


@pytest.mark.parametrize(
    ("mti", "fields", "expected"),
    [
        ("0100", {}, ["DE2", "DE4", "DE49", "DE11"]),
        ("0200", {"45": "", "3": "000000"}, ["DE4", "DE49", "DE11"]),
        ("0200", {"35": "", "3": "301000", "11": ""}, []),
        ("0120", {"4": ""}, ["DE49", "DE11"]),
        ("0421", {"11": ""}, ["DE4", "DE49"]),
        ("0800", {}, ["DE11"]),
    ],
)
def test_classes_need_their_elements(mti, fields, expected):
    """Each class of messages has its own list."""
    assert expected == paths(missing_elements(mti, fields))


def test_canonical_paths_are_named_once():
    """An amount is two elements and one path."""
    assert ["card.pan", "amount", "references.stan"] == paths(missing_canonical("0100", {}))
