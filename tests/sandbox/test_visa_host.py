from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import httpx2
import pytest
from tests.sandbox.wire import HEADER, RawClient, authorisation, host_and_client, reversal

from msggw.sandbox import VisaHost, serve_visa_host
from msggw.sandbox.dialects import DIALECTS, HostMessage, Unreadable


@pytest.mark.parametrize(
    ("dialect", "framing"), [("visa-base1", "vap"), ("iso87-ascii", "binary-2")]
)
async def test_a_purchase_is_approved_and_booked(dialect: str, framing: str) -> None:
    """Sign-on, 0100, 0110 with an approval code, one booking; PANs are masked in the ledger."""
    async with host_and_client(dialect, framing) as (sim, client):
        answer = await client.ask(authorisation())
        assert ("0110", "00", 6) == (answer.mti, answer.get(39), len(answer.get(38)))
        (entry,) = sim.ledger.as_dict()["entries"]
        assert ("booked", 1000, "411111******1111") == (
            entry["state"],
            entry["amount_minor"],
            entry["facts"]["pan"],
        )


async def test_nothing_is_authorised_before_sign_on() -> None:
    """A host that does not know the station answers 91 and books nothing."""
    async with VisaHost() as sim:
        await sim.listen()
        async with RawClient(sim) as client:
            assert (await client.ask(authorisation())).get(39) == "91"
            await client.sign_on()
            assert (await client.ask(authorisation())).get(39) == "00"
            off = HostMessage("0800", {7: "0921141320", 11: "000009", 70: "072"}, HEADER)
            assert (await client.ask(off)).mti == "0810"
            assert (await client.ask(authorisation(stan=2))).get(39) == "91"


async def test_it_may_be_stopped_before_it_listens() -> None:
    """Nothing was opened, so nothing has to be closed."""
    async with VisaHost() as sim:
        assert sim.port == 0


async def test_frames_may_come_in_pieces() -> None:
    """TCP cuts where it likes; so does a client that is cruel."""
    async with host_and_client() as (_, client):
        payload = client.dialect.build(authorisation())
        frame = len(payload).to_bytes(2, "big") + bytes(2) + payload
        for byte in frame:
            client.write_raw(bytes([byte]))
            await asyncio.sleep(0)
        assert client.dialect.parse(await client.read()).get(39) == "00"


async def test_echo_poll_and_other_messages() -> None:
    """0800/301 and an empty frame are answered; a response is not; the unknown gets 40."""
    async with host_and_client() as (_, client):
        echo = HostMessage("0800", {7: "0921141320", 11: "000007", 70: "301"}, HEADER)
        assert ("301", "00") == ((answer := await client.ask(echo)).get(70), answer.get(39))
        client.write(b"")
        assert await client.read() == b""
        client.write(client.dialect.build(authorisation(mti="0110")))
        assert (await client.ask(authorisation(mti="0600"))).get(39) == "40"


@pytest.mark.parametrize("code", [5, 14, 51, 54, 91])
async def test_decline_triggers(code: int) -> None:
    """The amount's last two digits choose the code; nothing is booked."""
    async with host_and_client() as (sim, client):
        answer = await client.ask(authorisation(10_00 + code))
        assert (f"{code:02d}", "") == (answer.get(39), answer.get(38))
        assert sim.ledger.as_dict()["events"] == {"declined": 1}


async def test_partial_approval() -> None:
    """10: half of the amount is approved, and said in DE 4."""
    async with host_and_client() as (_, client):
        answer = await client.ask(authorisation(10_10))
        assert ("10", "000000000505") == (answer.get(39), answer.get(4))


@pytest.mark.parametrize(("end", "booked"), [(68, 1), (69, 0)])
async def test_lost_messages(end: int, booked: int) -> None:
    """68 loses the answer after booking, 69 the request before it."""
    async with host_and_client() as (sim, client):
        client.write(client.dialect.build(authorisation(10_00 + end)))
        assert await client.silent()
        assert len(sim.ledger.as_dict()["entries"]) == booked


async def test_a_late_answer_comes_when_the_rule_says() -> None:
    """A rule sets how late; other answers overtake it."""
    async with host_and_client() as (sim, client):
        sim.faults.add({"fault": "late", "ms": 30, "amount_minor": 1081})
        client.write(client.dialect.build(authorisation(10_81, stan=1)))
        client.write(client.dialect.build(authorisation(10_00, stan=2)))
        answers = [client.dialect.parse(await client.read()).get(11) for _ in range(2)]
        assert ["000002", "000001"] == answers


async def test_answers_out_of_order() -> None:
    """83: the answer is held until the next one has gone."""
    async with host_and_client() as (_, client):
        client.write(client.dialect.build(authorisation(10_83, stan=1)))
        client.write(client.dialect.build(authorisation(10_00, stan=2)))
        answers = [client.dialect.parse(await client.read()).get(11) for _ in range(2)]
        assert ["000002", "000001"] == answers


async def test_malformed_wrong_and_double_answers() -> None:
    """84 cannot be read, 86 has other references, 88 comes twice; each is booked once."""
    async with host_and_client() as (sim, client):
        client.write(client.dialect.build(authorisation(10_84, stan=1)))
        with pytest.raises(Unreadable):
            client.dialect.parse(await client.read())
        wrong = await client.ask(authorisation(10_86, stan=2))
        assert ("500002", "999999999999") == (wrong.get(11), wrong.get(37))
        client.write(client.dialect.build(authorisation(10_88, stan=3)))
        assert await client.read() == await client.read()
        assert sim.ledger.as_dict()["events"] == {"booked": 3}


@pytest.mark.parametrize(("fault", "booked"), [("disconnect", 1), ("disconnect_before", 0)])
async def test_disconnects(fault: str, booked: int) -> None:
    """The line ends instead of an answer."""
    async with host_and_client() as (sim, client):
        sim.faults.add({"fault": fault})
        client.write(client.dialect.build(authorisation()))
        with pytest.raises((EOFError, ConnectionError)):
            await client.read()
        assert len(sim.ledger.as_dict()["entries"]) == booked


async def test_disconnect_in_the_middle_of_the_answer() -> None:
    """Half a frame arrives, then nothing."""
    async with host_and_client() as (sim, client):
        sim.faults.add({"fault": "disconnect_middle"})
        client.write(client.dialect.build(authorisation()))
        with pytest.raises(asyncio.IncompleteReadError) as error:
            await client.read()
        assert error.value.partial


async def test_slow_drip_is_complete_in_the_end() -> None:
    """Bytes come one by one."""
    async with host_and_client() as (sim, client):
        sim.faults.add({"fault": "slow_drip", "ms": 0})
        assert (await client.ask(authorisation())).get(39) == "00"


async def test_visa_rejects_what_it_cannot_read() -> None:
    """The message comes back whole behind a header of 26 bytes with the reject bit set."""
    async with host_and_client() as (sim, client):
        broken = client.dialect.build(authorisation())[:60]
        client.write(broken)
        answer = await client.read()
        assert (26, True, broken) == (answer[0], bool(answer[22] & 0x80), answer[26:])
        sim.faults.add({"fault": "reject"})
        client.write(client.dialect.build(authorisation()))
        assert (await client.read())[22] & 0x80


async def test_a_plain_host_hangs_up_on_what_it_cannot_read() -> None:
    """Without the Visa header there is nothing to reject with."""
    async with host_and_client("iso87-ascii", "binary-2") as (_, client):
        client.write(b"rubbish")
        with pytest.raises((EOFError, ConnectionError)):
            await client.read()


async def test_an_impossible_length_ends_the_link() -> None:
    """The two bytes after a VAP length are zero, and no frame is longer than the limit."""
    for head in (b"\x00\x05\x01\x00", b"\xff\xff\x00\x00"):
        async with host_and_client() as (_, client):
            client.write_raw(head + b"hello")
            with pytest.raises((EOFError, ConnectionError)):
                await client.read()


async def test_the_same_request_is_booked_once() -> None:
    """A repeat gets the stored answer, also when the first answer was lost."""
    async with host_and_client() as (sim, client):
        first = authorisation(10_68)
        client.write(client.dialect.build(first))
        assert await client.silent(0.05)
        again = await client.ask(replace(first, mti="0101"))
        assert ("0110", "00") == (again.mti, again.get(39))
        assert sim.ledger.as_dict()["events"] == {"booked": 1, "asked_again": 1}


async def test_a_reversal_undoes_and_may_be_repeated() -> None:
    """0420 and its repeat 0421 are both answered 00; the booking is gone once."""
    async with host_and_client() as (sim, client):
        original = authorisation()
        await client.ask(original)
        undo = reversal(original)
        codes = [(await client.ask(replace(undo, mti=mti))).get(39) for mti in ("0420", "0421")]
        assert ["00", "00"] == codes
        assert sim.ledger.as_dict()["events"] == {"booked": 1, "reversed": 1, "asked_again": 1}


async def test_a_reversal_without_stan_finds_by_reference() -> None:
    """After a crash the sender may know only acquirer, RRN and terminal."""
    async with host_and_client() as (sim, client):
        original = authorisation()
        await client.ask(original)
        undo = reversal(original, de90="0100" + "0" * 38)
        assert (await client.ask(undo)).get(39) == "00"
        assert sim.ledger.as_dict()["entries"][0]["state"] == "reversed"


async def test_a_reversal_of_another_stan_finds_nothing() -> None:
    """DE 90 names the original; another one with the same reference stays."""
    async with host_and_client() as (sim, client):
        await client.ask(authorisation(stan=5))
        undo = reversal(authorisation(stan=5, de11="000006"))
        assert (await client.ask(undo)).get(39) == "25"
        assert sim.ledger.as_dict()["events"] == {"booked": 1, "never": 1}


async def test_an_original_after_its_reversal_is_declined() -> None:
    """25 is remembered: the late original must not be booked."""
    async with host_and_client() as (sim, client):
        original = authorisation()
        codes = [(await client.ask(m)).get(39) for m in (reversal(original),) * 2]
        assert ["25", "25"] == codes
        assert (await client.ask(original)).get(39) == "12"
        assert sim.ledger.as_dict()["events"] == {"never": 1, "asked_again": 1, "declined": 1}


async def test_a_partial_reversal_leaves_the_rest() -> None:
    """DE 95 names the amount that stays."""
    async with host_and_client() as (sim, client):
        original = authorisation(10_00)
        await client.ask(original)
        await client.ask(reversal(original, de95="000000000400" + "0" * 30))
        (entry,) = sim.ledger.as_dict()["entries"]
        assert ("booked", 400) == (entry["state"], entry["amount_minor"])


async def test_reversals_fail_by_rule_only() -> None:
    """Amounts do not spoil reversals; rules may lose or decline them."""
    async with host_and_client() as (sim, client):
        original = authorisation(10_88)
        client.write(client.dialect.build(original))
        await client.read()
        await client.read()
        sim.faults.add({"fault": "decline", "code": "96", "operation": "reverse", "times": 1})
        sim.faults.add({"fault": "timeout_before", "operation": "reverse", "times": 1})
        undo = reversal(original)
        assert (await client.ask(undo)).get(39) == "96"
        client.write(client.dialect.build(undo))
        assert await client.silent(0.05)
        assert (await client.ask(undo)).get(39) == "00"


async def test_the_admin_interface_rules_and_tells(tmp_path) -> None:
    """Rules, faults that happened, the ledger, cutting links; the file has every event."""
    path = tmp_path / "ledger.jsonl"
    ready: asyncio.Future[tuple[int, int]] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        serve_visa_host(ledger_path=path, ready=lambda *found: ready.set_result(found))
    )
    ports = await ready
    base = f"http://127.0.0.1:{ports[1]}"
    async with httpx2.AsyncClient(base_url=base) as http:
        assert (await http.post("/__sim/faults", json={"fault": "nonsense"})).status_code == 400
        assert (await http.post("/__sim/faults", content=b"[1]")).status_code == 400
        assert (await http.post("/__sim/faults", content=b"{")).status_code == 400
        rule = {"fault": "decline", "code": "05", "times": 1}
        assert (await http.post("/__sim/faults", json=rule)).status_code == 200
        fake = type("Sim", (), {"port": ports[0], "prefix_size": 4, "dialect": None})()
        fake.dialect = DIALECTS["visa-base1"]
        async with RawClient(fake) as client:
            await client.sign_on()
            codes = [(await client.ask(authorisation(stan=n))).get(39) for n in (1, 2)]
            assert ["05", "00"] == codes
            assert (await http.delete("/__sim/links")).json() == {"dropped": 1}
        assert (await http.get("/__sim/faults")).json()["happened"][0]["fault"] == "decline"
        assert (await http.delete("/__sim/faults")).status_code == 200
        assert (await http.get("/__sim/faults")).json()["rules"] == []
        found = (await http.get("/__sim/ledger")).json()
        assert found["events"] == {"declined": 1, "booked": 1}
        assert (await http.get("/elsewhere")).status_code == 404
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    events = [json.loads(line)["event"] for line in path.read_text().splitlines()]
    assert ["declined", "booked"] == events
