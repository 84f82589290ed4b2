"""Instances of a message, made from its content model alone: the least and the most of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from lxml import etree
from tests.xsd.values import good
from tools.xsd.model import Amount, Element, Message, Simple, Wildcard

FOREIGN = "urn:example:foreign"


@dataclass
class Maker:
    """Makes one instance; `full` takes every optional element.

    A choice takes its branches in turn: an instance with many choices of one type shows them all.
    """

    message: Message
    full: bool
    turns: Counter[str] = field(default_factory=Counter)

    def instance(self) -> etree._Element:
        """The root of a new instance."""
        root = etree.Element(self._tag(self.message.root), nsmap={None: self.message.namespace})
        self._fill(root, self.message.root_type)
        return root

    def _tag(self, name: str) -> str:
        return f"{{{self.message.namespace}}}{name}"

    def _fill(self, parent: etree._Element, type_: str | Simple) -> None:
        body = type_ if isinstance(type_, Simple) else self._body(type_)
        if isinstance(body, Simple):
            parent.text = next(good(body))
        elif isinstance(body, Amount):
            parent.text = next(good(body.value))
            for attribute in body.attributes:
                parent.set(attribute.name, next(good(attribute.type)))
        else:
            particles = body.particles
            if body.choice:
                turn = self.turns[type_]
                self.turns[type_] += 1
                particles = particles[turn % len(particles) :][:1]
            for particle in particles:
                self._add(parent, particle)

    def _body(self, name: str) -> Simple | Amount:
        types = self.message.complex_types
        return types[name] if name in types else self.message.code_types[name]

    def _add(self, parent: etree._Element, particle: Element | Wildcard) -> None:
        if isinstance(particle, Wildcard):
            foreign = FOREIGN if particle.namespace == "##any" else particle.namespace
            etree.SubElement(parent, f"{{{foreign}}}Content")
            return
        for _ in range(self._times(particle)):
            self._fill(etree.SubElement(parent, self._tag(particle.name)), particle.type)

    def _times(self, element: Element) -> int:
        if not self.full:
            return element.least
        return max(element.least, 1)


def minimal(message: Message) -> etree._Element:
    """Only what is mandatory."""
    return Maker(message, full=False).instance()


def full(message: Message) -> etree._Element:
    """Every element, once or as often as it must be there."""
    return Maker(message, full=True).instance()
