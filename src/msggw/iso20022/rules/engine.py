"""Business rules beyond the schema: what a rule is, what it sees, and how all of them run.

A rule is data with one function. The function sees the message flat (see `flatten`) and yields
findings; the engine adds the line and the rule's id. A rule never sees the clock: `now` is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from msggw.errors import Fault, Location, Rule
from msggw.iso20022.content import content_of
from msggw.iso20022.parser import STANDARD
from msggw.iso20022.places import bounded, line_at, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from lxml import etree

__all__ = ["BASE", "BusinessRule", "Finding", "Profile", "Severity", "View", "run"]


class Severity(StrEnum):
    """Whether a finding refuses the message or only warns."""

    ERROR = "error"
    WARNING = "warning"


class Profile(StrEnum):
    """Whose rules apply. `base` holds everywhere."""

    BASE = "base"
    CBPR = "cbpr"
    SEPA = "sepa"
    HVPS = "hvps"
    DEMO = "demo"


BASE = frozenset(Profile)


class Finding(NamedTuple):
    """A broken rule: the flat path, the kind of rule and what is expected. Values are not quoted.

    A path that starts with `/` is of the header.
    """

    path: str
    rule: Rule
    expected: str


@dataclass(frozen=True)
class View:
    """What a rule sees: names, flat header, flat body, and when the message was received."""

    message_name: str
    body_name: str
    fields: Mapping[str, str]
    header: Mapping[str, str]
    now: datetime | None = None

    @property
    def family(self) -> str:
        """`pacs.008` of `pacs.008.001.08`."""
        return self.message_name[:8]

    def leaves(self, *names: str) -> Iterator[tuple[str, str]]:
        """Yield path and text of every element or attribute with one of these names."""
        for name in names:
            yield from self._by_name.get(name, ())

    def has(self, path: str) -> bool:
        """Whether an element stands at the path, with or without elements inside."""
        return path in self._present

    def units(self, name: str) -> list[str]:
        """Return the numbered paths of a repeated element, in order."""
        number, out = 1, []
        while (path := f"{name}[{number}]") in self._present:
            out.append(path)
            number += 1
        return out

    def position(self, path: str) -> int:
        """Return where in the message a path stands, for sorting; the header comes first."""
        return -1 if path.startswith("/") else self._present.get(path, 0)

    @cached_property
    def _by_name(self) -> dict[str, list[tuple[str, str]]]:
        out: dict[str, list[tuple[str, str]]] = {}
        for item in self.fields.items():
            path = item[0]
            out.setdefault(path[path.rfind("/") + 1 :].partition("[")[0], []).append(item)
        return out

    @cached_property
    def _present(self) -> dict[str, int]:
        # Every path and what is above it; a repeated element also without its number.
        out: dict[str, int] = {}
        for position, path in enumerate(self.fields):
            node = path
            while node and node not in out:
                out[node] = position
                if node.endswith("]"):
                    out.setdefault(node[: node.rindex("[")], position)
                node = node[: max(node.rfind("/"), 0)]
        return out


@dataclass(frozen=True, slots=True)
class BusinessRule:
    """One rule with where it comes from, where and when it holds, and its test."""

    id: str
    text: str
    messages: tuple[str, ...]
    source: str
    check: Callable[[View], Iterable[Finding]]
    severity: Severity = Severity.ERROR
    profiles: frozenset[Profile] = BASE
    since: date | None = None
    until: date | None = None

    def applies(self, message_name: str, profile: Profile) -> bool:
        """Whether the rule is one of this message and profile."""
        named = any(fnmatchcase(message_name, pattern) for pattern in self.messages)
        return named and profile in self.profiles

    def effective(self, now: datetime | None) -> bool:
        """Whether the rule is in force at that time (always, where no time is given)."""
        if now is None:
            return True
        today = now.date()
        return (self.since is None or self.since <= today) and (
            self.until is None or today <= self.until
        )


@cache
def _chosen(
    rules: tuple[BusinessRule, ...], message_name: str, profile: Profile, severity: Severity
) -> tuple[BusinessRule, ...]:
    return tuple(
        rule for rule in rules if rule.applies(message_name, profile) and rule.severity is severity
    )


def run(
    rules: tuple[BusinessRule, ...],
    view: View,
    *,
    profile: Profile = Profile.BASE,
    severity: Severity = Severity.ERROR,
    document: etree._Element | None = None,
    header: etree._Element | None = None,
) -> list[Fault]:
    """Return the faults of every rule in document order; lines need the parsed elements."""
    found = [
        (rule, finding)
        for rule in _chosen(rules, view.message_name, profile, severity)
        if rule.effective(view.now)
        for finding in rule.check(view)
    ]
    if not found:
        return []
    found.sort(key=lambda item: view.position(item[1].path))
    lines = _lines(view, document, header)
    return bounded(found, lambda item: _fault(*item, view, lines))


def _lines(
    view: View, document: etree._Element | None, header: etree._Element | None
) -> dict[str, int]:
    """Return the line of every element; the header's paths begin with `/`."""
    lines: dict[str, int] = {}
    if document is not None:
        body = content_of(view.message_name).children[view.body_name].content
        lines.update(lines_of(document[0], body))
        lines.setdefault("", document[0].sourceline or 0)
    if header is not None:
        name = str(header.tag).rpartition(":")[2].partition("}")[0]
        own = lines_of(header, content_of(name))
        lines.update({f"/{path}": line for path, line in own.items()})
    return lines


def _fault(rule: BusinessRule, finding: Finding, view: View, lines: Mapping[str, int]) -> Fault:
    path = finding.path
    shown = f"/AppHdr{path}" if path.startswith("/") else f"/Document/{view.body_name}/{path}"
    detail = f"{rule.id}: {finding.expected}"
    where = Location(STANDARD, shown, line=line_at(lines, path))
    return Fault(where, finding.rule, detail)
