"""Putting header and document together."""

import pytest
from tests.iso20022.messages import fields_of, incoming, sample

from msggw.iso20022.envelope import enclose
from msggw.iso20022.message import open_message


@pytest.mark.parametrize("wrapper", [None, "Own", "{urn:example:x}Envelope"])
def test_the_wrapper_is_the_partners_own(wrapper):
    """A known wrapper is used, else ours; header and document are found again."""
    header = incoming().header
    fields = {f"FIToFICstmrCdtTrf/{k}": v for k, v in fields_of(sample()).items()}
    data = enclose("pacs.008.001.08", fields, header=header, wrapper=wrapper)
    message = open_message(data)

    assert (wrapper or "BizMsgEnvlp") == message.wrapper
    assert fields_of(sample()) == fields_of(data)


def test_without_header_the_document_stands_alone():
    """There is no wrapper around one thing."""
    fields = {f"FIToFICstmrCdtTrf/{k}": v for k, v in fields_of(sample()).items()}

    assert open_message(enclose("pacs.008.001.08", fields)).wrapper is None
