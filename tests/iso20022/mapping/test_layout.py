"""Splitting a message into its transactions and joining them again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.errors import Refused
from msggw.iso20022.mapping.layout import Layout

FLAT = Layout("Tx", count="Hdr/Nb", control_sum="Hdr/Sum", total="Hdr/Total", amount="Tx/Amt")
NESTED = Layout("Group/Tx")
FALLBACK = Layout("Tx", fallback="Grp")


@given(st.integers(1, 12), st.lists(st.sampled_from(["1", "2.5", "010"]), min_size=12, max_size=12))
def test_join_undoes_split(count, amounts):
    """Law: what is split is joined to the same message."""
    fields = {"Hdr/Id": "a", "Extra[1]/x": "y"}
    fields |= {f"Tx[{n}]/Amt": amounts[n - 1] for n in range(1, count + 1)}
    fields["Hdr/Nb"] = f"0{count}"

    parts = FLAT.split(fields)

    assert count == len(parts)
    assert fields == FLAT.join(parts)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=4).filter(lambda c: sum(c) > 0))
def test_nested_groups_are_joined_where_they_were(counts):
    """A group without transactions stands for itself; the others keep their number."""
    fields = {"Hdr/Id": "a"}
    for group, count in enumerate(counts, start=1):
        fields[f"Group[{group}]/Ref"] = f"r{group}"
        fields |= {f"Group[{group}]/Tx[{n}]/Id": f"{group}-{n}" for n in range(1, count + 1)}

    parts = NESTED.split(fields)

    assert sum(max(count, 1) for count in counts) == len(parts)
    assert fields == NESTED.join(parts)


def test_groups_alone_stand_for_themselves():
    """Without transactions each group is one."""
    fields = {"Hdr/Id": "a", "Grp[1]/Id": "x", "Grp[2]/Id": "y"}
    parts = FALLBACK.split(fields)

    assert [{"Hdr/Id": "a", "Grp[1]/Id": "x"}, {"Hdr/Id": "a", "Grp[1]/Id": "y"}] == parts
    assert fields == FALLBACK.join(parts)


def test_a_message_without_any_is_one():
    """What is about a whole group has one part."""
    assert [{"Hdr/Id": "a"}] == FLAT.split({"Hdr/Id": "a"})


def test_counts_and_sums_follow_the_transactions():
    """One of three goes on alone: count and sums are its own."""
    fields = {"Hdr/Nb": "3", "Hdr/Sum": "6", "Hdr/Total": "6.00"}
    fields |= {f"Tx[{n}]/Amt": f"{n}.00" for n in (1, 2, 3)}
    alone = FLAT.join(FLAT.split(fields)[1:2])

    assert {"Hdr/Nb": "1", "Hdr/Sum": "2.00", "Hdr/Total": "2.00", "Tx[1]/Amt": "2.00"} == alone


def test_parts_of_two_messages_are_not_joined():
    """One message has one group header."""
    with pytest.raises(Refused):
        FLAT.join([{"Hdr/Id": "a", "Tx/Amt": "1"}, {"Hdr/Id": "b", "Tx/Amt": "1"}])
