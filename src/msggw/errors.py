"""What can go wrong, and whose fault it is.

The tree::

    Exception
    ├── GatewayError            our state: the caller did nothing wrong
    │   ├── ConfigurationError  a setting is wrong or missing; says which and what to write instead
    │   ├── Unavailable         a part we need (store, broker, key) does not answer; try again later
    │   │   └── Unroutable      the broker has no queue for what was published
    │   └── Conflict            a compare-and-set found another state than expected
    └── Refused (ValueError)    their message: it carries every `Fault` found, never the data

`Refused` is a `ValueError` so that pydantic reports it as a fault of one field and goes on to the
next one instead of stopping at the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "ConfigurationError",
    "Conflict",
    "Fault",
    "GatewayError",
    "Location",
    "Refused",
    "Rule",
    "Unavailable",
    "Unroutable",
]


class GatewayError(Exception):
    """Our state prevents the work; the message itself may be perfectly good."""


class ConfigurationError(GatewayError):
    """A setting is wrong or missing."""


class Unavailable(GatewayError):
    """A part that is needed does not answer."""


class Unroutable(Unavailable):
    """The broker took the message and found no queue for it."""


class Conflict(GatewayError):
    """A compare-and-set found another state than the caller expected."""


class Rule(StrEnum):
    """The kind of rule that was broken. The answer to the sender is chosen from it."""

    SYNTAX = "syntax"
    LENGTH = "length"
    CLASS = "class"
    VALUE = "value"
    MISSING = "missing"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    LIMIT = "limit"
    CHECKSUM = "checksum"
    CHARSET = "charset"
    CONFLICT = "conflict"
    SECURITY = "security"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Location:
    """Where in a message: the standard, the path inside it, and a byte offset or a line.

    >>> str(Location("iso8583", "DE4", offset=44))
    'iso8583:DE4@44'
    >>> str(Location("iso20022", "/Document/FIToFICstmrCdtTrf", line=41))
    'iso20022:/Document/FIToFICstmrCdtTrf line 41'
    """

    standard: str
    path: str = ""
    offset: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        """Return the one-line form that logs, answers and problems show."""
        text = f"{self.standard}:{self.path}"
        if self.offset is not None:
            text += f"@{self.offset}"
        if self.line is not None:
            text += f" line {self.line}"
        return text


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: where, which rule, and what was expected against what was found.

    `detail` states rules, sizes and character classes. It never quotes the value, which may be
    a PAN.
    """

    where: Location
    rule: Rule
    detail: str

    def __str__(self) -> str:
        """Return `place: rule: detail`."""
        return f"{self.where}: {self.rule}: {self.detail}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the JSON form used by problems, `--json` and the journal."""
        out: dict[str, str | int] = {
            "where": str(self.where),
            "path": self.where.path,
            "rule": self.rule.value,
            "detail": self.detail,
        }
        if self.where.offset is not None:
            out["offset"] = self.where.offset
        if self.where.line is not None:
            out["line"] = self.where.line
        return out


class Refused(ValueError):
    """A message, or a part of one, breaks rules. `faults` holds all of them, in message order."""

    def __init__(self, *faults: Fault) -> None:
        """Keep the faults; at least one is needed, or there is nothing to refuse."""
        if not faults:
            msg = "Refused needs at least one fault"
            raise TypeError(msg)
        super().__init__("; ".join(map(str, faults)))
        self.faults: tuple[Fault, ...] = faults

    def __iter__(self) -> Iterator[Fault]:
        """Iterate over the faults."""
        return iter(self.faults)

    @classmethod
    def of(cls, standard: str, path: str, rule: Rule, detail: str) -> Refused:
        """Build a refusal with one fault and neither offset nor line."""
        return cls(Fault(Location(standard, path), rule, detail))

    @staticmethod
    def raise_if(faults: Iterable[Fault]) -> None:
        """Raise `Refused` with these faults if there are any."""
        found = tuple(faults)
        if found:
            raise Refused(*found)
