"""One connection without a network: what is written is kept, what is read is given."""

from __future__ import annotations

import asyncio

import pytest
from tests.adapter.submissions import card, submission
from tests.adapters.visa.test_mapping import NOW

from msggw.canonical import Reason
from msggw.iso8583 import Codec, Message, framing
from msggw.iso8583.session import Session, SessionSettings
from msggw_adapters.visa.line import Doubt, Line, NotSent
from msggw_adapters.visa.mapping import Origin, Stamp, build_request

CODEC = Codec.load("iso87-ascii")


class KeptTransport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written.append(data)

    def close(self) -> None:
        """Note it."""
        self.is_closed = True

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self.is_closed


@pytest.fixture
async def line():
    """A line that is up, its transport, and what it logs."""
    logged: list[str] = []
    session = Session(CODEC, framing.of("binary-2", length_max=8192), SessionSettings())
    made = Line(session, lambda event, **_: logged.append(event))
    transport = KeptTransport()
    made.connection_made(transport)
    yield made, transport, logged
    made.connection_lost(None)


def request(stan: str = "000001") -> Message:
    """A purchase."""
    return build_request(submission(card()), Stamp(stan, NOW), Origin())


def framed(message: Message) -> bytes:
    """A frame as the host would send it."""
    data = CODEC.encode(message)
    return len(data).to_bytes(2, "big") + data


async def test_requests_of_one_turn_leave_in_one_write(line) -> None:
    """Many small writes cost more than all the mapping; answers still go to their own."""
    made, transport, _ = line
    sent = [request(f"{n:06d}") for n in range(1, 4)]
    tasks = [asyncio.create_task(made.ask(message, 5.0)) for message in sent]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [b"".join(map(framed, sent))] == transport.written
    answers = [message.response({"39": "00"}) for message in sent]
    made.data_received(b"".join(framed(answer) for answer in reversed(answers)))
    assert ["000001", "000002", "000003"] == [str((await task)["11"]) for task in tasks]


async def test_a_host_that_does_not_read_gets_nothing_more(line) -> None:
    """Back pressure of the transport is NOT_SENT, not a queue without end."""
    made, transport, _ = line
    made.pause_writing()
    with pytest.raises(NotSent, match="does not read"):
        await made.ask(request(), 5.0)
    assert [] == transport.written
    made.resume_writing()
    task = asyncio.create_task(made.ask(request(), 5.0))
    await asyncio.sleep(0)
    made.connection_lost(None)
    with pytest.raises(Doubt):
        await task


async def test_the_same_key_twice_is_not_sent(line) -> None:
    """A second request with the keys of one in flight could take its answer."""
    made, _, _ = line
    sent = request()
    first = asyncio.create_task(made.ask(sent, 5.0))
    await asyncio.sleep(0)
    with pytest.raises(NotSent):
        await made.ask(sent, 5.0)
    first.cancel()


async def test_an_answer_nobody_waits_for_any_more_is_dropped(line) -> None:
    """The caller was cancelled; its answer disturbs nobody."""
    made, _, _ = line
    sent = request()
    task = asyncio.create_task(made.ask(sent, 5.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    made.data_received(framed(sent.response({"39": "00"})))
    assert made.is_up


async def test_a_broken_frame_ends_the_wait_of_its_request(line) -> None:
    """If the STAN can be read, nobody waits for a second answer; else the time-out decides."""
    made, _, logged = line
    sent = request()
    task = asyncio.create_task(made.ask(sent, 5.0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    good = CODEC.encode(sent.response({"39": "00"}))
    for data in (b"\x00\x07rubbish", (len(good) + 4).to_bytes(2, "big") + good + b"more"):
        made.data_received(data)
    with pytest.raises(Doubt) as doubt:
        await task
    assert (Reason.FORMAT_ERROR, 2) == (doubt.value.reason, logged.count("response.unreadable"))


async def test_broken_framing_ends_the_line(line) -> None:
    """An impossible length cannot be read past."""
    made, transport, _ = line
    made.data_received(b"\xff\xff")
    assert (True, False) == (transport.is_closed, made.is_up)


async def test_what_cannot_be_answered_is_logged(line) -> None:
    """The host asked, and hung up before the answer."""
    made, _, logged = line
    asked = Message("0600", {"7": "0921141320", "11": "000077"})
    two = framed(asked) + b"\xff\xff"
    made.data_received(two)
    assert ["request.unsupported", "request.unanswered", "response.unreadable"] == logged


async def test_no_answer_is_a_doubt(line) -> None:
    """The session's timer ends the wait."""
    made, _, _ = line
    with pytest.raises(Doubt) as doubt:
        await made.ask(request(), 0.01)
    assert (Reason.TIMED_OUT, 1) == (doubt.value.reason, made.timeouts)
