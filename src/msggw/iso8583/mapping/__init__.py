"""ISO 8583:1987 messages and the canonical transaction, by tables read both ways."""

from msggw.iso8583.mapping.answers import respond, response_code
from msggw.iso8583.mapping.reading import to_canonical
from msggw.iso8583.mapping.reversals import reversal_message
from msggw.iso8583.mapping.tables import TABLES
from msggw.iso8583.mapping.writing import from_canonical, losses

__all__ = [
    "TABLES",
    "from_canonical",
    "losses",
    "respond",
    "response_code",
    "reversal_message",
    "to_canonical",
]
