"""From bytes to canonical transactions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import EXAMPLES, NOW, SAMPLES, bare, changed, incoming, sample

from msggw.errors import Refused, Rule
from msggw.iso20022 import Limits, read, to_canonical, validate
from msggw.iso20022.intake import read_fields


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_samples_are_valid(path):
    """Schema and rules of every profile find nothing."""
    for profile in ("base", "cbpr", "sepa", "hvps", "demo"):
        assert () == validate(path.read_bytes(), now=NOW, profile=profile)


def test_the_invalid_example_shows_its_faults():
    """Five rules, each at its line."""
    faults = validate((EXAMPLES / "pacs.008-invalid.xml").read_bytes(), now=NOW)

    assert ["R50", "R10", "R12", "R06", "R01"] == [fault.detail[:3] for fault in faults]
    assert all(fault.where.line for fault in faults)
    assert () == validate((EXAMPLES / "pacs.008-invalid.xml").read_bytes(), schema_only=True)


def test_what_is_known_of_a_message():
    """Ids, parties and the key under which a copy is recognised."""
    message = incoming()

    assert (
        "pacs.008.001.08",
        "DEMO-20261120-0001",
        "DEMOKZKAXXX",
        "MSGGDEFFXXX",
        "BizMsgEnvlp",
        "DEMOKZKAXXX/DEMO-20261120-0001/1",
        1,
    ) == (
        message.message_name,
        message.message_id,
        message.sender,
        message.receiver,
        message.wrapper,
        message.message_key(1),
        len(message.transactions),
    )
    assert sample() == message.data
    assert message.transactions == to_canonical(sample(), now=NOW)


def test_without_header_the_agents_are_the_parties():
    """A bare document has a sender too, if it names one."""
    message = read(bare(sample()), now=NOW)
    case = read(bare(sample("camt.056.xml")), now=NOW)
    unknown = read(bare(sample("pacs.028.xml")), now=NOW)

    assert ("DEMOKZKAXXX", "MSGGDEFFXXX") == (message.sender, message.receiver)
    assert ("DEMOKZKAXXX", "MSGGDEFFXXX") == (case.sender, case.receiver)
    assert ("", "/DEMO-20261120-0002/1") == (unknown.sender, unknown.message_key(1))
    assert "5299000J2N45DDNE4Y28" == incoming("pacs.004-group.xml").sender
    assert message.transactions[0].references.business_message_id is None


def test_the_fingerprint_is_of_the_meaning():
    """Layout, prefixes and header do not count; an amount does."""
    flat = b"".join(line.strip() for line in sample().splitlines())
    resent = changed("Z</CreDt>", "Z</CreDt><PssblDplct>true</PssblDplct>")
    other = changed("125.50", "125.51")

    assert incoming().fingerprint == read(flat, now=NOW).fingerprint
    assert incoming().fingerprint == read(resent, now=NOW).fingerprint
    assert incoming().fingerprint != read(other, now=NOW).fingerprint


def test_a_comment_does_not_cut_an_amount():
    """125<!-- -->0.50 is 1250.50 for us as for the schema, and the total must say so."""
    data = changed(">125.50</IntrBkSttlmAmt>", ">125<!-- x -->0.50</IntrBkSttlmAmt>")

    assert ["R12"] == [fault.detail[:3] for fault in validate(data, now=NOW)]
    whole = read(data.replace(b'"EUR">125.50', b'"EUR">1250.50'), now=NOW)
    assert whole.transactions[0].amount.minor == 125050


def test_schema_faults_come_before_rules():
    """A rule may rely on the schema."""
    data = changed("<NbOfTxs>1", "<NbOfTxs>2").replace(b"<ChrgBr>SHAR", b"<ChrgBr>ABCD")

    assert [Rule.VALUE] == [fault.rule for fault in validate(data, now=NOW)]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (changed("pacs.008.001.08", "pacs.999.001.08"), Rule.UNSUPPORTED),
        (changed("pacs.008.001.08", "pacs.009.001.08"), Rule.UNSUPPORTED),
        (changed("head.001.001.02", "head.001.001.99"), Rule.UNSUPPORTED),
        (changed("<ChrgBr>SHAR", "<ChrgBr>ABCD"), Rule.VALUE),
        (changed("<NbOfTxs>1", "<NbOfTxs>2"), Rule.CONFLICT),
        (changed("<CreDtTm>2026-11-20T09:30:00Z", "<CreDtTm>2026-11-20T24:00:00Z"), Rule.VALUE),
        (b"hello", Rule.SYNTAX),
    ],
)
def test_reading_refuses_at_each_step(data, rule):
    """Parser, envelope, schema, rules and mapping each refuse what is theirs."""
    with pytest.raises(Refused) as refused:
        read(data, now=NOW)

    assert rule is refused.value.faults[0].rule


def test_the_number_of_transactions_is_limited():
    """The limit is an argument."""
    data = sample("pacs.008-three.xml")
    with pytest.raises(Refused) as refused:
        read(data, now=NOW, limits=Limits(transactions_max=2))

    assert [Rule.LIMIT] == [fault.rule for fault in refused.value]


def test_fields_of_any_message_are_read():
    """Messages that we do not execute are read flat."""
    _, header, fields = read_fields(sample())

    assert "DEMO-20261120-0001" == header.business_message_id == fields["GrpHdr/MsgId"]


def test_validation_of_what_has_no_schema_says_so():
    """`validate` never raises."""
    assert [Rule.UNSUPPORTED] == [
        fault.rule for fault in validate(changed("pacs.008.001.08", "pacs.999.001.08"))
    ]


@given(st.integers(0, len(sample())), st.binary(min_size=1, max_size=3))
def test_damage_is_only_ever_refused(position, damage):
    """Any bytes anywhere: a message is read or refused with places, nothing else."""
    data = sample()[:position] + damage + sample()[position:]
    faults = ()
    try:
        read(data, now=NOW)
    except Refused as refusal:
        faults = refusal.faults

    assert all(fault.where.standard == "iso20022" for fault in faults)
    assert not any("532013000" in str(fault) for fault in faults)
