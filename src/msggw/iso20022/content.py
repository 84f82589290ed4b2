"""The content model of a message, read once from its schema: order, repetition, attributes.

A schema written for ISO 20022 uses a small part of XML Schema: named complex types that are a
sequence or a choice of elements, simple content with attributes, and `xs:any` inside
supplementary data. That is all this reader knows; it is not a validator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso20022.parser import STANDARD, Limits, parse
from msggw.resources import find

if TYPE_CHECKING:
    from lxml import etree

__all__ = ["Child", "Content", "content_of", "namespace_of", "schema_root"]

_XS = "{http://www.w3.org/2001/XMLSchema}"
_SCHEMA_LIMITS = Limits(size_bytes_max=4_000_000)
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


@dataclass(slots=True)
class Content:
    """What may stand inside one element: children by name in schema order, or anything, or text."""

    children: dict[str, Child] = field(default_factory=dict)
    any: bool = False
    choice: bool = False


@dataclass(slots=True)
class Child:
    """An element in its parent: its place in the order, whether it may be repeated, its content."""

    order: int
    repeats: bool
    required: bool
    type_name: str
    content: Content


def namespace_of(message_name: str) -> str:
    """Return the namespace of a message such as `pacs.008.001.08`."""
    return _NAMESPACE + message_name


@cache
def schema_root(message_name: str) -> etree._Element:
    """Return the parsed schema of a message; raise `Refused` (unsupported) if there is none."""
    try:
        data = find(f"xsd/{message_name}.xsd").read_bytes()
    except FileNotFoundError:
        detail = "no schema for this message is installed"
        raise Refused.of(STANDARD, "/", Rule.UNSUPPORTED, detail) from None
    return parse(data, _SCHEMA_LIMITS)


@cache
def content_of(message_name: str) -> Content:
    """Return the content of the message's root element (`Document` or `AppHdr`)."""
    return _Reader(schema_root(message_name)).root()


class _Reader:
    def __init__(self, schema: etree._Element) -> None:
        self.schema = schema
        self.types = {node.get("name"): node for node in schema.iterchildren(f"{_XS}complexType")}
        self.known: dict[str, Content] = {}

    def root(self) -> Content:
        element = next(self.schema.iterchildren(f"{_XS}element"))
        return self._of(element.get("type", ""), element)

    def _of(self, type_name: str, element: etree._Element) -> Content:
        name = type_name.rpartition(":")[2]
        node = self.types.get(name)
        if node is None:
            inline = element.find(f"{_XS}complexType")
            return Content() if inline is None else self._fill(Content(), inline)
        if name not in self.known:
            # Known before it is filled: a type may contain itself.
            self.known[name] = Content()
            self._fill(self.known[name], node)
        return self.known[name]

    def _fill(self, content: Content, node: etree._Element) -> Content:
        content.choice = node.find(f"{_XS}choice") is not None
        for order, element in enumerate(node.iter(f"{_XS}element")):
            type_name = element.get("type", "")
            content.children[element.get("name", "")] = Child(
                order,
                element.get("maxOccurs", "1") != "1",
                element.get("minOccurs", "1") != "0",
                type_name,
                self._of(type_name, element),
            )
        content.any = node.find(f".//{_XS}any") is not None
        return content
