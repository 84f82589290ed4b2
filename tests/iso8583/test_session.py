"""The session: sign-on, echo, matching, time-outs and limits, by the clock it is given."""

from __future__ import annotations

import pytest

from msggw.errors import ConfigurationError, Conflict, Refused, Unavailable
from msggw.iso8583 import Codec, Message, framing
from msggw.iso8583.session import (
    EchoReceived,
    FlowExceeded,
    FrameRefused,
    LinkClosed,
    NetworkRequestReceived,
    PeerSilent,
    RequestBeforeSignOn,
    RequestReceived,
    RequestTimedOut,
    ResponseLate,
    ResponseReceived,
    ResponseUnmatched,
    Session,
    SessionSettings,
    SignedOff,
    SignedOn,
    SignOnFailed,
    State,
    backoff_s,
)
from msggw.iso8583.session.flow import Bucket

CODEC = Codec.load("iso87-ascii")
REQUEST = Message(
    "0100",
    {
        "2": "4111111111111111",
        "4": "1050",
        "7": "0101120000",
        "11": "000042",
        "41": "T1",
        "49": "398",
    },
)


def link(codec=CODEC, name="binary-2", **settings):
    """A connected session."""
    one = Session(codec, framing.of(name), SessionSettings(**settings), utc_offset_s=1_700_000_000)
    one.connected(0.0)
    return one


def pump(one, other, now):
    """Carry bytes both ways until nothing moves."""
    for _ in range(4):
        other.receive_data(one.data_to_send(), now)
        one.receive_data(other.data_to_send(), now)


def kinds(events):
    """The classes of events."""
    return [type(event) for event in events]


def framed(data):
    """Bytes as the peer would send them."""
    return framing.of("binary-2").frame(data)


def test_sign_on_and_request():
    """A client signs on, asks and gets its answer; the host sees all of it."""
    client, host = link(sign_on=True), link(sign_on_required=True)
    assert State.SIGNING_ON is client.state
    with pytest.raises(Unavailable):
        client.send_request(REQUEST, 0.0, 5.0)
    pump(client, host, 0.5)
    assert [SignedOn(by_peer=False)] == client.events_received()
    assert [SignedOn(by_peer=True)] == host.events_received()

    client.send_request(REQUEST, 1.0, 5.0)
    assert 1 == client.in_flight
    pump(client, host, 1.5)
    (asked,) = host.events_received()
    assert isinstance(asked, RequestReceived)
    assert 1 == host.unanswered
    host.send_response(asked.message, asked.message.response({"39": "00"}), 1.6)
    pump(client, host, 2.0)
    (got,) = client.events_received()
    assert isinstance(got, ResponseReceived)
    assert ("0110", "00", 1.0) == (got.response.mti, got.response["39"], got.elapsed_s)
    assert (0, 0) == (client.in_flight, host.unanswered)


@pytest.mark.parametrize("dialect", ["iso87-ascii", "iso93-binary", "iso03-binary", "visa-base1"])
def test_network_messages_of_every_edition(dialect):
    """Sign-on, echo and sign-off work in each edition."""
    codec = Codec.load(dialect)
    codes = (
        {}
        if dialect in {"iso87-ascii", "visa-base1"}
        else {"sign_on_code": "801", "sign_off_code": "802", "echo_code": "831"}
    )
    client, host = link(codec, "vap", sign_on=True, echo_after_s=10, **codes), link(codec, "vap")
    pump(client, host, 0.0)
    client.handle_timer(10.0)
    pump(client, host, 10.0)
    client.sign_off(11.0)
    pump(client, host, 11.0)

    assert [SignedOn(by_peer=False), SignedOff(by_peer=False)] == client.events_received()
    assert [SignedOn(by_peer=True), EchoReceived(), SignedOff(by_peer=True)] == (
        host.events_received()
    )
    assert (State.DRAINING, State.DRAINING) == (client.state, host.state)
    with pytest.raises(Unavailable):
        host.send_request(REQUEST, 12.0, 5.0)


def test_sign_on_again_after_sign_off():
    """A peer that signs on again is served again."""
    host = link()
    for code in ("002", "001"):
        ask = Message("0800", {"7": "0101120000", "11": "1", "70": code})
        host.receive_data(framed(CODEC.encode(ask)), 1.0)
    assert State.UP is host.state
    client, other = link(sign_on=True), link()
    client.sign_off(0.1)
    pump(client, other, 0.2)
    assert SignedOff(by_peer=False) in client.events_received()


def test_sign_on_refused():
    """A refused sign-on closes the link and says with which code."""
    client = link(sign_on=True)
    (frame,) = framing.of("binary-2").receive_data(client.data_to_send())
    refusal = CODEC.decode(frame).response({"39": "91"})
    client.receive_data(framed(CODEC.encode(refusal)), 1.0)

    assert [SignOnFailed(code="91"), LinkClosed(reason="sign-on was refused")] == (
        client.events_received()
    )
    assert client.closing


def test_sign_on_unanswered():
    """An unanswered sign-on closes the link."""
    client = link(sign_on=True)
    assert 10.0 == client.next_timer()
    client.handle_timer(10.0)

    assert [SignOnFailed, LinkClosed] == kinds(client.events_received())


def test_request_before_sign_on():
    """A peer that has to sign on first is told so."""
    host = link(sign_on_required=True)
    host.receive_data(framed(CODEC.encode(REQUEST)), 0.0)

    assert [RequestBeforeSignOn] == kinds(host.events_received())
    (answer,) = framing.of("binary-2").receive_data(host.data_to_send())
    assert "91" == CODEC.decode(answer)["39"]


def test_time_out_then_late_answer():
    """A request times out once; its answer is then late, and the next one unmatched."""
    client, host = link(), link()
    client.send_request(REQUEST, 0.0, 5.0)
    pump(client, host, 0.1)
    (asked,) = host.events_received()
    assert 5.0 == client.next_timer()
    client.handle_timer(4.9)
    assert [] == client.events_received()
    client.handle_timer(5.0)
    (out,) = client.events_received()
    assert isinstance(out, RequestTimedOut)

    response = asked.message.response({"39": "00"})
    for expected in (ResponseLate, ResponseUnmatched):
        host.send_response(asked.message, response, 6.0)
        pump(client, host, 6.0)
        assert [expected] == kinds(client.events_received())


def test_near_miss_is_explained():
    """A response with a re-padded key field is unmatched, and the field is named."""
    client = link()
    client.send_request(REQUEST, 0.0, 5.0)
    client.send_request(REQUEST.evolve(fields={"11": "000043"}), 0.0, 5.0)
    stray = REQUEST.response({"39": "00", "41": "0000T1"})
    client.receive_data(framed(CODEC.encode(stray)), 1.0)
    (event,) = client.events_received()

    assert isinstance(event, ResponseUnmatched)
    assert "the nearest waiting request differs in DE 41" == event.explanation
    assert [("41",), ("11", "41")] == [miss.differing for miss in event.nearest]
    other = REQUEST.response({"39": "00"}).evolve(mti="0210", fields={"37": "1"})
    client.receive_data(framed(CODEC.encode(other)), 1.0)
    (event,) = client.events_received()
    assert "the nearest waiting request differs in MTI" == event.explanation


def test_optional_key_field():
    """DE 37 counts only if both messages carry it."""
    client = link()
    with_rrn = REQUEST.evolve(fields={"37": "111111111111"})
    client.send_request(with_rrn, 0.0, 5.0)
    client.send_request(with_rrn.evolve(fields={"37": "222222222222"}), 0.0, 5.0)
    response = REQUEST.response({"39": "00", "37": "222222222222"})
    client.receive_data(framed(CODEC.encode(response)), 1.0)
    (got,) = client.events_received()
    assert "222222222222" == got.request["37"]
    client.handle_timer(6.0)
    client.events_received()
    client.receive_data(framed(CODEC.encode(response)), 7.0)
    assert [ResponseUnmatched] == kinds(client.events_received())


def test_same_key_in_flight_is_refused():
    """Two waiting requests never share a key."""
    client = link()
    client.send_request(REQUEST, 0.0, 5.0)
    with pytest.raises(Conflict):
        client.send_request(REQUEST.evolve(fields={"4": "2"}), 0.0, 5.0)
    assert 1 == client.in_flight


def test_in_flight_limit():
    """Requests over the limit are not sent."""
    client = link(in_flight_max=1)
    client.send_request(REQUEST, 0.0, 5.0)
    with pytest.raises(Unavailable):
        client.send_request(REQUEST.evolve(fields={"11": "000043"}), 0.0, 5.0)


def test_a_request_that_cannot_be_encoded_is_not_in_flight():
    """A refused message leaves nothing behind."""
    client = link()
    with pytest.raises(Refused):
        client.send_request(REQUEST.evolve(fields={"4": "x"}), 0.0, 5.0)
    assert (0, b"") == (client.in_flight, client.data_to_send())


def test_unanswered_limit_and_rate():
    """A peer that asks too much at once or too fast is reported."""
    host = link(unanswered_max=1)
    host.receive_data(framed(CODEC.encode(REQUEST)) * 2, 0.0)
    assert [RequestReceived, FlowExceeded] == kinds(host.events_received())
    host = link(frames_per_s_max=2)
    host.receive_data(framed(CODEC.encode(REQUEST)) * 3, 0.0)
    assert [RequestReceived, RequestReceived, FlowExceeded] == kinds(host.events_received())
    host.receive_data(framed(CODEC.encode(REQUEST)), 1.0)
    assert [RequestReceived] == kinds(host.events_received())


def test_bucket_never_gains_from_a_clock_that_goes_back():
    """Time that does not pass refills nothing."""
    bucket = Bucket(1)
    assert bucket.take(5.0)
    assert not bucket.take(4.0)


def test_broken_frames():
    """Broken frames are reported with what an answer may repeat; the third in a row closes."""
    host = link()
    broken = framed(CODEC.encode(REQUEST).replace(b"398", b"3\x008"))
    host.receive_data(broken, 0.0)
    (event,) = host.events_received()
    assert isinstance(event, FrameRefused)
    assert event.salvaged is not None
    assert "000042" == event.salvaged["11"]
    host.send_response(event.salvaged, event.salvaged.response({"39": "30"}), 0.0)
    (answer,) = framing.of("binary-2").receive_data(host.data_to_send())
    assert ("0110", "30") == (CODEC.decode(answer).mti, CODEC.decode(answer)["39"])

    host.receive_data(framed(CODEC.encode(REQUEST)), 0.0)
    host.receive_data(broken * 4, 0.0)
    assert [RequestReceived, *[FrameRefused] * 3, LinkClosed] == kinds(host.events_received())
    host.receive_data(broken, 0.0)
    assert [] == host.events_received()
    with pytest.raises(Unavailable):
        host.send_response(REQUEST, REQUEST.response({"39": "00"}), 1.0)


def test_broken_framing_closes_after_what_was_sound():
    """Frames before the break are delivered; then the link closes."""
    host = link()
    host.receive_data(framed(CODEC.encode(REQUEST)) + b"\xff\xff", 0.0)

    assert [RequestReceived, FrameRefused, LinkClosed] == kinds(host.events_received())


def test_echo_and_silence():
    """A silent peer is tested; after three unanswered tests the link closes, requests with it."""
    client = link(echo_after_s=30)
    client.send_request(REQUEST, 0.0, 500.0)
    client.send_request(REQUEST.evolve(fields={"11": "43"}), 0.0, 500.0)
    client.data_to_send()
    now = client.next_timer()
    assert 30.0 == now
    for _ in range(3):
        client.handle_timer(now)
        assert client.data_to_send()
        now += 10.0
        assert now == client.next_timer()
        client.handle_timer(now)
    assert [PeerSilent, RequestTimedOut, RequestTimedOut, LinkClosed] == kinds(
        client.events_received()
    )
    assert client.next_timer() is None


def test_any_sign_of_life_counts():
    """An echo test that is overtaken by other traffic is no miss."""
    client = link(echo_after_s=30, echo_missed_max=1)
    client.handle_timer(30.0)
    client.receive_data(b"\x00\x00", 35.0)
    client.handle_timer(40.0)
    assert not client.closing


def test_no_echo_if_switched_off():
    """Zero switches echo off; a link that is not connected has no timer."""
    assert link(echo_after_s=0).next_timer() is None
    assert Session(CODEC, framing.of("binary-2")).next_timer() is None


def test_late_sign_off_and_late_echo_are_no_events():
    """Late answers to our own network messages are nobody's business."""
    client = link(echo_after_s=30)
    client.handle_timer(30.0)
    (frame,) = framing.of("binary-2").receive_data(client.data_to_send())
    client.handle_timer(40.0)
    client.receive_data(framed(CODEC.encode(CODEC.decode(frame).response({"39": "00"}))), 41.0)
    assert [] == client.events_received()
    client.sign_off(42.0)
    client.handle_timer(60.0)
    assert [SignedOff(by_peer=False)] == client.events_received()


def test_other_network_requests_are_for_the_caller():
    """Key exchange is delivered with its code and can be answered."""
    host = link()
    ask = Message("0800", {"7": "0101120000", "11": "1", "70": "161"})
    host.receive_data(framed(CODEC.encode(ask)), 0.0)
    (event,) = host.events_received()

    assert isinstance(event, NetworkRequestReceived)
    assert "161" == event.code
    host.send_response(event.message, event.message.response({"39": "00"}), 0.0)
    assert 0 == host.unanswered


def test_keep_alives_are_answered_if_wanted():
    """VAP polls come back if the link is set to it."""
    host = link(name="vap", keep_alive_answered=True)
    host.receive_data(bytes(8), 1.0)
    assert bytes(4) == host.data_to_send()
    host = link(name="vap")
    host.receive_data(bytes(8), 1.0)
    assert b"" == host.data_to_send()


def test_eof_and_close():
    """Either end closes the session once."""
    one = link()
    one.receive_eof(1.0)
    one.close(2.0)
    assert [LinkClosed(reason="the peer closed the connection")] == one.events_received()
    one.receive_data(b"x", 3.0)
    one.sign_off(3.0)
    assert b"" == one.data_to_send()


def test_late_ledger_is_bounded():
    """Only so many timed-out requests are remembered."""
    client = link(late_kept_max=1)
    for stan in ("1", "2"):
        client.send_request(REQUEST.evolve(fields={"11": stan}), 0.0, 1.0)
    client.handle_timer(1.0)
    client.events_received()
    for stan, expected in (("1", ResponseUnmatched), ("2", ResponseLate)):
        response = REQUEST.evolve(fields={"11": stan}).response({"39": "00"})
        client.receive_data(framed(CODEC.encode(response)), 2.0)
        assert [expected] == kinds(client.events_received())


def test_a_dialect_without_de39_cannot_answer():
    """If our own answer cannot be written, the link closes and says why."""
    fields = {n: one for n, one in CODEC.spec.fields.items() if n != "39"}
    codec = Codec(type(CODEC.spec)(**{**vars(CODEC.spec), "fields": fields}))
    host = link(codec)
    ask = Message("0800", {"7": "0101120000", "11": "1", "70": "301"})
    host.receive_data(framed(CODEC.encode(ask)), 0.0)
    assert LinkClosed(reason="the dialect has no form for our answer") in host.events_received()


def test_settings_are_checked():
    """Limits of zero and keys without a default are refused."""
    with pytest.raises(ConfigurationError):
        SessionSettings(in_flight_max=0)
    with pytest.raises(ConfigurationError):
        SessionSettings(match_fields={"1": ("11",)})


def test_backoff():
    """The delay doubles up to the cap and is spread over its second half."""
    assert [0.5, 1.0, 2.0] == [backoff_s(attempt, chance=0.0) for attempt in range(3)]
    assert 60.0 > backoff_s(99, chance=0.999) > 59.0
    assert 30.0 == backoff_s(99, chance=0.0)


def test_the_timer_of_an_answered_request_is_gone():
    """What was answered needs no timer; the next one is that of the next request."""
    client, host = link(), link()
    client.send_request(REQUEST, 0.0, 5.0)
    client.send_request(REQUEST.evolve(fields={"11": "000043"}), 0.0, 9.0)
    host.receive_data(client.data_to_send(), 0.5)
    first, _ = host.events_received()
    host.send_response(first.message, first.message.response({"39": "00"}), 0.6)
    assert 5.0 == client.next_timer()
    client.receive_data(host.data_to_send(), 1.0)

    assert 9.0 == client.next_timer()


def test_closing_says_nothing_of_our_own_network_messages():
    """A link that closes during sign-on lost no request of the caller."""
    client = link(sign_on=True)
    client.close(1.0)

    assert [LinkClosed] == kinds(client.events_received())
