"""The one hardened XML parser. Nothing else in the gateway turns bytes into a tree.

What is done before libxml2 sees a byte: size, UTF-8, declared encoding, NUL, DOCTYPE, the XInclude
namespace, and the number of attributes of one element and of namespace declarations. What is done
by the parser: no entities, no network, no DTD, comments and processing instructions removed, so
that `<Amt>10<!--x-->00</Amt>` is 1000 and not 10. What is done with the tree: depth, and the
attributes `xsi:type` and `xsi:nil`, by which a document could change its own schema.

`collect_ids=False` must never be set together with `resolve_entities=False`: lxml 6.1.3 then opens
files through external parameter entities (measured). Errors of lxml quote their input, so each
becomes a fault `from None`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["LIMITS", "STANDARD", "Limits", "parse"]

STANDARD = "iso20022"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XINCLUDE = b"http://www.w3.org/2001/XInclude"
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_VERSION = re.compile(rb"version\s*=\s*[\"']1\.0[\"']")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost."""

    size_bytes_max: int = 262_144
    depth_max: int = 64
    attributes_max: int = 32
    """Per element, namespace declarations included."""
    namespaces_max: int = 1_000
    """Namespace declarations in the whole document."""
    transactions_max: int = 10_000


LIMITS = Limits()


def parse(data: bytes, limits: Limits = LIMITS) -> etree._Element:
    """Return the root of a UTF-8 document, or raise `Refused` with one fault and its line."""
    _check_bytes(data, limits)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )
    try:
        root = etree.fromstring(data, parser)  # noqa: TID251 - this is the hardened parser
    except etree.XMLSyntaxError as error:
        detail = f"not well-formed XML (libxml2 error {error.code})"
        raise _refused(Rule.SYNTAX, detail, line=error.lineno or None) from None
    _check_tree(root, limits)
    return root


def _check_bytes(data: bytes, limits: Limits) -> None:
    if len(data) > limits.size_bytes_max:
        raise _refused(Rule.LIMIT, f"{len(data)} of at most {limits.size_bytes_max} bytes")
    _check_encoding(data)
    for word, rule in _FORBIDDEN.items():
        position = data.find(word)
        if position >= 0:
            raise _refused(Rule.SECURITY, rule, line=_line(data, position))
    if data.count(b"xmlns") > limits.namespaces_max:
        detail = f"at most {limits.namespaces_max} namespace declarations"
        raise _refused(Rule.LIMIT, detail)
    crowded = _crowded_tag(limits.attributes_max).search(data)
    if crowded:
        detail = f"at most {limits.attributes_max} attributes on one element"
        raise _refused(Rule.LIMIT, detail, line=_line(data, crowded.start()))


_FORBIDDEN = {
    b"<!DOCTYPE": "a document type declaration is not accepted",
    _XINCLUDE: "XInclude is not accepted",
}


def _check_encoding(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = f"not UTF-8 at byte {error.start}"
        raise _refused(Rule.CHARSET, detail, line=_line(data, error.start)) from None
    if b"\x00" in data:
        raise _refused(Rule.CHARSET, "a NUL byte: UTF-8 text without NUL is expected", line=1)
    declaration = _DECLARATION.match(data.removeprefix(_BOM))
    if declaration is None:
        return
    encoding = _ENCODING.search(declaration.group())
    if encoding is not None and encoding.group(1).lower() not in {b"utf-8", b"utf8"}:
        raise _refused(Rule.CHARSET, "another encoding than UTF-8 is declared", line=1)
    if _VERSION.search(declaration.group()) is None:
        raise _refused(Rule.SYNTAX, "XML version 1.0 is expected", line=1)


def _crowded_tag(attributes_max: int) -> re.Pattern[bytes]:
    # Possessive quantifiers: every start tag is read once, without backtracking. re caches it.
    attribute = rb"\s++[^\s=<>]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+')"
    return re.compile(rb"<[^\s<>/!?]++(?:%b){%d}" % (attribute, attributes_max + 1))


def _check_tree(root: etree._Element, limits: Limits) -> None:
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise _refused(Rule.SECURITY, "a document type declaration is not accepted")
    deep = _too_deep(limits.depth_max)(root)
    if deep:
        detail = f"nested more than {limits.depth_max} deep"
        raise _refused(Rule.LIMIT, detail, line=deep[0].sourceline)
    typed = _RETYPED(root)
    if typed:
        detail = "xsi:type and xsi:nil are not accepted"
        raise _refused(Rule.SECURITY, detail, line=typed[0].sourceline)


_RETYPED = etree.XPath("(//*[@xsi:type or @xsi:nil])[1]", namespaces={"xsi": _XSI})
_DEPTHS: dict[int, etree.XPath] = {}


def _too_deep(depth_max: int) -> etree.XPath:
    if depth_max not in _DEPTHS:
        _DEPTHS[depth_max] = etree.XPath("/*" * (depth_max + 1))
    return _DEPTHS[depth_max]


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _refused(rule: Rule, detail: str, *, line: int | None = None) -> Refused:
    return Refused(Fault(Location(STANDARD, "/", line=line), rule, detail))
