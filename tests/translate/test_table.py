"""The laws of a mapping table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.translate.tables import CONTEXT, TABLE

from msggw.errors import Refused, Rule
from msggw.translate import LossKind

TEXTS = st.text("abc", min_size=1, max_size=3)
DIGITS = st.text("0123456789", min_size=1, max_size=4)
FOREIGN = st.fixed_dictionaries(
    {"id": TEXTS, "type": st.just("demo")},
    optional={
        "number": DIGITS,
        "here": TEXTS,
        "pair": TEXTS,
        "left": TEXTS,
        "right": TEXTS,
        "colour": st.sampled_from("RG"),
        "note[1]": TEXTS,
        "note[2]": TEXTS,
        "note[3]": TEXTS,
        "fee1/amount": DIGITS,
        "fee1/line[1]": TEXTS,
        "fee1/part[1]/x": TEXTS,
        "fee1/part[2]/x": TEXTS,
        "fee1/other": TEXTS,
        "fee3/amount": DIGITS,
        "unclaimed": TEXTS,
    },
).filter(lambda f: "fee1/amount" in f or not any(k.startswith("fee1/") for k in f))


@given(FOREIGN)
def test_put_gives_back_what_get_has_read(foreign):
    """Law get-put: a round trip within a standard loses nothing, however it was written."""
    reading = TABLE.get(foreign, CONTEXT)

    assert foreign == TABLE.put(reading.values, reading.residue, CONTEXT)


@given(FOREIGN, st.sampled_from(["place", "deep"]))
def test_residue_never_brings_back_what_was_taken_out(foreign, gone):
    """A lexical value that the model no longer has does not return from the residue."""
    reading = TABLE.get(foreign, CONTEXT)
    values = {key: value for key, value in reading.values.items() if key != gone}

    again = TABLE.get(TABLE.put(values, reading.residue, CONTEXT), CONTEXT)

    assert values == again.values


@given(
    st.fixed_dictionaries(
        {"id": TEXTS},
        optional={
            "deep": st.fixed_dictionaries({"number": st.integers(0, 99)}),
            "place": TEXTS,
            "colour": st.sampled_from(["red", "green"]),
            "notes": st.lists(TEXTS, min_size=1, max_size=2),
            "fees": st.lists(
                st.fixed_dictionaries(
                    {"amount": st.integers(0, 9)},
                    optional={"lines": st.lists(TEXTS, min_size=1, max_size=3)},
                ),
                min_size=1,
                max_size=2,
            ),
        },
    )
)
def test_get_gives_back_what_put_has_written(values):
    """Law put-get: what the model says arrives, and nothing is left over."""
    reading = TABLE.get(TABLE.put(values, {}, CONTEXT), CONTEXT)

    assert ({**values, "kind": "demo", "about": {"message": "demo"}}, {}) == (
        reading.values,
        reading.residue,
    )


@given(
    st.dictionaries(st.sampled_from(["id", "number", "colour", "left", "fee1/amount"]), st.text())
)
def test_garbage_is_only_ever_refused(foreign):
    """Reading ends in values or in faults with places, never in another error."""
    faults = ()
    try:
        TABLE.get(foreign, CONTEXT)
    except Refused as refusal:
        faults = refusal.faults

    assert {"foreign"} >= {fault.where.standard for fault in faults}


def test_all_faults_are_given_at_once():
    """Every row is read although another one failed."""
    with pytest.raises(Refused) as refused:
        TABLE.get({"number": "x", "colour": "B", "type": "other", "fee1/line[1]": "a"}, CONTEXT)

    assert [
        ("/type", Rule.VALUE),
        ("/id", Rule.MISSING),
        ("/number", Rule.CLASS),
        ("/colour", Rule.UNKNOWN),
        ("/fee1/amount", Rule.MISSING),
    ] == [(fault.where.path, fault.rule) for fault in refused.value]


def test_writing_names_every_missing_and_impossible_value():
    """Faults of `put` are placed in the canonical model."""
    with pytest.raises(Refused) as refused:
        TABLE.put({"deep": {"number": -1}, "fees": [{}]}, {}, CONTEXT)

    assert [
        ("canonical", "id", Rule.MISSING),
        ("canonical", "deep.number", Rule.VALUE),
        ("canonical", "amount", Rule.MISSING),
    ] == [(f.where.standard, f.where.path, f.rule) for f in refused.value]


def test_a_changed_value_is_written_in_our_own_way():
    """The sender's writing is used only while it means what the model says."""
    reading = TABLE.get({"id": "a", "type": "demo", "number": "007", "there": "t"}, CONTEXT)

    same = TABLE.put(reading.values, reading.residue, CONTEXT)
    changed = TABLE.put(
        {**reading.values, "deep": {"number": 8}, "place": "u"}, reading.residue, CONTEXT
    )

    assert {"id": "a", "type": "demo", "number": "007", "there": "t"} == same
    assert {"id": "a", "type": "demo", "number": "8", "here": "u"} == changed


def test_a_residue_that_cannot_be_read_is_not_written():
    """A tampered residue loses against the model."""
    out = TABLE.put({"id": "a", "deep": {"number": 8}}, {"number": "x"}, CONTEXT)

    assert {"id": "a", "type": "demo", "number": "8"} == out


def test_models_are_written_like_dictionaries():
    """`put` reads attributes where there is no dictionary; a missing one is no value."""

    class Deep(BaseModel):
        number: int = 3

    class Thing(BaseModel):
        id: str = "a"
        deep: Deep | None = Deep()

    assert {"id": "a", "type": "demo", "number": "3"} == TABLE.put(Thing(), {}, CONTEXT)
    assert {"id": "a", "type": "demo"} == TABLE.put(Thing(deep=None), {}, CONTEXT)


def test_loss_names_what_the_message_cannot_carry():
    """Every leaf with a value and no row is lost, and said so; empty lists are no loss."""

    class Deep(BaseModel):
        number: int = 3
        letter: str = "z"

    class Thing(BaseModel):
        id: str = "a"
        extra: str | None = None
        deep: Deep = Deep()
        notes: tuple[str, ...] = ()

    thing = Thing(id="b", extra="x", deep=Deep(number=4, letter="y"), notes=("n",))
    found = TABLE.loss(thing)

    assert [(LossKind.DROPPED, "deep.letter"), (LossKind.DROPPED, "extra")] == [
        (loss.kind, loss.source) for loss in found
    ]
    assert [] == TABLE.loss(
        {"id": "a", "more": (), "other": [], "none": None, "residue": {"a": "b"}}
    )
