"""A small mapping of an invented message, for the laws of the engine."""

from datetime import UTC, datetime

from msggw.errors import Refused, Rule
from msggw.translate import TEXT, Context, Iso, Table, code_table, group, row, simple

CONTEXT = Context(datetime(2026, 11, 20, tzinfo=UTC))


def number(text):
    """Read digits; anything else is refused."""
    if not (isinstance(text, str) and text.isascii() and text.isdigit()):
        raise Refused.of("value", "number", Rule.CLASS, "digits")
    return int(text)


def unknown(name):
    """Refuse a code."""
    return Refused.of("value", name, Rule.UNKNOWN, "a known code")


def write_number(value):
    """Write a whole number; a negative one has no place in the message."""
    if value < 0:
        raise Refused.of("value", "number", Rule.VALUE, "not negative")
    return str(value)


NUMBER = Iso("number", lambda v, _: number(v[0]), lambda v, _: (write_number(v),), lexical=True)
"""Lexical: `7` and `007` are one number."""
PLACE = Iso(
    "place",
    lambda v, _: v[0] if v[0] is not None else v[1],
    lambda v, _: (v, None),
    lexical=True,
)
PAIR = Iso("pair", lambda v, _: f"{v[0]}+{v[1]}", lambda v, _: tuple(v.split("+")))
COLOUR = code_table("colour", {"R": "red", "G": "green"}, unknown)
STRICT = simple("strict", number, str)

TABLE = Table(
    "demo",
    "foreign",
    (
        row("id", path="id", iso=TEXT, clause="1", mandatory=True),
        row("number", path="deep.number", iso=NUMBER, clause="2"),
        row("here?", "there?", path="place", iso=PLACE, clause="3"),
        row("left", "right", path="pair", iso=PAIR, clause="4"),
        row("colour", path="colour", iso=COLOUR, clause="5"),
        row("note[]", path="notes[]", iso=TEXT, clause="6", limit=2),
        group(
            "fee{}",
            path="fees",
            rows=(
                row("amount", path="amount", iso=NUMBER, clause="7", mandatory=True),
                row("line[]", path="lines[]", iso=TEXT, clause="8"),
                group("part[]", path="parts", rows=(row("x", path="x", iso=TEXT, clause="9"),)),
            ),
            limit=2,
        ),
    ),
    constants={"type": "demo"},
    canonical={"kind": "demo", "about.message": "demo"},
    prefix="/",
)
