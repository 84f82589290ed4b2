import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import secret_transactions, transactions
from tools import publish_specs

from msggw.canonical import Card, Kind, Transaction, build, dump, parse, schema
from msggw.canonical.document import FAULTS_MAX
from msggw.errors import Refused, Rule

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(schema())
SEALED = {"token": "0" * 32, "first6": "476173", "last4": "0119", "sealed": "A" * 40}


def refusal(document: object) -> Refused:
    """The refusal of a document."""
    with pytest.raises(Refused) as caught:
        parse(json.dumps(document).encode())
    return caught.value


@given(transactions)
def test_what_is_written_is_read_and_valid(transaction: Transaction) -> None:
    """Without secrets, JSON loses nothing, and the published schema allows it."""
    written = dump(transaction)

    assert transaction.model_copy(update={"sensitive": None}) == parse(written)
    assert [] == [error.message for error in VALIDATOR.iter_errors(json.loads(written))]


@given(secret_transactions)
def test_a_document_shows_no_secret(transaction: Transaction) -> None:
    """Of a card only the mask of its PAN is written."""
    card = json.loads(dump(transaction)).get("card") or {}

    assert {"pan"} >= set(card)
    if transaction.card and transaction.card.pan:
        assert transaction.card.pan.mask() == card["pan"]


def test_all_faults_come_at_once_with_pointers() -> None:
    """Each with its own rule: missing, unknown, class, length, value, and those of our types."""
    found = refusal(
        {
            "repeat": "yes",
            "colour": "red",
            "amount": {"value": "1.555", "currency": "KZT"},
            "creditor_agent": {"bic": "nope"},
            "intermediary_agents": [{"name": ""}],
            "scheme": "x" * 17,
            "purpose": {"unstructured": "text"},
            "references": {"local_date": "2026-99-01"},
            "customer": {"kyc_level": 4},
            "card": {"pan": {"token": "x"}},
            "creditor_account": {"iban": "GB82WEST12345698765432", "other": "1"},
        }
    )

    assert {
        ("/kind", Rule.MISSING),
        ("/repeat", Rule.CLASS),
        ("/colour", Rule.UNKNOWN),
        ("/amount", Rule.VALUE),
        ("/creditor_agent/bic", Rule.VALUE),
        ("/intermediary_agents/0/name", Rule.LENGTH),
        ("/scheme", Rule.LENGTH),
        ("/purpose/unstructured", Rule.VALUE),
        ("/references/local_date", Rule.VALUE),
        ("/customer/kyc_level", Rule.VALUE),
        ("/card/pan/token", Rule.VALUE),
        ("/card/pan/first6", Rule.MISSING),
        ("/card/pan/last4", Rule.MISSING),
        ("/card/pan/sealed", Rule.MISSING),
        ("/creditor_account", Rule.CONFLICT),
    } == {(fault.where.path, fault.rule) for fault in found}


@pytest.mark.parametrize("document", [[], 5, None, "text"])
def test_what_is_no_object_is_refused_at_the_root(document: object) -> None:
    """The pointer to a whole document is empty (RFC 6901)."""
    assert [("", Rule.CLASS)] == [(f.where.path, f.rule) for f in refusal(document)]


def test_sealed_values_come_from_nobody_else() -> None:
    """A sender cannot hand in what only our own processes make."""
    card = {"kind": "authorisation", "card": {"pan": SEALED}, "sensitive": "A" * 20}

    assert [("/sensitive", Rule.SECURITY), ("/card/pan", Rule.SECURITY)] == [
        (fault.where.path, fault.rule) for fault in refusal(card)
    ]


@pytest.mark.parametrize("key", ["4761739001010119", "pan4761739001010119", "x" * 65, "a\nb", ""])
def test_a_name_that_may_be_data_is_not_quoted(key: str) -> None:
    """An unknown field is reported, its name only if it looks like one."""
    fault = next(f for f in refusal({key: 1, "kind": "refund"}) if f.rule is Rule.UNKNOWN)

    assert "/*" == fault.where.path
    assert "/a~1b" == refusal({"a/b": 1}).faults[-1].where.path


@given(st.text("0123456789", min_size=8, max_size=19))
def test_no_fault_quotes_a_value(number: str) -> None:
    """Not even a card number that stands in the wrong place."""
    fields = ("kind", "repeat", "amount", "card", "scheme", "processing_code", "network_code")
    found = refusal(dict.fromkeys(fields, number))

    assert number not in str(found)


def test_the_number_of_faults_is_limited() -> None:
    """A hostile document does not make a refusal many times its size."""
    assert FAULTS_MAX == len(refusal({f"k{n}": 1 for n in range(1000)}).faults)


def test_any_model_can_be_built() -> None:
    """The place names the standard it was asked for."""
    with pytest.raises(Refused) as caught:
        build(Card, {"sequence": "1"}, "work")

    assert "work:/sequence: value: does not match the field's pattern" == str(caught.value)


def test_the_published_schema_is_valid_and_fresh() -> None:
    """`specs/canonical.schema.json` is written from the model: run tools/publish_specs.py."""
    jsonschema.Draft202012Validator.check_schema(schema())
    text = (ROOT / "specs" / "canonical.schema.json").read_text("utf-8")

    assert publish_specs.canonical_schema() == text


def test_publishing_writes_every_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One call writes all of them and says which."""
    monkeypatch.setattr(publish_specs, "ROOT", tmp_path)
    publish_specs.main()

    assert list(publish_specs.DOCUMENTS) == capsys.readouterr().out.split()
    assert publish_specs.states_page() == (tmp_path / "docs" / "states.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("part", "allowed"),
    [
        ({}, True),
        ({"repeat": True}, True),
        ({"repeat": 1}, False),
        ({"scheme": None}, True),
        ({"scheme": ""}, False),
        ({"amount": {"value": "1.00", "currency": "KZT"}}, True),
        ({"amount": {"value": 1.0, "currency": "KZT"}}, False),
        ({"amount": {"value": "01", "currency": "KZT"}}, False),
        ({"amount": {"value": "1", "currency": "398"}}, False),
        ({"card": {"pan": "4761739001010119", "track2": "4761739001010119=29"}}, True),
        ({"card": {"pan": "123"}}, False),
        ({"card": {"pan": 4761739001010119}}, False),
        ({"card": {"pan": SEALED}}, False),
        ({"card": {"pin_block": "0123456789ABCDEF", "icc": "9F26"}}, True),
        ({"card": {"pin_block": "0123456789ABCDE"}}, False),
        ({"card": {"icc": "9F 26"}}, False),
        ({"card": {"verification_code": "12"}}, False),
        ({"sensitive": "A" * 20}, False),
        ({"creditor_account": {"iban": "GB82WEST12345698765432", "other": None}}, True),
        ({"creditor_account": {"iban": "GB82WEST12345698765432", "other": "1"}}, False),
        ({"references": {"created_at": "2026-07-14T09:30:00Z"}}, True),
        ({"references": {"created_at": 1700000000}}, False),
        ({"references": {"uetr": "x"}}, False),
        ({"customer": {"kyc_level": "2"}}, False),
        ({"intermediary_agents": [{}, {}, {}, {}]}, False),
        ({"unknown": 1}, False),
    ],
    ids=str,
)
def test_model_and_schema_agree(part: dict[str, object], allowed: object) -> None:
    """Beyond the schema come only check digits, lists of codes, decimals and the calendar."""
    document = {"kind": Kind.AUTHORISATION.value, **part}
    try:
        parse(json.dumps(document).encode())
        accepted = True
    except Refused:
        accepted = False

    assert (allowed, allowed) == (accepted, VALIDATOR.is_valid(document))
