"""Schemas accept what the content model allows, and refuse what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from itertools import pairwise

import pytest
from lxml import etree
from tests.xsd.instances import full, minimal
from tests.xsd.reading import NAMES, model, schema
from tests.xsd.test_schemas import SPOKEN
from tools.xsd.model import Element, Group, Message

# One of each family besides those the gateway speaks.
MUTATED = (
    *SPOKEN,
    "acmt.023.001.04",
    "cain.014.001.03",
    "camt.060.001.05",
    "camt.110.001.01",
    "canm.003.001.04",
    "pacs.009.001.08",
    "pain.002.001.03",
    "pain.008.001.08",
)


@pytest.mark.parametrize("make", [minimal, full])
@pytest.mark.parametrize("name", NAMES)
def test_an_instance_of_the_content_model_is_valid(
    name: str, make: Callable[[Message], etree._Element]
) -> None:
    """The least and the most that a message can hold both pass."""
    schema(name).assertValid(make(model(name)))


@pytest.mark.parametrize("name", MUTATED)
def test_no_mandatory_element_can_be_left_out(name: str) -> None:
    """Nothing can be taken away from the minimal instance."""
    root = minimal(model(name))
    valid = []
    for element in list(root.iter(f"{{{model(name).namespace}}}*"))[1:]:
        parent, position = element.getparent(), element.getparent().index(element)
        parent.remove(element)
        if schema(name).validate(root):
            valid.append(element.tag)
        parent.insert(position, element)

    assert [] == valid


@pytest.mark.parametrize("name", MUTATED)
def test_no_two_neighbours_can_change_places(name: str) -> None:
    """Elements come in the order of the content model."""
    root = full(model(name))
    valid = []
    for parent, _ in _groups(model(name), root):
        for before, after in pairwise(list(parent)):
            if before.tag != after.tag:
                after.addnext(before)
                if schema(name).validate(root):
                    valid.append(after.tag)
                after.addprevious(before)

    assert [] == valid


@pytest.mark.parametrize("foreign", ["urn:example:foreign", ""])
@pytest.mark.parametrize("name", MUTATED)
def test_no_unknown_element_is_let_in(name: str, foreign: str) -> None:
    """At the end of no element is there room for more, not even in an envelope already filled."""
    root = full(model(name))
    valid = []
    for parent, _ in _groups(model(name), root):
        added = etree.SubElement(parent, f"{{{foreign or model(name).namespace}}}Unknown")
        if schema(name).validate(root):
            valid.append(parent.tag)
        parent.remove(added)

    assert [] == valid


@pytest.mark.parametrize("name", MUTATED)
def test_another_version_is_refused(name: str) -> None:
    """The namespace belongs to the version."""
    root = minimal(model(name))
    for element in root.iter():
        element.tag = element.tag.replace(name, f"{name[:-2]}99")

    assert not schema(name).validate(root)


@pytest.mark.parametrize("name", MUTATED)
def test_a_choice_takes_one_branch(name: str) -> None:
    """Where one branch of a choice stands, the schema has no place for another one."""
    of = model(name)
    root = full(of)
    valid = []
    for parent, group in _groups(of, root):
        if group.choice:
            taken = etree.QName(parent[0]).localname
            for branch in group.particles:
                if branch.name != taken:
                    added = etree.SubElement(parent, f"{{{of.namespace}}}{branch.name}")
                    if not _out_of_place(schema(name), root, added):
                        valid.append((parent.tag, taken, branch.name))
                    parent.remove(added)

    assert [] == valid


@pytest.mark.parametrize("name", MUTATED)
def test_an_element_occurs_as_often_as_its_maximum_and_no_more(name: str) -> None:
    """At the maximum the instance is valid; one more, and it is not."""
    of = model(name)
    root = full(of)
    wrong = []
    for parent, group in _groups(of, root):
        for particle in group.particles:
            if isinstance(particle, Element) and particle.most is not None:
                there = parent.findall(f"{{{of.namespace}}}{particle.name}")
                for count in range(len(there), particle.most + 2) if there else ():
                    if schema(name).validate(root) != (count <= particle.most):
                        wrong.append((parent.tag, particle.name, count))
                    there.append(deepcopy(there[0]))
                    there[-2].addnext(there[-1])
                for more in there[max(particle.least, 1) :]:
                    parent.remove(more)

    assert [] == wrong


def _out_of_place(compiled: etree.XMLSchema, root: etree._Element, element: etree._Element) -> bool:
    """Whether the schema objects to where the element stands, not only to what it holds."""
    compiled.validate(root)
    path = root.getroottree().getpath(element)
    return any(
        error.path == path and error.type_name == "SCHEMAV_ELEMENT_CONTENT"
        for error in compiled.error_log
    )


def _groups(of: Message, root: etree._Element) -> Iterator[tuple[etree._Element, Group]]:
    """One element of an instance for each type with child elements, with that type."""
    done = set()
    ahead = [(root, of.root_type)]
    while ahead:
        element, name = ahead.pop()
        group = of.complex_types.get(name)
        if isinstance(group, Group) and name not in done:
            done.add(name)
            yield element, group
            types = {p.name: p.type for p in group.particles if isinstance(p, Element)}
            ahead += [
                (child, types[child_name])
                for child in element
                if (child_name := etree.QName(child).localname) in types
            ]
