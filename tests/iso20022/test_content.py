"""Content models read from the schemas."""

import pytest

from msggw.errors import Refused, Rule
from msggw.iso20022.content import content_of, namespace_of, schema_root


def test_children_stand_in_schema_order():
    """The group header begins with its id, and only some elements repeat."""
    body = content_of("pacs.008.001.08").children["FIToFICstmrCdtTrf"].content
    header = body.children["GrpHdr"].content

    assert ["MsgId", "CreDtTm", "BtchBookg", "NbOfTxs"] == list(header.children)[:4]
    assert body.children["CdtTrfTxInf"].repeats
    assert not body.children["GrpHdr"].repeats
    assert body.children["GrpHdr"].required


def test_choices_and_wildcards_are_known():
    """A choice is marked, and so is supplementary data, which may hold anything."""
    body = content_of("pacs.008.001.08").children["FIToFICstmrCdtTrf"].content
    unit = body.children["CdtTrfTxInf"].content

    assert unit.children["Purp"].content.choice
    assert unit.children["SplmtryData"].content.children["Envlp"].content.any


def test_a_type_may_contain_itself():
    """The header's related header is read without end."""
    assert "Rltd" in content_of("head.001.001.02").children


def test_a_message_without_schema_is_unsupported():
    """The fault says what is missing."""
    with pytest.raises(Refused) as refused:
        schema_root("pacs.999.001.01")

    assert refused.value.faults[0].rule is Rule.UNSUPPORTED
    assert namespace_of("pacs.999.001.01").endswith(":xsd:pacs.999.001.01")
