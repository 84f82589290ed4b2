"""What no row claims, kept as text so that a message of one dialect goes back byte for byte.

Keys are data element numbers, and `form:…` for facts of the wire that no data element holds:

| key | what it keeps |
|---|---|
| `form:mti` | a message type other than the kind's own (0104, 0820) |
| `form:header`, `form:bitmap` | bytes before the message, and the bitmap as it was written |
| `form:49`, `form:50`, `form:51` | a currency that came as letters |
| `form:95` | positions 13 to 42 of DE 95 |
| `form:pan` | that the card number came in a track and not in DE 2 |

Text is kept as it is, bytes as `hex:` and digits; text that could be taken for that gets `text:`
before it. Secrets, security data and MACs never go into text: they stay in `Residue.secrets`,
which no dump contains; from memory they go only sealed, and never into what is stored
(PCI DSS 3.3.1).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msggw.canonical import Residue
from msggw.errors import Fault, Location, Refused, Rule
from msggw.values import SecretBytes
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.canonical import Transaction

__all__ = ["keep", "restore", "standard_of"]

_MEMORY_ONLY = frozenset({"53", "64", "96", "128", "form:trailer"})
"""Security control information, MACs and whatever stood after the last data element."""

_PORTABLE = frozenset({"20", "21", "54", "68", "102", "103"})
"""What means the same in every dialect: countries, additional amounts, account identifications."""

_KEY = re.compile(r"form:[a-z0-9]{2,8}|[1-9][0-9]{0,2}")


def standard_of(dialect: str) -> str:
    """Return the name that a residue of this dialect carries."""
    return f"iso8583:{dialect}"


def keep(fields: Mapping[str, Any], dialect: str, hidden: frozenset[str] = frozenset()) -> Residue:
    """Return the residue of these fields and `form:` facts; `hidden` ones stay in memory."""
    texts: dict[str, str] = {}
    secrets: dict[str, SecretBytes] = {}
    for key, value in fields.items():
        text = _to_text(value)
        if key in hidden or key in _MEMORY_ONLY:
            secrets[key] = SecretBytes(text.encode())
        else:
            texts[key] = text
    return Residue(standard=standard_of(dialect), fields=texts, secrets=secrets)


def restore(transaction: Transaction, dialect: str) -> dict[str, Any]:
    """Return the fields of a residue that this dialect can use; `Refused` for broken ones.

    A residue of another dialect of ISO 8583 gives only what means the same everywhere.
    """
    residue = transaction.residue
    if residue is None or not residue.standard.startswith("iso8583:"):
        return {}
    texts = dict(residue.fields)
    texts |= {key: reveal(value).decode() for key, value in residue.secrets.items()}
    own = residue.standard == standard_of(dialect)
    out, faults = {}, []
    for key, text in texts.items():
        if own or key in _PORTABLE:
            try:
                out[key] = _from_text(key, text)
            except ValueError:
                where = Location("canonical", f"residue.fields.{key[:16]}")
                faults.append(Fault(where, Rule.SYNTAX, "a data element and its text expected"))
    Refused.raise_if(faults)
    return out


def _to_text(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return f"hex:{value.hex()}"
    return f"text:{value}" if value.startswith(("hex:", "text:")) else value


def _from_text(key: str, text: str) -> str | bytes:
    if _KEY.fullmatch(key) is None:
        raise ValueError
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    return text.removeprefix("text:")
