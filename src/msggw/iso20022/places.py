"""Where an element stands: the path that faults, flat messages and mapping tables share.

`/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt/@Ccy`: local names, and a number for
every element that the schema lets be repeated, or that is repeated although it should not be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from msggw.errors import Fault, Location, Rule
from msggw.iso20022.message import local_name
from msggw.iso20022.parser import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    from msggw.iso20022.content import Content

    _T = TypeVar("_T")

__all__ = ["FAULTS_MAX", "bounded", "libxml2_target", "line_at", "lines_of", "path_of"]

FAULTS_MAX = 100
"""How many faults of one message are placed; the last one says how many more there are."""

_STEP = re.compile(r"([^/\[\]]+)(?:\[([0-9]+)\])?")
# Siblings are counted by libxml2: a hostile message has tens of thousands.
_BEFORE = etree.XPath("count(preceding-sibling::*[local-name()=$name])")
_ORDER = etree.XPath("count(preceding-sibling::*)")
_NAMED = etree.XPath("*[local-name()=$name][position()=$number]")


def bounded(found: Sequence[_T], place: Callable[[_T], Fault]) -> list[Fault]:
    """Place the first faults, and say how many are left out."""
    faults = [place(one) for one in found[:FAULTS_MAX]]
    if len(found) > FAULTS_MAX:
        detail = f"and {len(found) - FAULTS_MAX} more faults"
        faults.append(Fault(Location(STANDARD, "/"), Rule.LIMIT, detail))
    return faults


def path_of(element: etree._Element, top: etree._Element, content: Content | None) -> str:
    """Return the path of an element below (and including) `top`.

    A name that the schema does not have is the sender's text: it is shown as `*`.
    """
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
        if content is not None and not content.any and child is None:
            return f"{path}/*[{int(_ORDER(node)) + 1}]"
        before = int(_BEFORE(node, name=name))
        alone = before == 0 and next(node.itersiblings(str(node.tag)), None) is None
        numbered = not alone or (child is not None and child.repeats)
        path += f"/{name}[{before + 1}]" if numbered else f"/{name}"
        content = child.content if child is not None else None
    return path


def lines_of(top: etree._Element, content: Content) -> dict[str, int]:
    """Return the line of every element below `top`, by its flat path (see `flatten`)."""
    out: dict[str, int] = {}
    _walk(top, content, "", out)
    return out


def _walk(element: etree._Element, content: Content, prefix: str, out: dict[str, int]) -> None:
    counts: dict[str, int] = {}
    for child in element:
        name = local_name(child)
        entry = content.children.get(name)
        if entry is not None:
            counts[name] = counts.get(name, 0) + 1
            path = f"{prefix}{name}[{counts[name]}]" if entry.repeats else prefix + name
            out[path] = child.sourceline or 0
            _walk(child, entry.content, f"{path}/", out)


def line_at(lines: Mapping[str, int], path: str) -> int | None:
    """Return the line of the element at a path, or of its nearest parent."""
    while path and path not in lines:
        path = path.rpartition("/")[0]
    return lines.get(path)


def libxml2_target(top: etree._Element, path: str | None) -> etree._Element:
    """Resolve the path libxml2 reports for an error below `top`; at worst to `top` itself.

    It counts `*` over all elements and a prefixed name over elements of that name.
    """
    node = top
    for step in (path or "").split("/")[2:]:
        found = _STEP.fullmatch(step)
        if found is None or step.startswith("@"):
            break
        name, index = found.group(1), int(found.group(2) or 1)
        if name == "*":
            inner = node[index - 1] if index <= len(node) else None
        else:
            inner = _first(_NAMED(node, name=name.rpartition(":")[2], number=float(index)))
        if inner is None:
            break
        node = inner
    return node


def _first(found: object) -> etree._Element | None:
    return found[0] if isinstance(found, list) and found else None
