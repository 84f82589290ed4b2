"""What no row claims, as text and in memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.canonical import Kind, Residue, Transaction
from msggw.errors import Refused, Rule
from msggw.iso8583.mapping.residue import keep, restore

keys = st.integers(2, 128).map(str)
values = st.one_of(
    st.text(max_size=30),
    st.binary(max_size=30),
    st.sampled_from(("hex:", "text:", "hex:zz", "text:hex:")),
)


def holding(residue: Residue) -> Transaction:
    """Return a transaction with this residue."""
    return Transaction(kind=Kind.AUTHORISATION, residue=residue)


@given(st.dictionaries(keys, values), st.frozensets(keys))
def test_everything_kept_is_restored(fields, hidden):
    """Text and bytes, hidden or not, come back as they were to the same dialect."""
    assert fields == restore(holding(keep(fields, "a", hidden)), "a")


@given(st.dictionaries(keys, values))
def test_another_dialect_gets_only_what_means_the_same(fields):
    """Countries, additional amounts and accounts are portable; the rest is private."""
    restored = restore(holding(keep(fields, "a")), "b")

    assert {
        k: v for k, v in fields.items() if k in {"20", "21", "54", "68", "102", "103"}
    } == restored


def test_what_is_hidden_is_in_no_dump():
    """Security data, MACs and hidden elements leave neither by JSON nor by repr."""
    residue = keep(
        {"53": "MARKED", "64": b"MARKED", "48": "MARKED", "62": "ok"}, "a", frozenset({"48"})
    )
    transaction = holding(residue)

    assert (
        "MARKED" not in f"{transaction!r}{transaction.model_dump()}{transaction.model_dump_json()}"
    )
    assert {"62": "ok"} == transaction.model_dump()["residue"]["fields"]
    assert b"MARKED".hex() not in transaction.model_dump_json()


def test_other_residues_give_nothing():
    """No residue, or one of another standard, restores nothing."""
    assert {} == restore(Transaction(kind=Kind.AUTHORISATION), "a")
    assert {} == restore(holding(Residue(standard="iso20022:x", fields={"48": "x"})), "a")


@pytest.mark.parametrize(
    ("key", "text"), [("0", "x"), ("48.1", "x"), ("form:", "x"), ("48", "hex:zz")]
)
def test_a_broken_residue_is_refused(key, text):
    """A residue comes from JSON too: keys that are no elements and bad digits are refused."""
    with pytest.raises(Refused) as caught:
        restore(holding(Residue(standard="iso8583:a", fields={key: text})), "a")

    assert [Rule.SYNTAX] == [fault.rule for fault in caught.value]
