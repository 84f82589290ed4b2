"""Messages read into the canonical model, and back to the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from tests.iso8583_mapping.strategies import DIALECT, NOW, messages

from msggw.canonical import Kind, Transaction, dump
from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message
from msggw.iso8583.mapping import from_canonical, to_canonical
from msggw.values import Money, Pan

CODEC = Codec.load(DIALECT)
PAN = "4111111111111111"
PURCHASE = {
    "2": PAN,
    "3": "000000",
    "4": "000000001050",
    "7": "0703115959",
    "11": "000123",
    "49": "398",
}

LAX = """
name: lax
title: A dialect that lets short card numbers through
extends: iso87-ascii
fields:
  2: {name: PAN, format: n..19, min: 0, sensitivity: pan}
"""


def read(mti: str, fields: dict, **more) -> Transaction:
    """Read a message built by hand."""
    options = {"now": NOW, "dialect": DIALECT} | more
    return to_canonical(Message(mti, fields), **options)


def faults_of(mti: str, fields: dict) -> list[tuple[str, Rule]]:
    """Read a message that must be refused; return places and rules."""
    with pytest.raises(Refused) as caught:
        read(mti, fields)
    return [(fault.where.path, fault.rule) for fault in caught.value]


@given(messages)
@example(("0800", {"11": "000001", "70": "301"}))
@example(("0100", PURCHASE | {"90": "0100000122" + "0" * 32}))
def test_a_message_comes_back_byte_for_byte(message):
    """Decode → canonical → encode gives the bytes, for full messages of every class."""
    data = CODEC.encode(Message(*message))

    transaction = to_canonical(CODEC.decode(data), now=NOW, dialect=DIALECT)

    assert data == CODEC.encode(from_canonical(transaction, dialect=DIALECT, spec=CODEC.spec))


@given(messages)
def test_what_is_not_sensitive_survives_storage(message):
    """After a dump and a parse only card data, security data and MACs are missing."""
    gone = {"34", "35", "36", "45", "52", "53", "55", "96", "128"}
    fields = {k: v for k, v in message[1].items() if k not in gone} | {"2": PAN}
    card = read(message[0], fields).card
    transaction = read(message[0], fields).model_copy(update={"card": None})

    stored = Transaction.model_validate_json(dump(transaction)).model_copy(update={"card": card})

    assert Message(message[0], fields) == from_canonical(stored, dialect=DIALECT)


def test_a_purchase_is_an_authorisation():
    """An 0100 is read under the standard's own names."""
    transaction = read(
        "0101",
        PURCHASE
        | {"12": "175959", "13": "0703", "14": "2812", "22": "051", "28": "D00000010", "43": "Shop"}
        | {"9": "61234567", "32": "503", "41": "TERM0001", "42": "MERCHANT0000001", "50": "840"},
    )

    assert Kind.AUTHORISATION is transaction.kind
    assert transaction.repeat
    assert Money.parse("10.50", "KZT") == transaction.amount
    assert "2028-12" == transaction.card.expiry
    assert datetime(2026, 7, 3, 11, 59, 59, tzinfo=UTC) == transaction.references.transmission_at
    assert "17:59:59" == transaction.references.local_time
    assert "2026-07-03" == transaction.references.local_date
    assert "1.234567" == transaction.amounts.settlement_rate.rate
    (fee,) = transaction.amounts.fees
    assert (Money.parse("0.10", "KZT"), False, "transaction_fee") == (
        fee.amount,
        fee.credit,
        fee.type,
    )
    assert {"50": "840"} == transaction.residue.fields


@pytest.mark.parametrize("mti", ["0200", "0201"])
def test_a_refund_is_told_by_its_processing_code(mti):
    """An 0200 with transaction type 20 is a refund; an 0100 with it stays an authorisation."""
    assert Kind.REFUND is read(mti, PURCHASE | {"3": "200000"}).kind
    assert Kind.AUTHORISATION is read("0100", PURCHASE | {"3": "200000"}).kind


def test_the_card_number_of_a_track_is_found_and_not_written_as_de_2():
    """Without DE 2 the PAN comes from track 2, else from track 1, and goes back as it came."""
    rest = {number: value for number, value in PURCHASE.items() if number != "2"}
    for track in ({"35": f"{PAN}=28122010000"}, {"45": f"B{PAN}^DOE/J^2812201"}):
        transaction = read("0100", rest | track)

        assert Pan(PAN) == transaction.card.pan
        assert Message("0100", rest | track) == from_canonical(transaction, dialect=DIALECT)


def test_a_card_number_from_a_track_that_is_gone_is_written_as_de_2():
    """Once the track is gone, as after storage, DE 2 is the only place for the PAN."""
    rest = {number: value for number, value in PURCHASE.items() if number != "2"}
    transaction = read("0100", rest | {"35": f"{PAN}=28122010000"})
    stored = transaction.card.model_copy(update={"track2": None})

    message = from_canonical(transaction.model_copy(update={"card": stored}), dialect=DIALECT)

    assert Pan(PAN) == message["2"]


def test_a_track_without_a_card_number_leaves_it_open():
    """A track that shows no PAN of a known form is kept, and no PAN is invented."""
    rest = {number: value for number, value in PURCHASE.items() if number != "2"}

    assert read("0200", rest | {"35": "123=2812"}).card.pan is None


def test_placeholders_of_zeros_break_nothing():
    """Dates, rates, references and currencies of zeros go to the residue, unread."""
    zeros = {"7": "0" * 10, "9": "0" * 8, "13": "0000", "14": "0000", "15": "0000", "16": "0000"}
    zeros |= {"17": "0000", "37": "0" * 12, "90": "0" * 42, "5": "0" * 12, "50": "000", "40": "  X"}
    transaction = read("0100", PURCHASE | zeros)

    assert zeros == transaction.residue.fields
    assert transaction.amounts is None
    assert transaction.original is None
    assert transaction.references.transmission_at is None


def test_impossible_dates_are_faults():
    """A date that is not zero and does not exist is refused, each at its element."""
    wrong = {"7": "1332000000", "12": "245959", "13": "0231", "14": "2613", "15": "0229"}

    assert [
        ("DE7", Rule.VALUE),
        ("DE12", Rule.VALUE),
        ("DE13", Rule.VALUE),
        ("DE14", Rule.VALUE),
        ("DE15", Rule.VALUE),
    ] == faults_of("0100", PURCHASE | wrong)


def test_every_missing_element_is_named():
    """What we cannot do without is named all at once, by message class."""
    assert [
        ("DE2", Rule.MISSING),
        ("DE4", Rule.MISSING),
        ("DE11", Rule.MISSING),
        ("DE49", Rule.MISSING),
    ] == (faults_of("0100", {"3": "000000"}))
    assert [("DE4", Rule.MISSING), ("DE11", Rule.MISSING), ("DE49", Rule.MISSING)] == (
        faults_of("0420", {"3": "000000"})
    )
    assert [("DE11", Rule.MISSING)] == faults_of("0800", {"70": "001"})
    assert [("DE49", Rule.MISSING)] == faults_of(
        "0200", {number: value for number, value in PURCHASE.items() if number != "49"}
    )


def test_an_inquiry_needs_no_amount():
    """A balance inquiry moves no money, so DE 4 may be absent."""
    inquiry = {"2": PAN, "3": "310000", "11": "000001"}

    assert read("0100", inquiry).amount is None


def test_an_amount_in_network_management_is_kept_unread():
    """DE 4 of an 0800 has no currency, so it is residue."""
    assert {"4": "000000001050"} == (
        read("0800", {"4": "000000001050", "11": "000001", "70": "301"}).residue.fields
    )


def test_unknown_currencies_are_faults_of_their_elements():
    """A currency that ISO 4217 does not list is refused where it stands."""
    fields = PURCHASE | {"49": "ZZZ", "5": "000000000001", "50": "001"}

    assert [("DE49", Rule.UNKNOWN), ("DE50", Rule.UNKNOWN)] == faults_of("0100", fields)


def test_wrong_codes_and_fees_are_faults():
    """Codes outside their rule are refused with the faults of tables and shape together."""
    fields = PURCHASE | {"18": "54", "28": "X00000001", "41": "é" * 8, "19": b"abc"}

    assert [
        ("DE18", Rule.VALUE),
        ("DE19", Rule.CLASS),
        ("DE28", Rule.VALUE),
        ("DE41", Rule.VALUE),
    ] == faults_of("0100", fields)


def test_parts_that_were_never_written_are_refused():
    """A composite built by hand has no wire form that could be kept."""
    assert [("DE48", Rule.UNSUPPORTED)] == faults_of("0100", PURCHASE | {"48.26": "x"})


def test_a_broken_card_number_is_a_fault_without_the_number(tmp_path):
    """What a lax dialect lets through and the type does not is refused; no fault quotes it."""
    path = tmp_path / "lax.yaml"
    path.write_text(LAX)
    codec = Codec.load(path)
    data = codec.encode(Message("0100", PURCHASE))
    message = codec.decode(data.replace(b"16" + PAN.encode(), b"074111118"))

    with pytest.raises(Refused) as caught:
        to_canonical(message, now=NOW, dialect="lax")

    assert [("DE2", Rule.VALUE)] == [(fault.where.path, fault.rule) for fault in caught.value]
    assert "4111118" not in str(caught.value)


@given(messages)
def test_no_fault_and_no_dump_shows_a_secret(message):
    """The marked card data of a broken or sound message is in no fault, dump or repr."""
    marked = {"2": PAN, "35": f"{PAN}=99122019876", "45": f"B{PAN}^MARKED^9912", "34": "59" + PAN}
    marked |= {"52": b"MARKED!!", "55": b"\x5a\x08" + bytes.fromhex(PAN)}
    broken = {"13": "0231", "49": "ZZZ", "18": "x"}
    transaction = read(message[0], message[1] | marked)
    with pytest.raises(Refused) as caught:
        read(message[0], message[1] | marked | broken)

    shown = f"{caught.value}{caught.value!r}{transaction!r}{dump(transaction).decode()}"
    for secret in (PAN, "MARKED", PAN[6:12], "TUFSS", b"MARKED!!".hex()):
        assert secret not in shown


@pytest.mark.parametrize(
    "name", ["demo-acquirer", "iso87-ascii-hex", "iso87-binary", "iso87-ebcdic", "visa-base1"]
)
@settings(max_examples=20)
@given(message=messages)
def test_other_dialects_of_the_family_come_back_too(name, message):
    """The tables serve every dialect with the elements of 1987, byte for byte."""
    codec = Codec.load(name)
    mti, fields = message
    fields = {k: v for k, v in fields.items() if k not in {"34", "44", "55", "63"}}
    fields |= {k: "398" for k in ("49", "50", "51") if k in fields}
    data = codec.encode(Message(mti, fields))

    transaction = to_canonical(codec.decode(data), now=NOW, dialect=name)

    assert data == codec.encode(from_canonical(transaction, dialect=name, spec=codec.spec))


def test_odd_forms_of_the_wire_come_back():
    """A bitmap in lower case or of sixteen bytes, and bytes after the end, are given back."""
    codec = Codec.load(DIALECT, tolerances=("trailing-bytes",))
    plain = codec.encode(Message("0100", PURCHASE | {"55": b"\x82\x02\x19\x80"}))
    lower = plain[:4] + plain[4:20].lower() + plain[20:]

    for data in (lower, plain + b"\x00\x00"):
        transaction = to_canonical(codec.decode(data), now=NOW, dialect=DIALECT)

        assert data == codec.encode(from_canonical(transaction, dialect=DIALECT, spec=codec.spec))


def test_a_visa_message_comes_back_with_header_and_parts():
    """Header, bitmapped parts, datasets and a CVV2 of a Visa message are given back."""
    codec = Codec.load("visa-base1")
    parts = {"55.01.9F26": b"ABCDEFGH", "62.1": "Y", "62.2": "123456789012345", "63.1": "0002"}
    parts |= {"126.10": "11 123", "44": "5"}
    header = bytes.fromhex("16010200000000000000000000000000000000000000")
    data = codec.encode(Message("0100", PURCHASE | parts, header=header))

    transaction = to_canonical(codec.decode(data), now=NOW, dialect="visa-base1")

    assert data == codec.encode(from_canonical(transaction, dialect="visa-base1", spec=codec.spec))
    assert {"44", "62", "63", "form:header"} == transaction.residue.fields.keys()
