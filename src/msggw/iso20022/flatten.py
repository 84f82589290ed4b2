"""A message as a flat mapping from path to text, and back to XML in schema order.

`{"GrpHdr/MsgId": "…", "CdtTrfTxInf[1]/IntrBkSttlmAmt": "10.00",
"CdtTrfTxInf[1]/IntrBkSttlmAmt/@Ccy": "EUR"}`. An element that the schema lets be repeated always
has its number, so a path means the same in every message. An element without content is kept as
an empty text. What stands in `xs:any` (supplementary data, signatures) is one entry `…/*` with
the XML itself, since no schema says what it means.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from msggw.errors import Refused, Rule
from msggw.iso20022.content import content_of, namespace_of
from msggw.iso20022.parser import STANDARD, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.iso20022.content import Content

__all__ = ["build_element", "flatten", "serialise"]

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (production Char)."""
_STEP = re.compile(r"([^\[\]]+)(?:\[([0-9]{1,6})\])?")


def flatten(element: etree._Element, content: Content) -> dict[str, str]:
    """Return the flat form of a schema-valid element, without the element's own name."""
    out: dict[str, str] = {}
    _walk(element, content, "", out)
    return out


def _walk(element: etree._Element, content: Content, prefix: str, out: dict[str, str]) -> None:
    counts: dict[str, int] = {}
    known = content.children
    for child in element:
        name = str(child.tag).rpartition("}")[2]
        entry = known.get(name)
        if entry is None:
            # Only xs:any lets an unknown name through the schema.
            counts["*"] = counts.get("*", 0) + 1
            out[f"{prefix}*[{counts['*']}]"] = _xml_text(child)
            continue
        path = prefix + name
        if entry.repeats:
            counts[name] = number = counts.get(name, 0) + 1
            path = f"{path}[{number}]"
        if child.attrib:
            _attributes(child, path, out)
        if len(child):
            _walk(child, entry.content, path + "/", out)
        else:
            out[path] = child.text or ""


def _attributes(element: etree._Element, path: str, out: dict[str, str]) -> None:
    for name, value in element.attrib.items():
        if not str(name).startswith(_XSI):
            out[f"{path}/@{name}"] = str(value)


def _xml_text(element: etree._Element) -> str:
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False).decode()


class _Node:
    """One element to be: attributes, text, and children by (order, number)."""

    __slots__ = ("attributes", "children", "text")

    def __init__(self) -> None:
        self.attributes: dict[str, str] = {}
        self.children: dict[tuple[int, int, str], _Node] = {}
        self.text: str | None = None


def build_element(fields: Mapping[str, str], message_name: str, root: str) -> etree._Element:
    """Build `Document` or `AppHdr` from its flat form; raise `Refused` for what cannot be written.

    Elements come in schema order whatever the order of `fields`, so equal fields give equal bytes.
    """
    content = content_of(message_name)
    top = _Node()
    for path, text in fields.items():
        _place(top, content, path, text)
    namespace = namespace_of(message_name)
    element = etree.Element(f"{{{namespace}}}{root}", nsmap={None: namespace})
    _emit(element, top, f"{{{namespace}}}")
    return element


def _place(node: _Node, content: Content | None, path: str, text: str) -> None:
    if _NOT_XML.search(text):
        raise Refused.of(STANDARD, f"/{path}", Rule.CHARSET, "characters that XML has")
    *parents, last = path.split("/")
    for step in parents:
        node, content = _descend(node, content, step, path)
    if last.startswith("@"):
        node.attributes[last[1:]] = text
    else:
        leaf, _ = _descend(node, content, last, path)
        leaf.text = text


def _descend(
    node: _Node, content: Content | None, step: str, path: str
) -> tuple[_Node, Content | None]:
    name, number = _step(step)
    if name == "*":
        key = (1_000_000, number, name)
        return node.children.setdefault(key, _Node()), None
    child = content.children.get(name) if content is not None else None
    if child is None:
        raise Refused.of(STANDARD, f"/{path}", Rule.UNKNOWN, "the schema has no such element")
    return node.children.setdefault((child.order, number, name), _Node()), child.content


@cache
def _step(step: str) -> tuple[str, int]:
    found = _STEP.fullmatch(step)
    if found is None:
        raise Refused.of(STANDARD, "/", Rule.SYNTAX, "not a path of element names")
    return found.group(1), int(found.group(2) or 1)


def _emit(element: etree._Element, node: _Node, namespace: str) -> None:
    for key in sorted(node.children):
        child = node.children[key]
        name = key[2]
        if name == "*":
            element.append(parse((child.text or "").encode()))
            continue
        made = etree.SubElement(element, namespace + name, child.attributes)
        if child.children:
            _emit(made, child, namespace)
        elif child.text:
            made.text = child.text


def serialise(element: etree._Element) -> bytes:
    """Return the document as UTF-8 bytes with a declaration, always the same for the same tree."""
    return etree.tostring(element, xml_declaration=True, encoding="UTF-8")
