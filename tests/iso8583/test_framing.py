"""Framing: however the bytes arrive, the same messages come out; nonsense ends the link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msggw.errors import ConfigurationError, Refused, Rule
from msggw.iso8583 import framing

CUTTING = tuple(name for name in framing.NAMES if name != "raw")
# STX and ETX frames carry text; the others carry anything.
payloads = st.lists(
    st.binary(min_size=1, max_size=90).map(lambda one: one.replace(b"\x03", b"3")), max_size=5
)
LIMIT = 95  # fits even two digits of length


def fed(name, stream, sizes):
    """Feed a stream in pieces of these sizes and return what comes out."""
    one, out, at = framing.of(name, length_max=LIMIT), [], 0
    for size in sizes:
        out += one.receive_data(stream[at : at + size])
        at += size
    return out + one.receive_data(stream[at:])


@given(name=st.sampled_from(CUTTING), sent=payloads, sizes=st.lists(st.integers(1, 50)))
def test_pieces_do_not_matter(name, sent, sizes):
    """Any way of cutting the stream gives the payloads that were framed."""
    writer = framing.of(name, length_max=LIMIT)
    stream = b"".join(writer.frame(payload) for payload in sent)

    assert sent == fed(name, stream, [])
    assert sent == fed(name, stream, [1] * len(stream))
    assert sent == fed(name, stream, sizes)


@given(name=st.sampled_from(framing.NAMES), data=st.binary(max_size=300))
def test_garbage_is_only_ever_refused(name, data):
    """Noise gives payloads within the limit or `Refused`, and the buffer stays bounded."""
    one = framing.of(name, length_max=LIMIT)
    try:
        found = one.receive_data(data)
    except Refused:
        found = one.frames_before_fault
    assert all(0 < len(payload) <= LIMIT for payload in found)
    assert one.buffered <= max(len(data), LIMIT + 6)


@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("binary-2", "0003616263"),
        ("binary-2-inclusive", "0005616263"),
        ("binary-2-little", "0300616263"),
        ("binary-4", "00000003616263"),
        ("binary-4-inclusive", "00000007616263"),
        ("binary-4-little", "03000000616263"),
        ("vap", "00030000616263"),
        ("gicc", "00000003616263"),
        ("ascii-2", "3033616263"),
        ("ascii-3", "303033616263"),
        ("ascii-4", "30303033616263"),
        ("ascii-4-inclusive", "30303037616263"),
        ("ascii-5", "3030303033616263"),
        ("ascii-6", "303030303033616263"),
        ("bcd-2", "0003616263"),
        ("hex-4", "30303033616263"),
        ("base24", "000461626303"),
        ("stx-etx", "026162630363"),
        ("raw", "616263"),
    ],
)
def test_wire_form(name, stream):
    """Each framing puts `abc` on the wire as its users expect."""
    assert stream == framing.of(name).frame(b"abc").hex()
    assert [b"abc"] == framing.of(name).receive_data(bytes.fromhex(stream))


@pytest.mark.parametrize("name", framing.NAMES)
def test_limits_of_sending(name):
    """Nothing and too much cannot be framed; the longest payload can, and comes through."""
    one = framing.of(name, length_max=LIMIT)
    for payload in (b"", b"x" * (LIMIT + 1)):
        with pytest.raises(Refused) as caught:
            one.frame(payload)
        assert Rule.LENGTH == caught.value.faults[0].rule
    longest = b"x" * LIMIT
    assert [longest] == framing.of(name, length_max=LIMIT).receive_data(one.frame(longest))


@pytest.mark.parametrize(
    ("name", "stream"),
    [
        ("binary-2", "FFFF"),
        ("binary-2-inclusive", "0001"),
        ("vap", "00030001616263"),
        ("ascii-4", "30304133"),
        ("ascii-4", "2B303033"),
        ("bcd-2", "00A3"),
        ("hex-4", "3030475A"),
        ("hex-4", "2B303033"),
        ("base24", "000461626304"),
        ("base24", "000103"),
        ("stx-etx", "41"),
        ("stx-etx", "026162630364"),
        ("stx-etx", "020303"),
        ("stx-etx", "02" + "61" * 100),
        ("raw", "61" * 96),
    ],
)
def test_impossible_lengths(name, stream):
    """A stream that cannot be followed is refused; what came before is not lost."""
    one = framing.of(name, length_max=LIMIT)
    before = b"" if name == "raw" else one.frame(b"abc")
    with pytest.raises(Refused):
        one.receive_data(before + bytes.fromhex(stream))

    assert one.frames_before_fault == ([] if name == "raw" else [b"abc"])


@pytest.mark.parametrize("name", CUTTING)
def test_keep_alive(name):
    """A frame of length zero is counted and is no message."""
    one = framing.of(name)
    poll = one.keep_alive()
    assert [b"abc"] == one.receive_data(poll + poll + one.frame(b"abc"))
    assert (2 if poll else 0) == one.keep_alives_received()
    assert 0 == one.keep_alives_received()


def test_unknown_name():
    """A framing that does not exist is a matter of configuration."""
    with pytest.raises(ConfigurationError):
        framing.of("smoke-signals")


def test_a_payload_with_etx_cannot_be_framed():
    """Between STX and ETX no byte 03 can stand, so such a payload is refused, not cut."""
    with pytest.raises(Refused) as caught:
        framing.of("stx-etx").frame(b"a\x03b")

    assert Rule.VALUE == caught.value.faults[0].rule
