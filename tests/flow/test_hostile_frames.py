"""Hostile frames: a clear answer if type and keys are readable, else none; the others serve on."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.flow.acquirer import CODEC, Acquirer, frame, network, request
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, House

from msggw.config import Link
from msggw.iso8583 import Message

# MTI, bitmap as hexadecimal text, LL of DE 2, DE 2, DE 3: DE 4 begins behind them.
AMOUNT_AT = 4 + 16 + 2 + 16 + 6
Spoil = Callable[[bytes], bytes]


def at(place: int, new: bytes) -> Spoil:
    """Overwrite bytes at a place."""
    return lambda wire: wire[:place] + new + wire[place + len(new) :]


def last_field(new: bytes) -> Spoil:
    """Put other bytes in the place of DE 49, which stands last."""
    return lambda wire: wire[:-3] + new


READABLE: dict[str, Spoil] = {
    "a letter in DE 4": at(AMOUNT_AT, b"X"),
    "a sign in DE 4": at(AMOUNT_AT, b"-"),
    "a space in DE 4": at(AMOUNT_AT + 11, b" "),
    "full-width digits in DE 4": at(AMOUNT_AT, "１２３４".encode()),  # noqa: RUF001 - hostile on purpose
    "EBCDIC digits in DE 4": at(AMOUNT_AT, b"\xf0" * 12),
    "a currency of letters": last_field(b"XYZ"),
    "a currency nobody has": last_field(b"000"),
    "bytes behind the last field": lambda wire: wire + b"0000",
    "month 13 in DE 7": at(AMOUNT_AT + 12, b"1321"),
    "a field too short at the end": lambda wire: wire[:-1],
}
UNREADABLE: dict[str, bytes] = {
    "nothing but zeros": bytes(20),
    "an MTI of letters": b"ABCD" + b"0" * 16,
    "an unknown version": b"9100" + b"0" * 16,
    "half an MTI": b"01",
    "no bitmap": b"0100",
    "a bitmap of letters": b"0100" + b"Z" * 16,
    "all bits set, no data": b"0100" + b"F" * 32,
    "LL longer than the rest": b"0100" + b"4000000000000000" + b"99411111",
    "LL of letters": b"0100" + b"4000000000000000" + b"AB411111",
    "LLLVAR beyond its maximum": b"0100" + b"0000000000000200" + b"999" + b"x" * 999,
    "binary noise": bytes(range(256)),
}


@pytest.mark.parametrize("what", READABLE)
async def test_readable_frame(gateway: House, what: str) -> None:
    """MTI and keys can be read: 0110 with 30 (or what the rule says), and the link stays up."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        sent = request()
        line.raw(frame(READABLE[what](CODEC.encode(sent))))
        answer = await line.receive()
        assert ("0110", sent["11"]) == (answer.mti, answer["11"])
        assert answer["39"] in {"30", "12", "13"}
        assert "00" == (await line.ask(request()))["39"]
        assert 1 == gateway.provider.count("submit")


@pytest.mark.parametrize("what", UNREADABLE)
async def test_unreadable_frame(gateway: House, what: str) -> None:
    """What cannot be read is counted and logged without its bytes; two of them close nothing."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        line.raw(frame(UNREADABLE[what]))
        line.send(network("301"))
        answers = [await line.receive()]
        while answers[-1].mti != "0810":
            answers.append(await line.receive())
        assert {"30"} >= {str(answer["39"]) for answer in answers[:-1]}
        assert 1 == len(gateway.logged("frame.refused") + gateway.logged("message.refused"))
        assert b"msggw_refused_total" in gateway.core.metrics.render()
        assert [] == gateway.provider.calls


async def test_broken_frames_in_a_row_close_the_link(gateway: House) -> None:
    """Three in a row end the connection; other connections do not notice."""
    async with (
        Acquirer(gateway.ports["acquirer"]) as line,
        Acquirer(gateway.ports["acquirer"]) as other,
    ):
        for _ in range(3):
            line.raw(frame(b"\xff" * 40))
        assert await line.closed()
        assert "00" == (await other.ask(request()))["39"]


@pytest.mark.parametrize("size", [b"\xff\xff", b"\x20\x01"])
async def test_impossible_length_closes_the_link(gateway: House, size: bytes) -> None:
    """A length beyond the limit cannot be waited for: the link is closed, a new one serves."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        line.raw(size + b"0100")
        assert await line.closed()
    async with Acquirer(gateway.ports["acquirer"]) as line:
        assert "00" == (await line.ask(request()))["39"]


async def test_answers_before_a_broken_length_are_given(gateway: House) -> None:
    """Requests before the break are not left in doubt: paid and told, or undone."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        sent = request()
        line.raw(frame(CODEC.encode(sent)) + b"\xff\xff")
        await line.closed()
    async with Acquirer(gateway.ports["acquirer"]) as line:
        assert (await line.ask(sent.evolve(mti="0101")))["39"] in {"00", "91"}


async def test_byte_by_byte(gateway: House) -> None:
    """A frame may come in as many pieces as it has bytes."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        for byte in frame(CODEC.encode(request())):
            line.raw(bytes([byte]))
            await asyncio.sleep(0)
        assert "00" == (await line.receive())["39"]


@pytest.mark.parametrize("mti", ["0110", "0210", "0810", "0410"])
async def test_responses_nobody_waits_for(gateway: House, mti: str) -> None:
    """A stray response, whole or broken, gets no answer: two gateways would talk for ever."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        stray = request(mti, f39="00")
        line.send(stray)
        line.raw(frame(at(AMOUNT_AT, b"X")(CODEC.encode(stray))))
        assert "0810" == (await line.ask(network("301"))).mti
        assert [] == gateway.provider.calls


@pytest.mark.parametrize("mti", ["0102", "0103", "0302", "0500", "0600", "0620", "0402", "0202"])
async def test_types_we_do_not_serve(gateway: House, mti: str) -> None:
    """A readable request of another type is answered as not supported, and never paid."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        line.send(request(mti))
        line.send(network("301"))
        answers = [await line.receive()]
        if answers[0].mti != "0810":
            assert answers[0]["39"] in {"40", "30", "12"}
            answers.append(await line.receive())
        assert "0810" == answers[-1].mti
        assert [] == gateway.provider.calls


async def test_unanswered_slots_are_freed(new_house: NewHouse) -> None:
    """Whatever is refused frees its place: a small in-flight limit is never used up."""
    limited = (Link(name="acquirer", partner=PARTNER, port=0, in_flight_max=2),)
    house = await new_house(links=limited)
    async with Acquirer(house.ports["acquirer"]) as line:
        for _ in range(5):
            for message in (request("0302"), network("161"), request(f49="000")):
                line.send(message)
                await line.receive()
        assert "00" == (await line.ask(request()))["39"]


async def test_echo_flood(new_house: NewHouse) -> None:
    """Beyond its frames per second a link is answered 91, and serves on afterwards."""
    limited = (Link(name="acquirer", partner=PARTNER, port=0, frames_per_s_max=50),)
    house = await new_house(links=limited)
    async with Acquirer(house.ports["acquirer"]) as line:
        line.send(*(network("301") for _ in range(200)))
        codes = [str((await line.receive())["39"]) for _ in range(200)]
        assert {"00", "91"} == set(codes)
        assert codes.count("00") < 120


async def test_memory_stays_bounded(gateway: House) -> None:
    """Half a million zeros and frames that never end leave nothing behind."""
    tracemalloc.start()
    try:
        for chunk in (bytes(100_000), b"\x1f\xff" + b"A" * 4_000):
            for _ in range(5):
                async with Acquirer(gateway.ports["acquirer"]) as line:
                    line.raw(chunk)
                    await asyncio.sleep(0.02)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        assert held < 10_000_000
    finally:
        tracemalloc.stop()
    async with Acquirer(gateway.ports["acquirer"]) as line:
        assert "00" == (await line.ask(request()))["39"]


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(noise=st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=4))
async def test_noise(gateway: House, noise: list[bytes]) -> None:
    """Whatever comes, nothing is paid and the next connection is served."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        for data in noise:
            line.raw(frame(data))
        line.writer.write_eof()
        assert await line.closed()
    async with Acquirer(gateway.ports["acquirer"]) as line:
        assert "0810" == (await line.ask(network("301"))).mti
    assert [] == gateway.provider.calls


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_one_byte_wrong(gateway: House, data: st.DataObject) -> None:
    """One wrong byte in a good frame: an answer or a refusal, never a hang, never two answers."""
    sent = request()
    wire = bytearray(CODEC.encode(sent))
    place = data.draw(st.integers(0, len(wire) - 1))
    wire[place] = data.draw(st.integers(0, 255))
    async with Acquirer(gateway.ports["acquirer"]) as line:
        line.raw(frame(bytes(wire)))
        line.writer.write_eof()
        answers = []
        while (payload := await line.frame()) is not None:
            answers.append(payload)
        assert len(answers) <= 1


def test_the_place_of_the_amount() -> None:
    """The spoiled places are where this file says."""
    wire = CODEC.encode(
        Message("0100", {**dict.fromkeys(()), "2": "4" + "1" * 15, "3": "000000", "4": "1" * 12})
    )
    assert b"1" * 12 == wire[AMOUNT_AT : AMOUNT_AT + 12]
