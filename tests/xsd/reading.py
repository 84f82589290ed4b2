"""Read a schema of ours back into a content model: the way back from `tools.xsd.write`.

It knows the shapes the generator writes and no others, so that anything else in `xsd/` is an error.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from lxml import etree
from tools.xsd.model import (
    Amount,
    Attribute,
    Complex,
    Element,
    Group,
    Message,
    Simple,
    Source,
    Wildcard,
)

FOLDER = Path(__file__).parents[2] / "xsd"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.xsd")))

XS = "{http://www.w3.org/2001/XMLSchema}"


@cache
def model(name: str) -> Message:
    """The content model that a file of `xsd/` states."""
    return Reader(etree.parse(FOLDER / f"{name}.xsd").getroot()).message(name)


@cache
def schema(name: str) -> etree.XMLSchema:
    """A file of `xsd/`, compiled."""
    return etree.XMLSchema(etree.parse(FOLDER / f"{name}.xsd"))


class Reader:
    """One schema. Its simple types without codes are put in where they are used."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        named = {t.get("name"): _simple(t) for t in root.findall(f"{XS}simpleType")}
        self.code_types = {name: body for name, body in named.items() if body.codes}
        self.simple_types = {name: body for name, body in named.items() if not body.codes}

    def message(self, name: str) -> Message:
        """The content model of the whole schema."""
        (element,) = self.root.findall(f"{XS}element")
        return Message(
            name=name,
            root=element.get("name"),
            root_type=element.get("type"),
            source=Source("", ""),
            complex_types={
                t.get("name"): self._complex(t) for t in self.root.findall(f"{XS}complexType")
            },
            code_types=self.code_types,
        )

    def _complex(self, of: etree._Element) -> Complex:
        (body,) = of
        if body.tag == f"{XS}simpleContent":
            (extension,) = body
            return Amount(
                self._type(extension.get("base")),
                tuple(self._attribute(a) for a in extension.iterchildren(f"{XS}attribute")),
            )
        assert body.tag in {f"{XS}sequence", f"{XS}choice"}
        assert not body.attrib
        return Group(tuple(self._particle(p) for p in body), choice=body.tag == f"{XS}choice")

    def _attribute(self, of: etree._Element) -> Attribute:
        return Attribute(of.get("name"), self._type_of(of), of.get("use") == "required")

    def _particle(self, of: etree._Element) -> Element | Wildcard:
        if of.tag == f"{XS}any":
            return Wildcard(of.get("namespace"), of.get("processContents"))
        assert of.tag == f"{XS}element"
        most = of.get("maxOccurs", "1")
        return Element(
            of.get("name"),
            self._type_of(of),
            int(of.get("minOccurs", "1")),
            None if most == "unbounded" else int(most),
        )

    def _type_of(self, of: etree._Element) -> str | Simple:
        return _simple(of[0]) if len(of) else self._type(of.get("type"))

    def _type(self, name: str) -> str | Simple:
        if name.startswith("xs:"):
            return Simple(name)
        return self.simple_types.get(name, name)


def _simple(of: etree._Element) -> Simple:
    (restriction,) = of
    facets = [(facet.tag.removeprefix(XS), facet.get("value")) for facet in restriction]
    return Simple(
        restriction.get("base"),
        tuple(facet for facet in facets if facet[0] != "enumeration"),
        tuple(value for facet, value in facets if facet == "enumeration"),
    )
