"""Prefixes that count bytes of packed digits: only even numbers of digits can be said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.errors import Refused, Rule
from msggw.iso8583 import Codec, Message, speclang
from msggw.iso8583.interop import pyiso

ENTRY = {"name": "x", "format": "n..18", "encoding": "bcd", "prefix": "binary:1", "counts": "bytes"}
SPEC = speclang.parse({"name": "x", "title": "x", "fields": {"32": ENTRY}})


@given(digits=st.text("0123456789", max_size=18))
def test_packed_bytes(digits):
    """Even numbers of digits come back on every level; odd ones are refused."""
    codec = Codec(SPEC, hits_before_shape=1)
    sent = Message("0100", {"32": digits})
    if len(digits) % 2:
        with pytest.raises(Refused) as caught:
            codec.encode(sent)
        assert [("DE32", Rule.LENGTH)] == [
            (one.where.path, one.rule) for one in caught.value.faults
        ]
        return
    data = codec.encode(sent)
    assert data.endswith(bytes([len(digits) // 2]) + bytes.fromhex(digits))
    assert [digits] * 3 == [codec.decode(data)["32"] for _ in range(3)]


def test_pyiso_counts_digits():
    """A prefix that counts packed bytes is among what pyiso8583 cannot say."""
    with pytest.raises(Refused) as caught:
        pyiso.to_spec(SPEC)

    assert Rule.UNSUPPORTED == caught.value.faults[0].rule
