"""Paths to elements and back."""

from tests.iso20022.messages import sample

from msggw.iso20022.content import content_of
from msggw.iso20022.message import open_message
from msggw.iso20022.parser import parse
from msggw.iso20022.places import libxml2_target, line_at, lines_of, path_of


def test_every_element_has_its_line_under_its_path():
    """`lines_of` and `path_of` agree for every element of a rich message."""
    document = open_message(sample("pacs.008-three.xml")).document
    content = content_of("pacs.008.001.08")
    lines = lines_of(document, content)
    known = [node for node in document.iter() if "example" not in str(node.tag)]

    assert len(known) - 1 == len(lines)
    for node in known[1:]:
        path = path_of(node, document, content).removeprefix("/Document/")
        assert node.sourceline == lines[path]


def test_numbers_stand_where_the_schema_repeats():
    """A single transaction is number one; a single name has no number."""
    document = open_message(sample()).document
    content = content_of("pacs.008.001.08")
    node = document[0][1].find("{*}IntrBkSttlmAmt")

    assert "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf[1]/IntrBkSttlmAmt" == path_of(
        node, document, content
    )


def test_unknown_names_are_not_shown():
    """A name the schema does not have is the sender's text."""
    document = open_message(
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><_4111/></Document>'
    ).document

    assert "/Document/*[1]" == path_of(document[0], document, content_of("pacs.008.001.08"))


def test_repetition_is_numbered_without_a_schema_too():
    """Where no content is known, what is repeated has its number."""
    root = parse(b"<a><b/><b/></a>")

    assert ["/a/b[1]", "/a/b[2]"] == [path_of(node, root, None) for node in root]
    assert "/a" == path_of(root.getroottree().getroot(), parse(b"<x/>"), None)


def test_a_path_that_leads_nowhere_has_the_line_of_its_parent():
    """A missing element is placed where it should have been."""
    lines = {"": 1, "a": 2, "a/b[1]": 3}

    assert [3, 2, 1] == [line_at(lines, path) for path in ("a/b[1]/@x", "a/c/d", "e")]
    assert line_at({}, "a/b") is None


def test_libxml2_paths_are_resolved():
    """`*` counts all elements, a prefixed name its own kind; nonsense gives the nearest."""
    root = parse(b'<a><b/><p:c xmlns:p="u"/><p:c xmlns:p="u"/></a>')

    assert root[1] is libxml2_target(root, "/*/*[2]")
    assert root[2] is libxml2_target(root, "/a/p:c[2]")
    assert root[0] is libxml2_target(root, "/*/*[1]/@x")
    assert root is libxml2_target(root, "/*/*[9]")
    assert root is libxml2_target(root, None)
