"""Business application headers."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.iso20022.messages import NOW, incoming

from msggw.iso20022.header import Header, instant_text, read_instant
from msggw.iso20022.schema import schema_faults

NAMES = ["head.001.001.02", "head.001.001.03", "head.001.001.04"]


@pytest.mark.parametrize("name", NAMES)
def test_a_built_header_is_valid_and_read_back(name):
    """Every version knows what we write."""
    made = Header.build(
        sender="DEMOKZKAXXX",
        receiver="MSGGDEFFXXX",
        business_message_id="B1",
        message_name="pacs.008.001.08",
        created_at=NOW,
        service="demo",
        priority="HIGH",
        name=name,
    )

    assert [] == schema_faults(made.element(), name)
    assert made == Header.read(made.element(), name)
    assert ("DEMOKZKAXXX", "MSGGDEFFXXX", "B1", "pacs.008.001.08") == (
        made.sender,
        made.receiver,
        made.business_message_id,
        made.message_name,
    )
    assert ("demo", "HIGH", None, False) == (
        made.service,
        made.priority,
        made.copy_duplicate,
        made.possible_duplicate,
    )
    assert NOW.replace(microsecond=678000) == made.created_at


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_goes_back_and_names_what_it_answers(name):
    """Fr and To change places, the answered header stands in Rltd, and the whole is valid."""
    first = Header.build(
        sender="DEMOKZKAXXX",
        receiver="MSGGDEFFXXX",
        business_message_id="B1",
        message_name="pacs.008.001.08",
        created_at=NOW,
        service="demo",
        priority="HIGH",
        name=name,
    )
    reply = first.reply(business_message_id="B2", message_name="pacs.002.001.10", created_at=NOW)

    assert [] == schema_faults(reply.element(), name)
    assert (first.sender, first.receiver) == (reply.receiver, reply.sender)
    assert {f"Rltd[1]/{k}": v for k, v in first.fields.items()}.items() <= reply.fields.items()
    assert reply.service == "demo"
    assert reply.priority is None


def test_a_reply_to_a_reply_does_not_grow():
    """Signatures and former relations are not carried along."""
    header = incoming().header
    again = header.reply(business_message_id="B2", message_name="x", created_at=NOW).reply(
        business_message_id="B3", message_name="y", created_at=NOW
    )

    assert not any(path.count("Rltd") > 1 for path in again.fields)


def test_flags_are_read():
    """A possible duplicate says so; other identifications than a BIC are found."""
    header = incoming("pacs.008-three.xml").header
    member = Header(fields={"Fr/FIId/FinInstnId/ClrSysMmbId/MmbId": "M1"})

    assert header.possible_duplicate
    assert ("M1", "", "", "") == (
        member.sender,
        member.receiver,
        member.business_message_id,
        member.message_name,
    )
    assert member.created_at is None


def test_instants_are_utc_to_the_millisecond():
    """Any zone is written as UTC; an instant without zone is read as UTC."""
    almaty = datetime(2026, 11, 20, 15, 0, tzinfo=timezone(timedelta(hours=5)))

    assert "2026-11-20T10:00:00.000Z" == instant_text(almaty)
    assert datetime(2026, 11, 20, 10, tzinfo=UTC) == read_instant(" 2026-11-20T10:00:00 ")
    assert almaty == read_instant("2026-11-20T15:00:00+05:00")
    assert read_instant("2026-11-20T25:00:00") is None
