"""The files of `xsd/`, taken by themselves: no binding is needed for these tests."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from lxml import etree
from tests.xsd.reading import FOLDER, NAMES, XS, model, schema

MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))

# Each message with a version the gateway itself speaks.
SPOKEN = (
    "admi.002.001.01",
    "camt.029.001.09",
    "camt.056.001.08",
    "head.001.001.02",
    "pacs.002.001.10",
    "pacs.004.001.09",
    "pacs.008.001.08",
    "pacs.028.001.03",
)


def test_the_manifest_lists_every_schema_and_nothing_else() -> None:
    """One entry for each file, in order."""
    assert list(NAMES) == [entry["message"] for entry in MANIFEST]
    assert {*(f"{name}.xsd" for name in NAMES), "manifest.json"} == {
        path.name for path in FOLDER.iterdir()
    }


def test_each_entry_describes_its_schema() -> None:
    """Hash, namespace, root and body element are those of the file."""
    described = []
    for entry in MANIFEST:
        content = (FOLDER / f"{entry['message']}.xsd").read_bytes()
        of = model(entry["message"])
        document = of.complex_types[of.root_type].particles if of.root == "Document" else ()
        bodies = [child.name for child in document] or [of.root]
        described.append(
            {
                **entry,
                "sha256": sha256(content).hexdigest(),
                "namespace": etree.fromstring(content).get("targetNamespace"),
                "root": of.root,
                "body": ", ".join(bodies),
            }
        )

    assert MANIFEST == described
    assert all(entry["namespace"].endswith(f":xsd:{entry['message']}") for entry in MANIFEST)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_compiles(name: str) -> None:
    """libxml2 takes it, which also checks that each content model is deterministic."""
    assert schema(name) is not None


def test_every_schema_stands_alone() -> None:
    """No document type, no import, no include: compiling one never reads another file."""
    elsewhere = ("import", "include", "redefine", "override")
    wrong = []
    for name in NAMES:
        tree = etree.parse(FOLDER / f"{name}.xsd")
        if tree.docinfo.internalDTD is not None or any(map(tree.find, map(XS.__add__, elsewhere))):
            wrong.append(name)

    assert [] == wrong


def test_every_schema_says_where_it_comes_from() -> None:
    """Message, binding and the terms ISO 20022 sets for whoever passes its repository on."""
    wrong = []
    for entry in MANIFEST:
        path = FOLDER / f"{entry['message']}.xsd"
        head = path.read_text(encoding="utf-8").partition("-->")[0]
        expected = (
            f"{entry['message']}: written by tools/xsd",
            f"{entry['source']} {entry['version']}",
            "MIT licence, copyright (c) 20",
            "not the official ISO 20022",
            "the only source of up-to-date material",
            "provided as is",
        )
        wrong += [(entry["message"], words) for words in expected if words not in head]

    assert [] == wrong


@pytest.mark.parametrize("name", SPOKEN)
def test_what_the_gateway_speaks_is_there(name: str) -> None:
    """The first messages of the gateway have their schemas."""
    assert name in NAMES
