"""Messages for people."""

import pytest
from tests.iso20022.messages import bare, sample

from msggw.errors import Refused
from msggw.iso20022 import describe


def test_names_are_shown_and_values_are_not():
    """Codes, dates and counts are shown; names, accounts and amounts are sizes."""
    text = describe(sample())

    assert text.startswith("pacs.008.001.08 with head.001.001.02\nAppHdr\n  Fr\n")
    assert "SttlmMtd: CLRG" in text
    assert "IntrBkSttlmAmt @Ccy=EUR: <6 characters>" in text
    for secret in ("532013000", "Aigerim", "125.50", "Invoice"):
        assert secret not in text


def test_a_bare_document_is_described():
    """Without header the document comes first; foreign attributes are left out."""
    text = describe(bare(sample("pacs.008-three.xml")))

    assert text.startswith("pacs.008.001.08\nDocument\n")
    assert "schemaLocation" not in text


def test_what_is_no_message_is_refused():
    """There is nothing to describe."""
    with pytest.raises(Refused):
        describe(b"hello")
