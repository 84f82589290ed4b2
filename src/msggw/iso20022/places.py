"""Where an element stands: the path that faults, flat messages and mapping tables share.

`/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt/@Ccy`: local names, and a number for
every element that the schema lets be repeated, or that is repeated although it should not be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msggw.iso20022.message import local_name

if TYPE_CHECKING:
    from lxml import etree

    from msggw.iso20022.content import Content

__all__ = ["element_at", "libxml2_target", "path_of"]

_STEP = re.compile(r"([^/\[\]]+)(?:\[([0-9]+)\])?")


def path_of(element: etree._Element, top: etree._Element, content: Content | None) -> str:
    """Return the path of an element below (and including) `top`."""
    chain = [element]
    while chain[-1] is not top:
        parent = chain[-1].getparent()
        if parent is None:
            break
        chain.append(parent)
    path = f"/{local_name(chain.pop())}"
    while chain:
        node = chain.pop()
        name = local_name(node)
        child = content.children.get(name) if content is not None else None
        same = [other for other in node.getparent() if other.tag == node.tag]  # type: ignore[union-attr]  # below top
        if content is not None and not content.any and child is None:
            return f"{path}/*[{node.getparent().index(node) + 1}]"  # type: ignore[union-attr]  # below top
        numbered = len(same) > 1 or (child is not None and child.repeats)
        path += f"/{name}[{same.index(node) + 1}]" if numbered else f"/{name}"
        content = child.content if child is not None else None
    return path


def element_at(top: etree._Element, path: str) -> etree._Element | None:
    """Return the element a path (below `top`, without its name) leads to, or its nearest parent."""
    node = top
    for name, number in _STEP.findall(path):
        if name.startswith(("@", "*")):
            break
        same = [child for child in node if local_name(child) == name]
        index = int(number or 1) - 1
        if index >= len(same):
            break
        node = same[index]
    return node


def libxml2_target(top: etree._Element, path: str | None) -> etree._Element | None:
    """Resolve the path libxml2 reports for an error below `top`.

    It counts `*` over all elements and a prefixed name over elements of that name.
    """
    node = top
    for step in (path or "").split("/")[2:]:
        found = _STEP.fullmatch(step)
        if found is None or step.startswith("@"):
            break
        name, index = found.group(1), int(found.group(2) or 1) - 1
        local = name.rpartition(":")[2]
        same = [child for child in node if name == "*" or local_name(child) == local]
        if index >= len(same):
            break
        node = same[index]
    return node
