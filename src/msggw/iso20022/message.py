"""A message as it travels: a document, usually with a business application header, in any wrapper.

Both are found by their namespaces, whatever the prefixes and the envelope around them: a root
`Document` alone, or an `AppHdr` and a `Document` anywhere below one root.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Fault, Location, Refused, Rule
from msggw.iso20022.parser import LIMITS, STANDARD, Limits, parse

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Message", "local_name", "message_name_of", "open_message"]

_DOCUMENT = re.compile(
    r"\{urn:(?:iso:std:iso:20022:tech|swift):xsd:\$?([a-z]{4}\.[0-9]{3}\.[0-9]{3}\.[0-9]{2})\}Document"
)
_HEADER = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:(head\.001\.001\.[0-9]{2})\}AppHdr")


@dataclass(frozen=True, slots=True)
class Message:
    """The parts of one message. `wrapper` is the Clark name of the root around them, if any."""

    message_name: str
    document: etree._Element
    header_name: str | None
    header: etree._Element | None
    wrapper: str | None

    @property
    def body(self) -> etree._Element | None:
        """The one element in the document, such as `FIToFICstmrCdtTrf`."""
        return self.document[0] if len(self.document) else None


def open_message(data: bytes, limits: Limits = LIMITS) -> Message:
    """Parse and find the parts; raise `Refused` if there is not exactly one document."""
    return find_parts(parse(data, limits))


def find_parts(root: etree._Element) -> Message:
    """Find header and document in a parsed tree."""
    documents, headers = [], []
    for element in root.iter("{*}Document", "{*}AppHdr"):
        tag = str(element.tag)
        if found := _DOCUMENT.fullmatch(tag):
            documents.append((found.group(1), element))
        elif found := _HEADER.fullmatch(tag):
            headers.append((found.group(1), element))
    if len(documents) != 1:
        detail = f"{len(documents)} elements Document of an ISO 20022 message; one is expected"
        raise _refused(root, Rule.UNSUPPORTED if not documents else Rule.CONFLICT, detail)
    if len(headers) > 1:
        detail = f"{len(headers)} business application headers; at most one is expected"
        raise _refused(headers[1][1], Rule.CONFLICT, detail)
    name, document = documents[0]
    header_name, header = headers[0] if headers else (None, None)
    wrapper = None if document is root else str(root.tag)
    return Message(name, document, header_name, header, wrapper)


def message_name_of(element: etree._Element) -> str | None:
    """Return the message a `Document` element is of, from its namespace."""
    found = _DOCUMENT.fullmatch(str(element.tag))
    return found.group(1) if found else None


def local_name(element: etree._Element) -> str:
    """Return the name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _refused(element: etree._Element, rule: Rule, detail: str) -> Refused:
    where = Location(STANDARD, "/", line=element.sourceline)
    return Refused(Fault(where, rule, detail))
