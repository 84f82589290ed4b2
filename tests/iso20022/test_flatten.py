"""Flat messages and back."""

import random

import pytest
from lxml import etree
from tests.iso20022.messages import SAMPLES

from msggw.errors import Refused
from msggw.iso20022.content import content_of
from msggw.iso20022.flatten import build_element, flatten, serialise
from msggw.iso20022.message import open_message


def canonical(element):
    """Return the canonical form without blanks between elements and foreign attributes."""
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    copy.attrib.clear()
    for node in copy.iter():
        if len(node) and not (node.text or "").strip():
            node.text = None
        node.tail = None
        node.tag = etree.QName(node).text
    etree.cleanup_namespaces(copy)
    return (
        etree.tostring(copy, method="c14n", exclusive=True)
        .replace(b"p:", b"")
        .replace(b":p=", b"=")
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_an_equal_document_comes_back(path):
    """Flattening loses nothing, supplementary data and empty elements included."""
    message = open_message(path.read_bytes())
    fields = flatten(message.document, content_of(message.message_name))

    again = build_element(fields, message.message_name, "Document")

    assert canonical(message.document) == canonical(again)
    assert fields == flatten(again, content_of(message.message_name))


def test_the_order_of_fields_does_not_matter():
    """Elements come in schema order, so equal fields give equal bytes."""
    message = open_message(SAMPLES[1].read_bytes())
    fields = flatten(message.document, content_of(message.message_name))
    shuffled = list(fields.items())
    random.Random(7).shuffle(shuffled)

    assert serialise(build_element(fields, message.message_name, "Document")) == serialise(
        build_element(dict(shuffled), message.message_name, "Document")
    )


def test_attributes_of_the_schema_instance_are_left_out():
    """A hint where a schema might be is no part of the message."""
    message = open_message(
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08">'
        b'<FIToFICstmrCdtTrf xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        b'i:schemaLocation="a b" x="y"><GrpHdr><MsgId>a</MsgId></GrpHdr>'
        b"</FIToFICstmrCdtTrf></Document>"
    )
    fields = flatten(message.document, content_of("pacs.008.001.08"))

    assert {"FIToFICstmrCdtTrf/@x": "y", "FIToFICstmrCdtTrf/GrpHdr/MsgId": "a"} == fields


@pytest.mark.parametrize(
    "path", ["Nope", "FIToFICstmrCdtTrf/GrpHdr/Nope/MsgId", "a[x]", "", "*[1]/a"]
)
def test_paths_the_schema_does_not_have_are_refused(path):
    """Nothing is written that could not be read."""
    with pytest.raises(Refused):
        build_element({path: "x"}, "pacs.008.001.08", "Document")


@pytest.mark.parametrize("text", ["a\x00", "\x1f", "\ufffe", "\ud800"])
def test_texts_that_xml_has_no_place_for_are_refused(text):
    """A text from another standard may hold what XML cannot."""
    with pytest.raises(Refused):
        build_element({"FIToFICstmrCdtTrf/GrpHdr/MsgId": text}, "pacs.008.001.08", "Document")
