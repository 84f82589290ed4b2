"""The pure parts of the load generator: what it sends, what it reads, how it counts."""

from datetime import UTC, datetime
from itertools import islice

import iso8583
import pytest
from benchmarks.frames import STAN_MAX, Requests, pan, read_answer, take_frames
from benchmarks.load import Plan, Run, Tally, quantile_ms
from benchmarks.result import at_least, at_most, judged
from hypothesis import given
from hypothesis import strategies as st
from iso8583.specs import default_ascii
from stdnum import luhn

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

# Which of these optional data elements an answer may carry before DE 39.
ANSWERED = {"2": "4111111111111111", "3": "000000", "7": "0304050607", "32": "06", "38": "A1B2C3"}


def framed(body: bytes) -> bytes:
    """The body after its length."""
    return len(body).to_bytes(2, "big") + body


def answer(stan: str, rrn: str, code: str, **more: str) -> bytes:
    """A 0110 written by a library."""
    fields = {"t": "0110", "11": stan, "37": rrn, "39": code, **more}
    return bytes(iso8583.encode(fields, default_ascii)[0])


def test_request_is_what_a_library_reads():
    """Another decoder finds every field, a valid amount that ends in 00, and the key."""
    key, frame = Requests(NOW).next()
    fields, _ = iso8583.decode(frame[2:], default_ascii)

    assert len(frame) - 2 == int.from_bytes(frame[:2], "big")
    assert ("0100", "0304050607", "398") == (fields["t"], fields["7"], fields["49"])
    assert key == (fields["11"] + fields["37"]).encode()
    assert (0, True) == (int(fields["4"]) % 100, int(fields["4"]) > 0)


def test_requests_differ_in_key_and_card():
    """No two requests of a run share DE 11 and DE 37, nor the PAN."""
    requests = Requests(NOW)
    sent = [requests.next() for _ in range(5000)]

    assert len(sent) == len({key for key, _ in sent})
    assert len(sent) == len({frame[24:40] for _, frame in sent})


def test_requests_end_with_the_stans(monkeypatch):
    """A key is never used twice: the run stops instead."""
    monkeypatch.setattr("benchmarks.frames.STAN_MAX", 3)
    requests = Requests(NOW)
    list(islice(iter(requests.next, None), 3))

    with pytest.raises(OverflowError):
        requests.next()
    assert 999_999 == STAN_MAX


@given(st.integers(0, 10**15))
def test_pan_passes_luhn(number):
    """Every number gives 16 digits with a right check digit."""
    digits = pan(number).decode()

    assert 16 == len(digits)
    assert luhn.is_valid(digits)


@given(
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.from_regex(r"[0-9A-Z]{12}", fullmatch=True),
    st.sampled_from(["00", "05", "91"]),
    st.sets(st.sampled_from(sorted(ANSWERED))),
    st.booleans(),
)
def test_answer_is_read_as_it_was_written(stan, rrn, code, more, second_bitmap):
    """Whatever stands between them, DE 11, 37 and 39 are found."""
    others = {name: ANSWERED[name] for name in more} | ({"102": "1"} if second_bitmap else {})

    assert read_answer(answer(stan, rrn, code, **others)) == ((stan + rrn).encode(), code.encode())


@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda tail: b"0110" + b"F" * 16 + tail))
def test_garbage_is_read_without_harm(frame):
    """An answer that is none has no key of a request, and raises nothing."""
    assert len(read_answer(frame).key) <= 18


@given(st.lists(st.binary(max_size=300), max_size=6), st.data())
def test_frames_survive_any_cutting(bodies, data):
    """However the stream is cut into pieces, the same frames come out."""
    stream = b"".join(map(framed, bodies))
    cut = data.draw(st.integers(0, len(stream)))
    buffer = bytearray(stream[:cut])
    found = take_frames(buffer)
    buffer += stream[cut:]

    assert bodies == found + take_frames(buffer)
    assert b"" == buffer


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_quantile_is_not_exceeded_by_its_share(values, share):
    """At least that share of the values is as small as the quantile, and it is one of them."""
    found = quantile_ms(sorted(values), share)

    assert found in {round(value * 1000, 2) for value in values}
    assert sum(round(value * 1000, 2) <= found for value in values) >= share * len(values) - 1e-9


def test_quantile_of_nothing():
    """A run without answers has no latency, not a good one."""
    assert quantile_ms([], 0.99) is None


def test_tally_tells_answers_apart():
    """Only an approval is none of the errors."""
    tally = Tally(unmatched=1, lost=2, broken_links=1)
    for code in (b"00", b"00", b"05", b""):
        tally.answered(0.010, code)
    report = tally.report(2.0)

    assert (2.0, 10.0) == (report["tx_per_s"], report["p99_ms"])
    assert (2, 1, 2) == (report["approved"], report["declined"], report["other"])
    assert 6 == report["errors"]


async def test_run_counts_an_answer_once_and_misses_the_lost():
    """A second answer to the same request is unmatched; a request without one is lost."""
    run = Run(
        Plan(host="", port=0, links=1, in_flight=1, rate_per_s=None, warm_up_s=0, measured_s=0)
    )
    run.counting = True
    sent = [iso8583.decode(run.request(1.0)[2:], default_ascii)[0] for _ in range(2)]
    reply = answer(sent[0]["11"], sent[0]["37"], "00")
    run.on_answer(reply, 1.5)
    run.on_answer(reply, 1.6)
    await run.drain(0)

    assert [0.5] == list(run.tally.latencies_s)
    assert (1, 1) == (run.tally.unmatched, run.tally.lost)


@pytest.mark.parametrize(
    ("threshold", "value", "met"),
    [
        (at_least, 5.0, True),
        (at_least, 4.9, False),
        (at_least, None, False),
        (at_most, 5.0, True),
        (at_most, 5.1, False),
        (at_most, None, False),
    ],
)
def test_threshold(threshold, value, met):
    """The limit itself is met; what could not be measured is not."""
    assert met == judged({}, threshold("speed", value, 5.0))["met"]
