"""The mapping tables against the schemas and the samples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso20022.messages import NOW, SAMPLES, fields_of, incoming

from msggw.canonical import Kind, Residue, Transaction, dump, parse
from msggw.errors import Refused, Rule
from msggw.iso20022 import MAPPINGS, from_canonical, losses, read
from msggw.iso20022.content import content_of
from msggw.iso20022.mapping import mapping_of
from msggw.translate import Context, Group, LossKind
from msggw.values import Money

KINDS = {
    "pacs.008.001.08": Kind.CREDIT_TRANSFER,
    "pacs.004.001.09": Kind.RETURN,
    "pacs.028.001.03": Kind.STATUS_REQUEST,
    "camt.056.001.08": Kind.CANCELLATION_REQUEST,
}


def sources(entries, prefix=""):
    """Yield every foreign path of rows, numbers filled in."""
    for entry in entries:
        if isinstance(entry, Group):
            yield from sources(entry.rows, prefix + entry.source.replace("{}", "1") + "/")
        else:
            yield from (prefix + name for name in entry.sources)


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_path_of_a_table_is_in_its_schema(name):
    """No row is a typing error: each path exists, and is numbered exactly where it repeats."""
    body = content_of(name).children[MAPPINGS[name].body].content
    units = set(MAPPINGS[name].layout.unit.split("/"))
    for path in sources(MAPPINGS[name].table.rows):
        content = body
        for step in path.split("/"):
            if not step.startswith("@"):
                child = content.children[step.partition("[")[0]]
                assert child.repeats == ("[" in step or step in units), path
                content = child.content


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_an_equal_document_comes_back(path):
    """Law: message → canonical → JSON → canonical → message says the same, element by element."""
    first = incoming(path.name)
    stored = [parse(dump(one)) for one in first.transactions]
    data = from_canonical(
        stored, first.message_name, now=NOW, header=first.header, wrapper=first.wrapper
    )
    second = read(data, now=NOW)

    assert fields_of(path.read_bytes()) == fields_of(data)
    assert (first.fingerprint, first.transactions, first.header) == (
        second.fingerprint,
        second.transactions,
        second.header,
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_transaction_has_its_kind_and_names(path):
    """One canonical transaction for each that the message holds."""
    message = incoming(path.name)

    assert {KINDS[message.message_name]} == {one.kind for one in message.transactions}
    assert {message.message_name} == {one.references.message_name for one in message.transactions}
    assert {message.message_id} == {one.references.message_id for one in message.transactions}


def test_a_credit_transfer_is_read_completely():
    """The canonical fields of a rich transaction."""
    one, two, three = incoming("pacs.008-three.xml").transactions

    assert Money.parse("10.50", "EUR") == one.amount
    assert Money.parse("20.00", "EUR") == two.amount
    assert ("T1", "E1", None) == (
        one.references.transaction_id,
        one.references.end_to_end_id,
        one.references.uetr,
    )
    assert "BATCH-1" == one.references.business_message_id
    assert ("OWN", "CLRG", "2026-11-20", "SHAR") == (
        one.settlement.clearing_system,
        one.settlement.method,
        one.settlement.date,
        one.settlement.charge_bearer,
    )
    assert ("USD", "0.8750") == (one.amounts.instructed.unit.code, one.amounts.exchange_rate.rate)
    assert ["first line", "second line"] == list(one.amounts.fees[0].agent.address.lines)
    assert ("USABA", "021000021") == (
        one.intermediary_agents[0].clearing_system,
        one.intermediary_agents[0].member_id,
    )
    assert "BBBBDEFF" == one.intermediary_agents[1].bic
    assert ("990140000385", "P-7") == (one.debtor.identification, one.creditor.identification)
    assert ("40702", "BBAN", "current") == (
        one.debtor_account.other,
        one.debtor_account.scheme,
        one.debtor_account.name,
    )
    assert ("GIFT", "SDVA", "SALA", "ONLINE", "NORM") == (
        one.purpose.code,
        one.purpose.service_level,
        one.purpose.category,
        one.purpose.local_instrument,
        one.purpose.priority,
    )
    assert (("first", "second"), "RF18539007547034") == (
        one.purpose.unstructured,
        one.purpose.creditor_reference,
    )
    assert "DEMOKZKA" == two.instructing_agent.bic
    assert (None, "C3") == (three.instructing_agent, three.references.clearing_reference)


def test_a_cancellation_of_a_group_and_of_transactions():
    """A group without transactions is one request; case, reason and text are found."""
    whole, first, second = incoming("camt.056-many.xml").transactions

    assert ("BATCH-1", None, "TECH", "CXL-ALL") == (
        whole.original.message_id,
        whole.original.end_to_end_id,
        whole.original.reason_code,
        whole.references.transaction_id,
    )
    assert ("BATCH-2", "T1", "NARR", "typing error", "CASE-1") == (
        first.original.message_id,
        first.original.transaction_id,
        first.original.reason_code,
        first.original.reason_text,
        first.original.case_id,
    )
    assert ("BATCH-2", "I2") == (second.original.message_id, second.original.instruction_id)


def test_other_messages_are_not_executed():
    """The fault names what is accepted."""
    with pytest.raises(Refused) as refused:
        mapping_of("pain.001.001.09")

    assert refused.value.faults[0].rule is Rule.UNSUPPORTED


def test_faults_of_every_transaction_are_given():
    """A text that the model cannot hold is refused at its place."""
    mapping = MAPPINGS["pacs.028.001.03"]
    fields = {"GrpHdr/MsgId": "a\x7f", "GrpHdr/CreDtTm": "2026-11-20T10:00:00Z"}
    fields |= {f"TxInf[{n}]/OrgnlTxId": "b\x7f" for n in (1, 2)}
    with pytest.raises(Refused) as refused:
        mapping.read(fields, Context(NOW))

    assert len(refused.value.faults) == 4
    assert "/Document/FIToFIPmtStsReq/GrpHdr/MsgId" == refused.value.faults[0].where.path


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text):
    """A name from the schema's alphabet never breaks the mapping."""
    mapping = MAPPINGS["pacs.028.001.03"]
    fields = {"GrpHdr/MsgId": text, "GrpHdr/CreDtTm": "2026-11-20T10:00:00Z"}
    found = None
    try:
        found = mapping.read(fields, Context(NOW))[0].references.message_id
    except Refused:
        found = None

    assert found in {None, text}


def test_losses_are_named():
    """What a message has no place for is said, and a foreign residue too."""
    one = Transaction(
        kind=Kind.CREDIT_TRANSFER,
        note="x",
        residue=Residue(standard="iso8583:iso87", fields={"48": "x"}),
    )
    own = incoming().transactions[0]

    assert [(LossKind.DROPPED, "note"), (LossKind.RESIDUE, "48")] == [
        (loss.kind, loss.source) for loss in losses(one)
    ]
    assert ["references.business_message_id"] == [loss.source for loss in losses(own)]
