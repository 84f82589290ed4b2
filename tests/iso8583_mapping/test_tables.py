"""The laws of the tables, on plain dictionaries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.iso8583_mapping.strategies import NOW, PATHS, messages

from msggw.errors import Refused
from msggw.iso8583 import Message
from msggw.iso8583.mapping import TABLES
from msggw.iso8583.mapping.shape import cut
from msggw.iso8583.mapping.tables import table_of
from msggw.translate import Context
from msggw.translate.reader import set_path

CONTEXT = Context(NOW)


@st.composite
def canonical(draw, table) -> dict:
    """Values for some of the rows of a table."""
    values = dict(table.canonical)
    for path in draw(st.sets(st.sampled_from([row.path for row in table.rows]))):
        set_path(values, path, draw(PATHS[path]))
    return values


@given(
    st.sampled_from(sorted(TABLES)).flatmap(lambda c: st.tuples(st.just(c), canonical(TABLES[c])))
)
def test_what_is_written_is_read_again(case):
    """put-get: reading what a table wrote gives the canonical values, and no residue."""
    class_, values = case
    table = TABLES[class_]

    reading = table.get(table.put(values, {}, CONTEXT), CONTEXT)

    assert (values, {}) == (reading.values, reading.residue)


@given(messages)
def test_what_is_read_is_written_again(message):
    """get-put: writing what a table read, with its residue, gives the data elements."""
    mti, fields = message
    flat = cut(dict(Message(mti, fields).fields), mti[1]).flat
    table = table_of(mti)

    reading = table.get(flat, CONTEXT)

    assert flat == table.put(reading.values, reading.residue, CONTEXT)


@given(
    st.sampled_from(sorted(TABLES)),
    st.dictionaries(
        st.sampled_from([str(number) for number in range(2, 129)] + ["90.1", "90.4", "95.1"]),
        st.one_of(st.text(max_size=20), st.binary(max_size=20), st.none()),
    ),
)
def test_garbage_is_only_ever_refused(class_, fields):
    """Whatever stands in the data elements, a table reads it or refuses it with places."""
    places = []
    try:
        shape = cut({k: v for k, v in fields.items() if v is not None}, class_)
        TABLES[class_].get(shape.flat, CONTEXT)
    except Refused as refusal:
        places = [fault.where.path[:2] for fault in refusal]

    assert set(places) <= {"DE"}


def test_every_row_cites_its_clause():
    """Each row names the standard and the data element it is about."""
    rows = [row for table in TABLES.values() for row in table.rows]

    assert all(row.clause.startswith("ISO 8583:1987 DE ") for row in rows)
    assert {row.path for row in rows} == PATHS.keys()
