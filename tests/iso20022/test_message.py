"""Finding header and document."""

import pytest
from tests.iso20022.messages import bare, sample

from msggw.errors import Refused, Rule
from msggw.iso20022.message import local_name, message_name_of, open_message

DOCUMENT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"/>'
HEADER = '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.03"/>'


def test_parts_are_found_in_any_wrapper():
    """Prefixes, depth and names of the wrapper do not matter."""
    plain = open_message(sample())
    wrapped = open_message(sample("pacs.008-three.xml"))

    assert ("pacs.008.001.08", "head.001.001.02", "BizMsgEnvlp") == (
        plain.message_name,
        plain.header_name,
        plain.wrapper,
    )
    assert "{urn:example:envelope}Envelope" == wrapped.wrapper
    assert "FIToFICstmrCdtTrf" == local_name(wrapped.body)


def test_a_document_may_stand_alone():
    """Neither header nor wrapper is needed."""
    message = open_message(bare(sample()))

    assert (None, None) == (message.header, message.wrapper)
    assert message_name_of(message.document) == "pacs.008.001.08"


def test_a_document_may_be_empty():
    """What it lacks is the schema's affair."""
    assert open_message(DOCUMENT.encode()).body is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("<a/>", Rule.UNSUPPORTED),
        ("<Document/>", Rule.UNSUPPORTED),
        ('<Document xmlns="urn:example"/>', Rule.UNSUPPORTED),
        ("<a>" + HEADER + "</a>", Rule.UNSUPPORTED),
        ("<a>" + DOCUMENT + DOCUMENT + "</a>", Rule.CONFLICT),
        ("<a>" + HEADER + HEADER + DOCUMENT + "</a>", Rule.CONFLICT),
    ],
)
def test_there_is_exactly_one_document_and_at_most_one_header(text, rule):
    """No wrapping attack can show two payments to two readers."""
    with pytest.raises(Refused) as refused:
        open_message(text.encode())

    assert rule is refused.value.faults[0].rule


def test_a_foreign_document_has_no_message_name():
    """The name is read from the namespace only."""
    root = open_message(f"<a>{DOCUMENT}</a>".encode()).document.getparent()

    assert message_name_of(root) is None
