"""Answers to requests, for every reason and edition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583_mapping.strategies import DIALECT, messages

from msggw.canonical import REASONS, Outcome, OutcomeKind, Reason
from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message, response_mti
from msggw.iso8583.mapping import respond, response_code
from msggw.values import Asset, Money

CODEC = Codec.load(DIALECT)
FIELDS = {
    "2": "4111111111111111",
    "3": "000000",
    "4": "000000001050",
    "7": "0703115959",
    "11": "000123",
    "35": "4111111111111111=28122010000",
    "37": "618412000123",
    "41": "TERM0001",
    "49": "398",
    "52": b"12345678",
}


def approved(**more) -> Outcome:
    """An approval."""
    return Outcome(
        kind=OutcomeKind.ACCEPTED, reason=Reason.APPROVED, approval_code="123456", **more
    )


@given(messages, st.sampled_from(Reason))
def test_every_reason_answers_every_request(message, reason):
    """Whatever came and however it ended, the answer can be encoded and carries no secret."""
    request = CODEC.decode(CODEC.encode(Message(*message)))

    answer = CODEC.decode(CODEC.encode(respond(request, reason, None)))

    assert response_mti(request.mti) == answer.mti
    assert REASONS[reason].de39 == answer["39"]
    assert request["11"] == answer["11"]
    assert not {"14", "34", "35", "36", "38", "45", "52", "55", "128"} & set(answer)


@given(st.sampled_from(Reason))
def test_the_code_follows_the_edition(reason):
    """1987 has two characters, 1993 three digits, 2003 four, from the same row."""
    action = REASONS[reason].action_code

    assert REASONS[reason].de39 == response_code("0100", reason)
    assert action == response_code("1100", reason)
    assert action == response_code("0100", reason, year=1993)
    assert response_code("2100", reason) == response_code("0200", reason, year=2003)
    assert len(response_code("2100", reason)) == 4
    assert action[-2:] == response_code("2100", reason)[-2:] or reason is Reason.FORMAT_ERROR


@pytest.mark.parametrize(
    ("mti", "reason", "code"),
    [
        ("2100", Reason.APPROVED, "0000"),
        ("2100", Reason.INSUFFICIENT_FUNDS, "1016"),
        ("2100", Reason.PICK_UP_CARD, "2000"),
        ("2100", Reason.ISSUER_UNAVAILABLE, "9112"),
        ("2100", Reason.FORMAT_ERROR, "9100"),
        ("1420", Reason.APPROVED, "400"),
        ("1804", Reason.APPROVED, "800"),
        ("2804", Reason.APPROVED, "8000"),
        ("0420", Reason.APPROVED, "00"),
    ],
)
def test_known_codes(mti, reason, code):
    """The rows of facts section 8, and what reversals and network management say for yes."""
    assert code == response_code(mti, reason)


def test_an_approval_carries_its_code():
    """DE 38 is there when approved and known; DE 37 is echoed; nothing sensitive comes back."""
    answer = respond(Message("0101", FIELDS), Reason.APPROVED, approved(provider_reference="REF9"))

    assert "0110" == answer.mti
    assert "123456" == answer["38"]
    assert "618412000123" == answer["37"]
    assert not {"35", "52"} & set(answer)


def test_a_decline_has_no_approval_code():
    """An approval code left over in an outcome does not approve."""
    assert "38" not in respond(Message("0100", FIELDS), Reason.DO_NOT_HONOUR, approved())


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("REF9", "REF9        "),
        ("123456789012", "123456789012"),
        ("much-too-long-for-it", None),
        (None, None),
    ],
)
def test_a_reference_fills_a_request_without_one(reference, expected):
    """DE 37 comes from the provider if the request had none and it fits."""
    fields = {number: value for number, value in FIELDS.items() if number != "37"}
    answer = respond(
        Message("0100", fields), Reason.APPROVED, approved(provider_reference=reference)
    )

    assert expected == answer.get("37")


def test_a_partial_approval_states_its_amount():
    """DE 4 of the answer is what was approved, in the currency of the request."""
    request = Message("0100", FIELDS)
    outcome = approved(amount=Money.parse("4.00", "KZT"))

    assert "000000000400" == respond(request, Reason.APPROVED_PARTIAL, outcome)["4"]
    assert "000000001050" == respond(request, Reason.APPROVED, outcome)["4"]
    assert "000000001050" == respond(request, Reason.APPROVED_PARTIAL, approved())["4"]


@pytest.mark.parametrize(
    ("amount", "rule"),
    [
        (Money.parse("4.00", "USD"), Rule.CONFLICT),
        (Money(400, Asset("USDT", 6)), Rule.UNSUPPORTED),
        (Money.parse("10000000000.00", "KZT"), Rule.LIMIT),
    ],
)
def test_a_partial_amount_that_cannot_be_stated_is_refused(amount, rule):
    """An approval of something else than the answer says is never sent."""
    with pytest.raises(Refused) as caught:
        respond(Message("0100", FIELDS), Reason.APPROVED_PARTIAL, approved(amount=amount))

    assert [rule] == [fault.rule for fault in caught.value]


def test_an_outcome_may_add_elements():
    """Valid additional elements are taken; what decides, identifies or protects is not."""
    given_fields = {
        "44": "A" * 25,
        "54": "0040398D000000001000",
        "55": "910A0102",
        "39": "05",
        "52": "00",
        "4": "000000000001",
        "62": "",
        "x": "y",
        "61": "\x00",
    }
    answer = respond(Message("0100", FIELDS), Reason.APPROVED, approved(fields=given_fields))

    assert {"44", "54", "55"} == set(answer) - set(FIELDS) - {"38", "39"}
    assert "00" == answer["39"]
    assert "000000001050" == answer["4"]
    for bad in ({"44": "A" * 26}, {"55": "9"}, {"55": "zz"}, {"54": "A" * 121}):
        added = respond(Message("0100", FIELDS), Reason.APPROVED, approved(fields=bad))
        assert not set(bad) & set(added)


def test_an_answer_is_not_answered():
    """0110 has no answer."""
    with pytest.raises(ValueError, match="not a type that is answered"):
        respond(Message("0110", FIELDS), Reason.APPROVED, None)
