"""Reversals made by rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from tests.iso8583_mapping.strategies import DIALECT, NOW, payments

from msggw.canonical import Kind, Reason, Transaction
from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message
from msggw.iso8583.mapping import reversal_message, to_canonical
from msggw.values import Money, Stan

CODEC = Codec.load(DIALECT)
STAN = Stan("000999")
FIELDS = {
    "2": "4111111111111111",
    "3": "000000",
    "4": "000000001050",
    "7": "0703115959",
    "11": "000123",
    "12": "175959",
    "13": "0703",
    "14": "2812",
    "22": "051",
    "26": "12",
    "32": "503",
    "35": "4111111111111111=28122010000",
    "37": "618412000123",
    "41": "TERM0001",
    "49": "398",
    "52": b"12345678",
    "55": b"\x82\x02\x19\x80",
}


def original(mti: str = "0200", **more) -> Transaction:
    """Return a purchase as it was sent."""
    return to_canonical(Message(mti, FIELDS | more), now=NOW, dialect=DIALECT)


@given(payments)
def test_every_payment_can_be_reversed(message):
    """A reversal can be encoded, names its original and carries nothing sensitive."""
    sent = to_canonical(Message(*message), now=NOW, dialect=DIALECT)
    if sent.card is None or sent.card.pan is None:
        return

    reversal = CODEC.decode(CODEC.encode(reversal_message(sent, stan=STAN, transmission_at=NOW)))

    assert "0420" == reversal.mti
    assert message[0][:3] + "0" == reversal["90"][:4]
    assert sent.references.stan == reversal["90"][4:10]
    assert not {"14", "34", "35", "36", "45", "48", "52", "53", "55"} & set(reversal)
    again = to_canonical(reversal, now=NOW, dialect=DIALECT)
    assert (Kind.REVERSAL_ADVICE, sent.amount) == (again.kind, again.amount)


def test_a_reversal_repeats_what_identifies_the_original():
    """The elements of facts section 10, and DE 90 with the original's own."""
    message = reversal_message(
        original(),
        stan=STAN,
        transmission_at=NOW,
        reason=Reason.LATE_RESPONSE,
        approval_code="A1B2C3",
    )

    assert {
        "2": "411111******1111",
        "3": "000000",
        "4": "000000001050",
        "7": "0703120000",
        "11": "000999",
        "12": "175959",
        "13": "0703",
        "22": "051",
        "32": "503",
        "37": "618412000123",
        "38": "A1B2C3",
        "39": "68",
        "41": "TERM0001",
        "49": "398",
        "90": "0200" + "000123" + "0703115959" + "00000000503" + "0" * 11,
    } == message.masked()


@pytest.mark.parametrize(
    ("advice", "repeat", "mti"),
    [(True, False, "0420"), (True, True, "0421"), (False, False, "0400"), (False, True, "0401")],
)
def test_the_type_says_advice_and_repeat(advice, repeat, mti):
    """0400 asks, 0420 tells, and the last digit says that it was sent before."""
    message = reversal_message(
        original(), stan=STAN, transmission_at=NOW, advice=advice, repeat=repeat
    )

    assert mti == message.mti
    assert "39" not in message


def test_a_partial_reversal_says_what_stays():
    """DE 95 begins with the amount that stays."""
    message = reversal_message(
        original(), stan=STAN, transmission_at=NOW, replacement=Money.parse("4.00", "KZT")
    )

    assert "000000000400" + "0" * 30 == message["95"]


def test_what_is_unknown_is_filled_with_zeros():
    """Without DE 7 and institutions the parts of DE 90 are zeros; a refund stays one."""
    fields = {"2": "4111111111111111", "4": "000000001050", "11": "000123", "49": "398"}
    sent = to_canonical(Message("0200", fields | {"3": "200000"}), now=NOW, dialect=DIALECT)
    sent = sent.model_copy(update={"processing_code": None})

    message = reversal_message(sent, stan=STAN, transmission_at=NOW)

    assert "0200000123" + "0" * 32 == message["90"]
    assert "200000" == message["3"]


def test_a_reversal_is_not_reversed():
    """Only what may have moved money can be reversed."""
    reversal = to_canonical(Message("0400", FIELDS), now=NOW, dialect=DIALECT)
    with pytest.raises(Refused) as caught:
        reversal_message(reversal, stan=STAN, transmission_at=NOW)

    assert [("kind", Rule.UNSUPPORTED)] == [(f.where.path, f.rule) for f in caught.value]


def test_elements_that_the_host_lacks_are_left_out():
    """A host without DE 22 gets none."""
    message = reversal_message(
        original(), stan=STAN, transmission_at=NOW, codec_has=lambda number: number != "22"
    )

    assert "22" not in message
