from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapter.submissions import card, submission

from msggw.canonical import CARD_KINDS, Kind, OutcomeKind, Reason, Transaction, build
from msggw.errors import Refused
from msggw.iso8583 import Codec, Message
from msggw.translate import Context
from msggw.values import Money, SecretBytes, Track2
from msggw_adapters.visa.mapping import (
    ANSWER,
    KINDS,
    REQUEST,
    REVERSAL,
    Origin,
    Stamp,
    build_request,
    build_reversal,
    reference_in,
    reference_of,
    request_outcome,
    reversal_outcome,
)

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
STAMP = Stamp("000042", NOW)
CODEC = Codec.load("visa-base1")

_digits = st.text("0123456789", min_size=1, max_size=11)
_name = st.text(st.sampled_from("ABCXYZ 0189-/."), min_size=1, max_size=15).map(str.strip)
transactions = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(KINDS)),
        "amount": st.builds(
            lambda minor, code: Money(minor, Money.parse("1", code).unit).as_json(),
            st.integers(0, 10**12 - 1),
            st.sampled_from(["KZT", "JPY", "KWD", "EUR"]),
        ),
        "processing_code": st.sampled_from(["000000", "010000", "200000"]),
        "card": st.fixed_dictionaries(
            {"pan": st.text("0123456789", min_size=13, max_size=19)},
            optional={
                "expiry": st.sampled_from(["2026-01", "2049-12"]),
                "sequence": st.just("001"),
            },
        ),
        "merchant": st.fixed_dictionaries(
            {}, optional={"id": st.just("M" * 15), "category_code": st.just("5411")}
        ),
        "terminal": st.fixed_dictionaries(
            {}, optional={"id": st.just("TERM0001"), "entry_mode": st.just("051")}
        ),
        "acquirer": st.fixed_dictionaries({}, optional={"id": _digits, "country": st.just("398")}),
        "references": st.fixed_dictionaries(
            {"stan": st.text("0123456789", min_size=6, max_size=6)},
            optional={
                "rrn": st.text("0123456789AB", min_size=12, max_size=12),
                "transmission_at": st.just(NOW.isoformat()),
                "local_time": st.just("19:13:20"),
                "local_date": st.just("2026-09-21"),
            },
        ),
    }
).map(lambda values: build(Transaction, values))


@given(transactions)
def test_what_a_table_writes_it_reads_back(transaction: Transaction) -> None:
    """Put-get and get-put, for requests and reversals: no value changes on the way."""
    for table in (REQUEST, REVERSAL):
        foreign = table.put(transaction, {}, Context(NOW))
        reading = table.get(foreign, Context(NOW))
        read = build(Transaction, {"kind": transaction.kind, **reading.values})
        assert ({}, foreign) == (reading.residue, table.put(read, {}, Context(NOW)))
        assert (transaction.amount, transaction.card) == (read.amount, read.card)


@given(st.dictionaries(st.sampled_from(["2", "3", "4", "12", "13", "14", "22", "49"]), st.text()))
def test_garbage_is_only_ever_refused(foreign: dict[str, str]) -> None:
    """No other exception than `Refused`, for any text in any element."""
    for table in (REQUEST, REVERSAL, ANSWER):
        try:
            table.get(foreign, Context(NOW))
        except Refused:
            continue


@given(transactions)
def test_every_request_and_reversal_can_be_encoded(transaction: Transaction) -> None:
    """What the mapping accepts the dialect can carry, and the host reads the same values."""
    work = submission(transaction)
    for message in (build_request(work, STAMP, Origin()), build_reversal(work, STAMP, Origin())):
        back = CODEC.decode(CODEC.encode(message))
        assert {n: message[n] for n in message} == {n: back[n] for n in message}
        assert ("000042", "0921141320") == (back["11"], back["7"])


def test_the_link_adds_what_is_its_own() -> None:
    """STAN and time are the link's; acquirer only if the sender named none; the forwarder is us."""
    origin = Origin(acquirer_id="400009", forwarder_id="400010")
    named = build_request(submission(card()), STAMP, origin)
    assert ("400001", "400010") == (named["32"], named["33"])
    unnamed = build_request(submission(card(acquirer={})), STAMP, origin)
    assert "400009" == unnamed["32"]


def test_chip_data_goes_into_its_dataset() -> None:
    """Visa wraps DE 55; the plain dialect does not. The reversal has none, nor track and PIN."""
    icc = SecretBytes(bytes.fromhex("9F2608AABBCCDDEEFF0011"))
    base = card()
    full = base.card.model_copy(update={"icc": icc, "track2": Track2("4111111111111111=30121010")})
    work = submission(base.model_copy(update={"card": full}))
    plain = build_request(work, STAMP, Origin())
    assert (icc, full.track2) == (plain["55"], plain["35"])
    wrapped = build_request(work, STAMP, Origin(icc_dataset="01"))
    read = CODEC.decode(CODEC.encode(wrapped))
    assert bytes.fromhex("AABBCCDDEEFF0011") == read["55.01.9F26"]
    assert not {"35", "45", "52", "55"} & set(build_reversal(work, STAMP, Origin()))


@pytest.mark.parametrize("kind", sorted(CARD_KINDS - set(KINDS)))
def test_a_reversal_is_no_request(kind: Kind) -> None:
    """Kinds without a message of their own are refused."""
    with pytest.raises(Refused, match="kind"):
        build_request(submission(card(kind=kind)), STAMP, Origin())


def test_de_90_names_the_original() -> None:
    """MTI, STAN, time, acquirer, forwarder; zeros where nobody knows; DE 38 if known."""
    work = submission(
        card(), provider_reference="626400000001/000007/0921141319", approval_code="123456"
    )
    message = build_reversal(work, STAMP, Origin(forwarder_id="400010"))
    expected = "0100" + "000007" + "0921141319" + "00000400001" + "00000400010"
    assert (expected, "626400000001", "123456", "0420") == (
        message["90"],
        message["37"],
        message["38"],
        message.mti,
    )
    crashed = build_reversal(submission(card(), attempt=2), STAMP, Origin())
    assert ("0100" + "0" * 16 + "00000400001" + "0" * 11, "0421") == (crashed["90"], crashed.mti)
    assert "38" not in crashed


def test_de_90_of_an_acquirers_reversal_names_its_original_type() -> None:
    """The acquirer's own DE 90 tells which class it was."""
    undo = card(kind=Kind.REVERSAL, original={"mti": "0200", "rrn": "626400000009"})
    undo = undo.model_copy(update={"references": undo.references.model_copy(update={"rrn": None})})
    message = build_reversal(submission(undo), STAMP, Origin())
    assert ("0200", "626400000009") == (message["90"][:4], message["37"])


@pytest.mark.parametrize(("left", "currency"), [("99.00", "KZT"), ("1.00", "EUR")])
def test_a_replacement_amount_must_make_sense(left: str, currency: str) -> None:
    """More than there was, or another currency, is refused."""
    wrong = card(10_00, amounts={"replacement": {"value": left, "currency": currency}})
    with pytest.raises(Refused):
        build_reversal(submission(wrong), STAMP, Origin())


def test_references_are_made_the_same_each_time() -> None:
    """RRN if there is one; else from STAN and time; else from the gateway's id."""
    sent = card()
    no_rrn = sent.references.model_copy(update={"rrn": None, "stan": "000123"})
    bare = sent.references.model_copy(update={"rrn": None, "stan": None})
    made = [
        submission(sent.model_copy(update={"references": refs}), transaction_id=f"txn_{_UUID7}")
        for refs in (sent.references, no_rrn, bare)
    ]
    found = [reference_of(work) for work in made]
    assert [str(sent.references.rrn), "626414000123"] == found[:2]
    assert ("626414", 12, found[2]) == (found[2][:6], len(found[2]), reference_of(made[2]))


_UUID7 = f"{int(NOW.timestamp() * 1000):012x}" + "7" + "0" * 19


def answer(**fields: str) -> Message:
    """A response to the request below."""
    base = {"4": "000000001000", "49": "398", "11": "000042", "39": "00"}
    named = {name.removeprefix("de"): value for name, value in fields.items()}
    return Message("0110", {k: v for k, v in (base | named).items() if v})


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("00", OutcomeKind.ACCEPTED, Reason.APPROVED),
        ("08", OutcomeKind.ACCEPTED, Reason.APPROVED_WITH_IDENTIFICATION),
        ("10", OutcomeKind.ACCEPTED, Reason.APPROVED_PARTIAL),
        ("11", OutcomeKind.ACCEPTED, Reason.APPROVED),
        ("85", OutcomeKind.ACCEPTED, Reason.APPROVED),
        ("09", OutcomeKind.UNKNOWN, Reason.IN_PROGRESS),
        ("51", OutcomeKind.REJECTED, Reason.INSUFFICIENT_FUNDS),
        ("N7", OutcomeKind.REJECTED, Reason.DO_NOT_HONOUR),
        ("", OutcomeKind.UNKNOWN, Reason.FORMAT_ERROR),
        ("!!", OutcomeKind.UNKNOWN, Reason.FORMAT_ERROR),
    ],
)
def test_answers_by_code(code: str, kind: OutcomeKind, reason: Reason) -> None:
    """DE 39 through the one reason table; unknown codes decline, missing ones leave a doubt."""
    outcome = request_outcome(answer(de39=code, de38="ABC123"), NOW)
    assert (kind, reason) == (outcome.kind, outcome.reason)
    accepted = kind is OutcomeKind.ACCEPTED
    assert ("ABC123" if accepted else None) == outcome.approval_code
    assert ((code == "10"), NOW) == (outcome.amount is not None, outcome.at)


def test_a_partial_approval_without_amount_is_a_doubt() -> None:
    """Nobody may guess how much was approved."""
    outcome = request_outcome(answer(de39="10", de4=""), NOW)
    assert (OutcomeKind.UNKNOWN, Reason.FORMAT_ERROR) == (outcome.kind, outcome.reason)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("00", OutcomeKind.ACCEPTED),
        ("25", OutcomeKind.ACCEPTED),
        ("400", OutcomeKind.ACCEPTED),
        ("96", OutcomeKind.REJECTED),
        ("", OutcomeKind.UNKNOWN),
        ("?", OutcomeKind.UNKNOWN),
    ],
)
def test_answers_to_reversals(code: str, kind: OutcomeKind) -> None:
    """Undone or never there; everything else has to be tried again."""
    assert reversal_outcome(answer(de39=code), NOW).kind is kind


def test_what_a_reversal_needs_is_in_the_reference() -> None:
    """DE 37, DE 11 and DE 7 of the request, within 35 characters."""
    request = build_request(submission(card()), STAMP, Origin())
    told = reference_in(request)
    assert (f"{request['37']}/000042/0921141320", True) == (told, len(told) <= 35)
    again = build_reversal(submission(card(), provider_reference=told), STAMP, Origin())
    assert "000042" + "0921141320" == again["90"][4:20]
