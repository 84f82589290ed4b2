"""Card messages through the whole gateway: each is answered once, truly, and paid at most once."""

from __future__ import annotations

import asyncio

import pytest
from tests.flow.acquirer import PAN, Acquirer, frame, network, repeat, request, reversal
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, House, until

from msggw.canonical import State
from msggw.config import Link
from msggw.iso8583 import Codec, Message
from msggw.store import LookUp, Stored


def link(**limits: object) -> tuple[Link, ...]:
    """The one link of the house with other limits."""
    return (Link(name="acquirer", partner=PARTNER, port=0, **limits),)


async def stored(house: House, message: Message) -> Stored:
    """How a request stands in the store."""
    found = await house.original(str(message["11"]))
    assert found is not None
    return found


async def test_approval(any_house: NewHouse) -> None:
    """0100 is answered by 0110 with the provider's approval code, on either broker and store."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request()
        answer = await line.ask(sent)
        assert ("0110", "00") == (answer.mti, answer["39"])
        assert 6 == len(str(answer["38"]))
        for name in ("3", "4", "7", "11", "32", "37", "41", "42", "49"):
            assert sent[name] == answer[name]
        original = await stored(house, sent)
        assert (State.APPROVED, True) == (original.state, original.answered)
        assert [("submit", original.transaction_id)] == house.provider.calls


@pytest.mark.parametrize("code", ["05", "14", "41", "51", "54", "55", "57", "61", "75", "91"])
async def test_decline_codes(acquirer: Acquirer, gateway: House, code: str) -> None:
    """The provider's reason reaches the acquirer as the same DE 39, without an approval code."""
    sent = request(amount=5000 + int(code))
    answer = await acquirer.ask(sent)
    assert code == answer["39"]
    assert "38" not in answer
    assert State.DECLINED is (await stored(gateway, sent)).state


@pytest.mark.parametrize("mti", ["0100", "0200"])
async def test_partial_approval(acquirer: Acquirer, mti: str) -> None:
    """A partial approval says 10 and the amount that was approved."""
    answer = await acquirer.ask(request(mti, 2010))
    assert ("10", "000000001005") == (answer["39"], answer["4"])


async def test_no_route(acquirer: Acquirer, gateway: House) -> None:
    """A card no route takes is refused with 92 and nobody is asked."""
    answer = await acquirer.ask(request(f2="6011000990139424"))
    assert "92" == answer["39"]
    assert [] == gateway.provider.calls


async def test_amount_limit(acquirer: Acquirer, gateway: House) -> None:
    """An amount beyond the limit is refused with 61 before any provider."""
    answer = await acquirer.ask(request(amount=500_000_100))
    assert "61" == answer["39"]
    assert [] == gateway.provider.calls


async def test_answers_out_of_order(any_house: NewHouse) -> None:
    """A quick answer does not wait for a slow one that was asked before it."""
    house = await any_house(adapters={"bogus": {"late_s": 0.4}})
    async with Acquirer(house.ports["acquirer"]) as line:
        slow, quick = request(amount=2081), request(amount=2000)
        line.send(slow)
        await until(lambda: house.provider.count("submit"), 1)
        line.send(quick)
        answers = [await line.receive() for _ in range(2)]
        assert [quick["11"], slow["11"]] == line.order
        assert ["00", "00"] == [answer["39"] for answer in answers]


async def test_many_in_one_segment(any_house: NewHouse) -> None:
    """Two hundred requests in one write are each answered once and paid once."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = [request(amount=1000 + 5 * (n % 2)) for n in range(200)]
        line.send(*sent)
        answers = {str(a["11"]): a["39"] for a in [await line.receive() for _ in sent]}
        assert {str(m["11"]): "05" if n % 2 else "00" for n, m in enumerate(sent)} == answers
        assert 200 == len(set(house.provider.submitted())) == house.provider.count("submit")


@pytest.mark.parametrize("amount", [1000, 1051, 2010])
async def test_repeat_gets_the_stored_answer(any_house: NewHouse, amount: int) -> None:
    """0101 is answered from the store with the same bytes; the provider is asked once."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=amount)
        await line.ask(sent)
        await line.ask(repeat(sent, "0101"))
        async with Acquirer(house.ports["acquirer"]) as other:
            await other.ask(repeat(sent, "0101"))
            frames = line.frames[str(sent["11"])] + other.frames[str(sent["11"])]
        assert 3 == len(frames)
        assert 1 == len(set(frames))
        assert 1 == house.provider.count("submit")


async def test_used_key_with_another_amount(acquirer: Acquirer, gateway: House) -> None:
    """The key of one request under another amount is refused as a duplicate (94), paid never."""
    sent = request()
    await acquirer.ask(sent)
    answer = await acquirer.ask(sent.evolve(fields={"4": "000000009900"}))
    assert "94" == answer["39"]
    assert 1 == gateway.provider.count("submit")
    assert State.APPROVED is (await stored(gateway, sent)).state


async def test_duplicate_in_flight(any_house: NewHouse) -> None:
    """A duplicate of what is at the provider waits with it: one call, every copy answered."""
    house = await any_house(adapters={"bogus": {"late_s": 0.3}})
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=2081)
        line.send(sent)
        await until(lambda: house.provider.count("submit"), 1)
        line.send(sent, repeat(sent, "0101"))
        answers = [await line.receive() for _ in range(3)]
        assert ["00"] * 3 == [answer["39"] for answer in answers]
        assert 1 == house.provider.count("submit")


async def test_fifty_copies_at_once(any_house: NewHouse) -> None:
    """Fifty copies on fifty connections are one payment."""
    house = await any_house()
    sent = request()

    async def one() -> object:
        async with Acquirer(house.ports["acquirer"]) as line:
            return (await line.ask(sent))["39"]

    assert ["00"] * 50 == await asyncio.gather(*(one() for _ in range(50)))
    assert 1 == house.provider.count("submit")


async def test_deadline(any_house: NewHouse) -> None:
    """Without an answer in time: 91 at the deadline, and one reversal reaches the provider."""
    house = await any_house(links=link(timeout_s=1.0))
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=2068)
        assert "91" == (await line.ask(sent))["39"]
        original = await stored(house, sent)
        await house.reaches(original.transaction_id, State.REVERSED)
        assert 1 == house.provider.count("reverse", original.transaction_id)
        assert "reversed" == house.provider.standing(original.transaction_id)
        assert "91" == (await line.ask(repeat(sent, "0101")))["39"]
        assert 1 == house.provider.count("submit")


async def test_late_approval_changes_nothing(new_house: NewHouse) -> None:
    """An approval that comes after 91 is noted; the transaction stays reversed."""
    house = await new_house(links=link(timeout_s=0.6))
    release = asyncio.Event()

    async def hold(work: object) -> None:
        if getattr(work, "reason", "") == "":
            await release.wait()

    house.provider.before = hold
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=1000)
        # The worker's own time is over before the link's: hold the adapter beyond both.
        assert "91" == (await line.ask(sent))["39"]
        original = await stored(house, sent)
        await house.reaches(original.transaction_id, State.REVERSED)
        release.set()
        assert "91" == (await line.ask(repeat(sent, "0101")))["39"]
        assert State.REVERSED is await house.state(original.transaction_id)
        assert 1 == house.provider.count("reverse")


@pytest.mark.parametrize("amount", [2084, 2085])
async def test_unknown_outcome_is_reversed(any_house: NewHouse, amount: int) -> None:
    """Garbage or a crash of the adapter is a doubt: 91 for the acquirer and one reversal."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=amount)
        assert "91" == (await line.ask(sent))["39"]
        original = await stored(house, sent)
        await house.reaches(original.transaction_id, State.REVERSED)
        assert 1 == house.provider.count("reverse", original.transaction_id)


async def test_not_sent_is_tried_again(any_house: NewHouse) -> None:
    """What was not sent is sent again while the acquirer waits, and paid once."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=2083)
        assert "00" == (await line.ask(sent))["39"]
        assert 2 == house.provider.count("submit")
        assert 1 == len(set(house.provider.submitted()))


async def test_not_sent_in_time(new_house: NewHouse) -> None:
    """What cannot be sent again in time is declined with 91, and nothing is to be reversed."""
    house = await new_house(links=link(timeout_s=1.0))
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=2083)
        assert "91" == (await line.ask(sent))["39"]
        assert State.DECLINED is (await stored(house, sent)).state
        assert 0 == house.provider.count("reverse")


@pytest.mark.parametrize(
    ("mti", "answered"), [("0400", "0410"), ("0420", "0430"), ("0401", "0410")]
)
async def test_reversal_of_an_approval(any_house: NewHouse, mti: str, answered: str) -> None:
    """A reversal is taken over at once, and the provider undoes the approval exactly once."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request()
        await line.ask(sent)
        undo = reversal(sent, mti)
        answer = await line.ask(undo)
        assert (answered, "00") == (answer.mti, answer["39"])
        original = await stored(house, sent)
        await house.reaches(original.transaction_id, State.REVERSED)
        answer = await line.ask(repeat(undo, mti[:3] + "1"))
        assert (answered, "00") == (answer.mti, answer["39"])
        assert 1 == house.provider.count("reverse", original.transaction_id)
        assert "00" == (await line.ask(repeat(sent, "0101")))["39"]


async def test_reversal_names_the_original(acquirer: Acquirer, gateway: House) -> None:
    """The adapter is handed the original transaction, its approval code and its reference."""
    sent = request()
    approved = await acquirer.ask(sent)
    await acquirer.ask(reversal(sent))
    await until(lambda: gateway.provider.count("reverse"), 1)
    work = gateway.provider.works[-1]
    assert sent["11"] == work.transaction.references.stan
    assert approved["38"] == work.approval_code
    assert work.provider_reference


async def test_reversal_of_a_decline(acquirer: Acquirer, gateway: House) -> None:
    """There is nothing to undo: 00, and the provider is not asked."""
    sent = request(amount=1051)
    await acquirer.ask(sent)
    assert "00" == (await acquirer.ask(reversal(sent)))["39"]
    assert 0 == gateway.provider.count("reverse")
    assert State.DECLINED is (await stored(gateway, sent)).state


async def test_reversal_of_the_unknown(acquirer: Acquirer, gateway: House) -> None:
    """A reversal without original is accepted; the original that comes after it is refused."""
    sent = request()
    assert "00" == (await acquirer.ask(reversal(sent)))["39"]
    answer = await acquirer.ask(sent)
    assert "68" == answer["39"]
    assert [] == gateway.provider.calls


async def test_reversal_of_what_is_in_flight(any_house: NewHouse) -> None:
    """The reversal wins: the request under way is not approved, and the provider ends reversed."""
    house = await any_house(adapters={"bogus": {"late_s": 0.5}})
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(amount=2081)
        line.send(sent)
        await until(lambda: house.provider.count("submit"), 1)
        undo = reversal(sent)
        line.send(undo)
        answers = [await line.receive(), await line.receive()]
        assert {("0410", "00"), ("0110", "91")} == {(a.mti, a["39"]) for a in answers}
        original = await stored(house, sent)
        await house.reaches(original.transaction_id, State.REVERSED)
        await until(lambda: house.provider.standing(original.transaction_id), "reversed")
        assert 1 == house.provider.count("reverse")


async def test_request_and_its_reversal_in_one_segment(any_house: NewHouse) -> None:
    """However close they come, an accepted reversal leaves nothing paid."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        pairs = []
        for _ in range(20):
            sent = request()
            pairs.append((sent, reversal(sent)))
        line.send(*(message for pair in pairs for message in pair))
        answers = [await line.receive() for _ in range(40)]
        assert {"00"} == {str(a["39"]) for a in answers if a.mti == "0410"}
        for sent, _ in pairs:
            original = await stored(house, sent)
            await until(
                lambda key=original.transaction_id: _at_rest(house, key),
                True,
            )
            assert house.provider.standing(original.transaction_id) in {"", "reversed"}


async def _at_rest(house: House, transaction_id: str) -> bool:
    return await house.state(transaction_id) in {
        State.REVERSED,
        State.EXPIRED,
        State.DECLINED,
    }


@pytest.mark.parametrize(("mti", "answered"), [("0120", "0130"), ("0220", "0230")])
async def test_advice(any_house: NewHouse, mti: str, answered: str) -> None:
    """An advice is taken over at once and forwarded once."""
    house = await any_house()
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = request(mti)
        answer = await line.ask(sent)
        assert (answered, "00") == (answer.mti, answer["39"])
        assert "00" == (await line.ask(repeat(sent, mti[:3] + "1")))["39"]
        await until(lambda: house.provider.count("submit"), 1)


async def test_refund(acquirer: Acquirer, gateway: House) -> None:
    """0200 with processing code 20 is a refund and comes through as one."""
    answer = await acquirer.ask(request("0200", f3="200000"))
    assert ("0210", "00") == (answer.mti, answer["39"])
    assert "refund" == gateway.provider.works[-1].transaction.kind


async def test_network_management(acquirer: Acquirer) -> None:
    """Sign-on, echo and sign-off are answered 00; a code nobody knows is refused."""
    for code, expected in (("001", "00"), ("301", "00"), ("002", "00"), ("161", "40")):
        answer = await acquirer.ask(network(code))
        assert ("0810", expected, code) == (answer.mti, answer["39"], answer["70"])


async def test_sign_on_required(new_house: NewHouse) -> None:
    """A link that asks for sign-on answers 91 before it and serves after it."""
    house = await new_house(links=link(sign_on_required=True))
    async with Acquirer(house.ports["acquirer"]) as line:
        assert "91" == (await line.ask(request()))["39"]
        assert [] == house.provider.calls
        assert "00" == (await line.ask(network("001")))["39"]
        assert "00" == (await line.ask(request()))["39"]


async def test_acquirer_gone_before_the_answer(any_house: NewHouse) -> None:
    """An approval that cannot be delivered is reversed, exactly once."""
    house = await any_house(adapters={"bogus": {"late_s": 0.3}})
    sent = request(amount=2081)
    async with Acquirer(house.ports["acquirer"]) as line:
        line.send(sent)
        await until(lambda: house.provider.count("submit"), 1)
        line.reset()
    original = await stored(house, sent)
    await house.reaches(original.transaction_id, State.REVERSED)
    assert 1 == house.provider.count("reverse", original.transaction_id)
    async with Acquirer(house.ports["acquirer"]) as line:
        assert "91" == (await line.ask(repeat(sent, "0101")))["39"]


async def test_line_lost_while_the_answer_is_claimed(gateway: House) -> None:
    """The line breaks between decision and write: what is not told is not left approved."""
    sent = request()
    commit = gateway.core.store.commit
    async with Acquirer(gateway.ports["acquirer"]) as line:

        async def slow(changes: list[object]) -> object:
            results = await commit(changes)
            if any(c.move is not None and c.move.expected_answered is False for c in changes):
                line.reset()
                await asyncio.sleep(0.1)
            return results

        gateway.core.store.commit = slow  # type: ignore[method-assign]
        line.send(sent)
        await until(lambda: _claimed(gateway, sent))
    original = await stored(gateway, sent)
    await gateway.reaches(original.transaction_id, State.REVERSED)


async def _claimed(gateway: House, sent: Message) -> bool:
    found = await gateway.original(str(sent["11"]))
    return found is not None and found.answered


async def test_half_closed_line_gets_its_answer(gateway: House) -> None:
    """A sender that closes its side after the request, as `nc` does, still gets the answer."""
    async with Acquirer(gateway.ports["acquirer"]) as line:
        line.send(request())
        line.writer.write_eof()
        assert "00" == (await line.receive())["39"]
        assert await line.closed()


async def test_flow_exceeded(new_house: NewHouse) -> None:
    """Beyond the in-flight limit requests are answered 91 at once and go no further."""
    house = await new_house(links=link(in_flight_max=2), adapters={"bogus": {"late_s": 0.3}})
    async with Acquirer(house.ports["acquirer"]) as line:
        sent = [request(amount=2081) for _ in range(5)]
        line.send(*sent)
        codes = [str((await line.receive())["39"]) for _ in sent]
        assert ["91", "91", "91", "00", "00"] == codes
        assert 2 == house.provider.count("submit")
        assert "00" == (await line.ask(request()))["39"]


async def test_connections_max(new_house: NewHouse) -> None:
    """The connection beyond the limit is closed at once; the others serve on."""
    house = await new_house(links=link(connections_max=1))
    async with Acquirer(house.ports["acquirer"]) as line:
        await line.ask(network("301"))
        async with Acquirer(house.ports["acquirer"]) as other:
            assert await other.closed()
        assert "00" == (await line.ask(request()))["39"]
    await until(lambda: len(house.gateway.links[0].connections), 0)
    async with Acquirer(house.ports["acquirer"]) as line:
        assert "00" == (await line.ask(request()))["39"]


async def test_links_of_several_kinds(new_house: NewHouse) -> None:
    """Links of other specs and framings serve in one process, each with a key space of its own."""
    links = (
        Link(name="acquirer", partner=PARTNER, port=0),
        Link(name="four", partner="other", port=0, framing="ascii-4"),
    )
    house = await new_house(links=links)
    sent = request()
    async with Acquirer(house.ports["acquirer"]) as line:
        assert "00" == (await line.ask(sent))["39"]
    reader, writer = await asyncio.open_connection("127.0.0.1", house.ports["four"])
    payload = Codec.load("iso87-ascii").encode(sent)
    writer.write(f"{len(payload):04d}".encode() + payload)
    size = int(await reader.readexactly(4))
    answer = Codec.load("iso87-ascii").decode(await reader.readexactly(size))
    writer.close()
    assert "00" == answer["39"]
    assert 2 == len(set(house.provider.submitted()))


async def test_store_down(gateway: House, acquirer: Acquirer) -> None:
    """While the store does not answer, nothing is accepted and the acquirer is told 96."""
    from msggw.errors import Unavailable  # noqa: PLC0415 - beside its use

    async def down(_: LookUp) -> object:
        raise Unavailable("down")

    up, gateway.core.store.look_up = gateway.core.store.look_up, down  # type: ignore[method-assign]
    assert "96" == (await acquirer.ask(request()))["39"]
    gateway.core.store.look_up = up  # type: ignore[method-assign]
    assert "00" == (await acquirer.ask(request()))["39"]
    assert 1 == gateway.provider.count("submit")


async def test_store_defect(gateway: House, acquirer: Acquirer) -> None:
    """A defect behind the desk is answered 96 as well; the line goes on."""

    async def broken(_: LookUp) -> object:
        raise ValueError("a defect")

    up, gateway.core.store.look_up = gateway.core.store.look_up, broken  # type: ignore[method-assign]
    assert "96" == (await acquirer.ask(request()))["39"]
    gateway.core.store.look_up = up  # type: ignore[method-assign]
    assert "00" == (await acquirer.ask(request()))["39"]


async def test_doubtful_claim_is_not_answered(gateway: House, acquirer: Acquirer) -> None:
    """If it is not known whether "answer given" was written, nothing wrong is said: no answer."""
    from msggw.errors import Unavailable  # noqa: PLC0415 - beside its use

    commit = gateway.core.store.commit

    async def doubtful(changes: list[object]) -> object:
        results = await commit(changes)
        if any(c.move is not None and c.move.expected_answered is False for c in changes):
            raise Unavailable("the connection broke after the commit")
        return results

    gateway.core.store.commit = doubtful  # type: ignore[method-assign]
    sent = request()
    acquirer.send(sent)
    await until(lambda: _claimed(gateway, sent))
    gateway.core.store.commit = commit  # type: ignore[method-assign]
    assert "00" == (await acquirer.ask(repeat(sent, "0101")))["39"]
    assert 1 == len(acquirer.frames[str(sent["11"])])


async def test_pan_of_a_repeat_must_be_the_same(acquirer: Acquirer, gateway: House) -> None:
    """Another card under a used key is another message: 94."""
    sent = request()
    await acquirer.ask(sent)
    answer = await acquirer.ask(sent.evolve(fields={"2": "5555555555554444"}))
    assert "94" == answer["39"]
    assert PAN[:6] == str(gateway.provider.works[0].transaction.card.pan)[:6]


def test_frame_is_ours() -> None:
    """The tests cut frames by themselves."""
    assert b"\x00\x02ab" == frame(b"ab")
