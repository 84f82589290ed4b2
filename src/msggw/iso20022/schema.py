"""Validation against the schema: every error with its path, line, rule and what was expected.

libxml2 quotes the value in its messages and gives a path that knows no names. Both are put
right here: the path is resolved in the tree, and of the message only the part that comes from
the schema is kept (it stands last, so what the sender wrote cannot imitate it). Names that the
schema does not know are shown as `*`, since they are the sender's text too.
"""

from __future__ import annotations

import re
from functools import cache

from lxml import etree

from msggw.errors import Fault, Location, Rule
from msggw.iso20022.content import content_of, schema_root
from msggw.iso20022.parser import STANDARD
from msggw.iso20022.places import bounded, libxml2_target, path_of

__all__ = ["schema_faults", "schema_of"]

_FACETS = {
    # libxml2's kind of error: our rule, what its message says before the schema's own text, and
    # what we say instead. The sender's value stands before that mark, never after it.
    "LENGTH": (Rule.LENGTH, " required length of '", "exactly this many characters: "),
    "MINLENGTH": (Rule.LENGTH, " minimum length of '", "at least this many characters: "),
    "MAXLENGTH": (Rule.LENGTH, " maximum length of '", "at most this many characters: "),
    "PATTERN": (Rule.VALUE, " by the pattern '", "text of the pattern "),
    "ENUMERATION": (Rule.VALUE, " element of the set {", "one of "),
    "MININCLUSIVE": (Rule.VALUE, " minimum value allowed ('", "not less than "),
    "MAXINCLUSIVE": (Rule.VALUE, " maximum value allowed ('", "not more than "),
    "MINEXCLUSIVE": (Rule.VALUE, " must be greater than '", "more than "),
    "MAXEXCLUSIVE": (Rule.VALUE, " must be less than '", "less than "),
    "TOTALDIGITS": (Rule.VALUE, " digits than are allowed ('", "at most this many digits: "),
    "FRACTIONDIGITS": (Rule.VALUE, " digits than are allowed ('", "at most this many decimals: "),
}
_FACET = re.compile(r"SCHEMAV_CVC_([A-Z]+)_VALID")
_END = re.compile(r"'[)}]?\.$")
_TYPE = re.compile(r" of the atomic type '(?:\{[^{}']*\}|xs:)?([A-Za-z0-9_]+)'\.$")
_STRUCTURE = {
    "SCHEMAV_CVC_COMPLEX_TYPE_4": (Rule.MISSING, "a required attribute is missing"),
    "SCHEMAV_CVC_COMPLEX_TYPE_3": (Rule.UNKNOWN, "an attribute that the schema does not have"),
    "SCHEMAV_CVC_COMPLEX_TYPE_2": (Rule.SYNTAX, "text or elements where the schema has none"),
    "SCHEMAV_CVC_ELT_1": (Rule.UNKNOWN, "the schema does not declare this element"),
}
_ATTRIBUTE = re.compile(r"Element '[^']*', attribute '([^'{}]*)'")
_NAMES = re.compile(r"\}([A-Za-z0-9_.]+)")
_REQUIRED = re.compile(r": The attribute '([A-Za-z0-9_]+)' is required but missing\.$")


@cache
def schema_of(message_name: str) -> etree.XMLSchema:
    """Return the compiled schema; raise `Refused` (unsupported) if there is none."""
    return etree.XMLSchema(schema_root(message_name))


def schema_faults(element: etree._Element, message_name: str) -> list[Fault]:
    """Return every error of a `Document` or `AppHdr`, in document order; empty if it is valid."""
    schema = schema_of(message_name)
    if schema.validate(element):
        return []
    entries = list(schema.error_log)
    return bounded(entries, lambda entry: _fault(entry, element, message_name))


def _facet(entry: etree._LogEntry) -> tuple[Rule, str, str] | None:
    found = _FACET.fullmatch(entry.type_name)
    return _FACETS.get(found.group(1)) if found else None


def _is_datatype(entry: etree._LogEntry) -> bool:
    return entry.type_name.startswith("SCHEMAV_CVC_DATATYPE_VALID")


def _fault(entry: etree._LogEntry, top: etree._Element, message_name: str) -> Fault:
    path = path_of(libxml2_target(top, entry.path), top, content_of(message_name))
    rule, detail = _judge(entry)
    attribute = _REQUIRED.search(entry.message) or _ATTRIBUTE.match(entry.message)
    if attribute and rule is not Rule.UNKNOWN:
        path += f"/@{attribute.group(1)}"
    return Fault(Location(STANDARD, path, line=entry.line or None), rule, detail)


def _judge(entry: etree._LogEntry) -> tuple[Rule, str]:
    facet = _facet(entry)
    if facet is not None:
        rule, mark, words = facet
        stated = _END.sub("", entry.message.rpartition(mark)[2])
        return rule, words + stated.lstrip("'").replace("', '", ", ")
    if _is_datatype(entry):
        found = _TYPE.search(entry.message)
        name = found.group(1).removesuffix("_SimpleType") if found else "this element has"
        return Rule.CLASS, f"a value of the type {name}"
    return _structure(entry.type_name, entry.message)


def _structure(kind: str, message: str) -> tuple[Rule, str]:
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        names = _NAMES.findall(message.rpartition("Expected is")[2])
        wanted = f"; expected here: {', '.join(names)}" if names else ""
        if "Missing child element" in message:
            return Rule.MISSING, f"an element is missing{wanted}"
        return Rule.UNKNOWN, f"this element does not belong here{wanted}"
    for prefix, answer in _STRUCTURE.items():
        if kind.startswith(prefix):
            return answer
    return Rule.VALUE, f"breaks the schema ({kind.removeprefix('SCHEMAV_').lower()})"
