"""What a message must have for us to act on it: less than the standard's table, as acquirers send.

| messages | needed |
|---|---|
| all | DE 11 |
| 0100, 0200 | DE 4 and 49, DE 2 or a track |
| 0120, 0220, 04xx | DE 4 and 49 |

An inquiry (DE 3 starting with 3) moves no money and may do without DE 4 and 49.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.errors import Fault, Location, Rule

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

__all__ = ["missing_canonical", "missing_elements"]

_PATHS = {"11": "references.stan", "4": "amount", "49": "amount", "2": "card.pan"}
_CARD = ("2", "35", "45")
_MONEY_CLASSES = "124"
_CARD_FUNCTIONS = ("10", "20")


def missing_elements(mti: str, fields: Mapping[str, object]) -> list[Fault]:
    """Name the data elements that a received message lacks."""
    return [
        Fault(Location("iso8583", f"DE{number}"), Rule.MISSING, f"{mti} needs it: {clause}")
        for number, clause in _missing(mti, fields, fields.get("3"))
    ]


def missing_canonical(mti: str, fields: Mapping[str, object]) -> list[Fault]:
    """Name the parts of a transaction without which its message cannot be written."""
    paths = {_PATHS[number]: clause for number, clause in _missing(mti, fields, fields.get("3"))}
    return [
        Fault(Location("canonical", path), Rule.MISSING, f"{mti} needs it: {clause}")
        for path, clause in paths.items()
    ]


def _missing(mti: str, fields: Container[str], processing: object) -> Iterator[tuple[str, str]]:
    function = mti[1:3]
    if function in _CARD_FUNCTIONS and not any(number in fields for number in _CARD):
        yield "2", "ISO 8583:1987 DE 2 or DE 35"
    inquiry = isinstance(processing, str) and processing.startswith("3")
    if function[0] in _MONEY_CLASSES and not inquiry:
        for number in ("4", "49"):
            if number not in fields:
                yield number, f"ISO 8583:1987 DE {number}"
    if "11" not in fields:
        yield "11", "ISO 8583:1987 DE 11"
