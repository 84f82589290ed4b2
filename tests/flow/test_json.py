"""Canonical JSON through the whole gateway: one key is one payment, and refusals quote nothing."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from openapi_spec_validator import validate
from tests.flow.conftest import NewHouse
from tests.flow.house import PARTNER, House, until

from msggw.canonical import State
from msggw.errors import Unavailable
from msggw.ingress import new_key
from msggw.store import LookUp, Partner

PATH = "/v1/transactions"
_numbers = itertools.count(1)


def transfer(minor: int = 2500, **parts: Any) -> dict[str, Any]:
    """A credit transfer with an end-to-end id of its own."""
    return {
        "kind": "credit_transfer",
        "amount": {"value": f"{minor // 100}.{minor % 100:02d}", "currency": "KZT"},
        "debtor": {"name": "Aigerim Service LLP"},
        "debtor_account": {"iban": "KZ86125KZT5004100100"},
        "debtor_agent": {"bic": "DEMOKZKA"},
        "creditor": {"name": "Bolat Supplies LLP"},
        "creditor_account": {"iban": "KZ75125KZT1001300335"},
        "creditor_agent": {"bic": "BANKKZKA"},
        "references": {"end_to_end_id": f"E2E-{next(_numbers):08d}"},
        **parts,
    }


def card(minor: int = 2500, pan: str = "4111111111111111") -> dict[str, Any]:
    """A card authorisation."""
    amount = {"value": f"{minor // 100}.{minor % 100:02d}", "currency": "KZT"}
    return {"kind": "authorisation", "amount": amount, "card": {"pan": pan, "expiry": "2028-12"}}


def new_idempotency_key() -> str:
    """A key no other request has."""
    return f"key-{next(_numbers)}"


async def post(
    client: httpx2.AsyncClient, body: Any, key: str | None = None, **headers: str
) -> httpx2.Response:
    """Post a document (or bytes as they are)."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json", "idempotency-key": key or new_idempotency_key()}
    return await client.post(PATH, content=data, headers={**given, **headers})


@pytest.fixture
async def client(gateway: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the embedded gateway."""
    async with gateway.http() as client:
        yield client


async def test_transfer(any_house: NewHouse) -> None:
    """A transfer is executed and found again under its location, with its timeline."""
    house = await any_house()
    async with house.http() as client:
        done = await post(client, transfer())
        body = done.json()
        assert (200, "approved", "approved") == (done.status_code, body["state"], body["reason"])
        assert {"de39": "00", "iso20022": "ACSC"} == body["answers"]
        assert f"{PATH}/{body['id']}" == done.headers["location"]
        shown = (await client.get(done.headers["location"])).json()
        assert body["transaction"] == shown["transaction"]
        events = [row["event"] for row in shown["timeline"]]
        assert ["transaction.accepted", "attempt.started", "transaction.approved"] == events
        stages = [one["stage"] for one in shown["timeline"][0]["decisions"]]
        assert ["duplicate", "kyc", "amount", "velocity", "sanctions", "route"] == stages
        attempt = shown["timeline"][1]
        assert ("bogus", "submit", 1) == tuple(
            attempt[n] for n in ("adapter", "operation", "number")
        )


async def test_card_shows_first6_last4(client: httpx2.AsyncClient) -> None:
    """The PAN comes back as token, first six and last four digits."""
    body = (await post(client, card())).json()
    pan = body["transaction"]["card"]["pan"]
    assert ("411111", "1111") == (pan["first6"], pan["last4"])
    assert {"token", "first6", "last4"} == set(pan)
    assert 6 == len(body["approval_code"])


@pytest.mark.parametrize(
    ("minor", "reason"), [(2551, "insufficient_funds"), (2554, "expired_card")]
)
async def test_decline(client: httpx2.AsyncClient, minor: int, reason: str) -> None:
    """A decline is an answer, not an error: 200 with its reason."""
    done = await post(client, card(minor))
    assert (200, "declined", reason) == (
        done.status_code,
        done.json()["state"],
        done.json()["reason"],
    )


async def test_partial_approval_names_its_amount(client: httpx2.AsyncClient) -> None:
    """The approved amount stands beside the asked one."""
    body = (await post(client, card(2510))).json()
    assert {"value": "12.55", "currency": "KZT"} == body["approved_amount"]


async def test_pending_is_found_executed_later(any_house: NewHouse) -> None:
    """202 while it is pending; the inquiry finds it executed and GET shows it."""
    house = await any_house()
    async with house.http() as client:
        done = await post(client, transfer(2582))
        assert (202, "pending") == (done.status_code, done.json()["state"])
        transaction_id = done.json()["id"]
        await house.reaches(transaction_id, State.APPROVED)
        shown = (await client.get(f"{PATH}/{transaction_id}")).json()
        assert "approved" == shown["state"]
        started = [row for row in shown["timeline"] if row["event"] == "attempt.started"]
        assert ["submit", "inquire"] == [row["operation"] for row in started]


async def test_unknown_transfer_is_inquired_not_resent(any_house: NewHouse) -> None:
    """A doubtful transfer is asked about; it is never submitted again, never reversed."""
    house = await any_house()
    async with house.http() as client:
        done = await post(client, transfer(2584))
        assert (202, "unknown") == (done.status_code, done.json()["state"])
        await house.reaches(done.json()["id"], State.APPROVED)
        assert (1, 1, 0) == tuple(map(house.provider.count, ("submit", "inquire", "reverse")))


async def test_unknown_card_is_reversed(client: httpx2.AsyncClient, gateway: House) -> None:
    """A doubtful card payment is undone."""
    done = await post(client, card(2585))
    assert 202 == done.status_code
    await gateway.reaches(done.json()["id"], State.REVERSED)
    assert 1 == gateway.provider.count("reverse")


async def test_answer_time_over(new_house: NewHouse) -> None:
    """202 with the state at the deadline; a card payment is then reversed."""
    house = await new_house(http={"answer_timeout_s": 0.7}, adapters={"bogus": {"late_s": 1.5}})
    async with house.http() as client:
        done = await post(client, transfer(2581))
        assert (202, "sent") == (done.status_code, done.json()["state"])
        await house.reaches(done.json()["id"], State.APPROVED)
        done = await post(client, card(2568))
        assert 202 == done.status_code
        await house.reaches(done.json()["id"], State.REVERSED)


async def test_replay(any_house: NewHouse) -> None:
    """The same key and message get the same answer, marked as replayed; it is paid once."""
    house = await any_house()
    async with house.http() as client:
        key, body = new_idempotency_key(), transfer()
        first = await post(client, body, key)
        again = await post(client, body, f'"{key}"')
        assert first.content == again.content
        assert "idempotent-replayed" not in first.headers
        assert "true" == again.headers["idempotent-replayed"]
        assert 1 == house.provider.count("submit")


async def test_used_key(client: httpx2.AsyncClient, gateway: House) -> None:
    """The same key with another message is 422, and nothing of it is executed."""
    key = new_idempotency_key()
    await post(client, transfer(2500), key)
    done = await post(client, transfer(9900), key)
    assert (422, "idempotency-key-reused") == (done.status_code, done.json()["code"])
    assert 1 == gateway.provider.count("submit")


@pytest.mark.parametrize("header", [{}, {"idempotency-key": ""}, {"idempotency-key": "x" * 256}])
async def test_no_key(client: httpx2.AsyncClient, header: dict[str, str]) -> None:
    """Without a usable key nothing is accepted: 400."""
    headers = {"content-type": "application/json", **header}
    done = await client.post(PATH, content=json.dumps(transfer()), headers=headers)
    assert (400, "idempotency-key") == (done.status_code, done.json()["code"])


async def test_still_being_worked_on(any_house: NewHouse) -> None:
    """Fifty copies at once are one payment; the others are told 409 and when to come again."""
    house = await any_house()
    release = asyncio.Event()
    house.provider.before = lambda _: release.wait()
    async with house.http() as client:
        key, body = new_idempotency_key(), transfer()
        tasks = [asyncio.ensure_future(post(client, body, key)) for _ in range(50)]
        await until(lambda: sum(task.done() for task in tasks), 49)
        release.set()
        results = await asyncio.gather(*tasks)
        codes = [done.status_code for done in results]
        assert (1, 49) == (codes.count(200), codes.count(409))
        late = next(done for done in results if done.status_code == 409)
        assert "1" == late.headers["retry-after"]
        assert late.json()["retryable"] is True
        assert 1 == house.provider.count("submit")
        assert 200 == (await post(client, body, key)).status_code


async def partner(house: House, name: str) -> str:
    """Add a partner; return its API key."""
    text, key = new_key(name, house.core.keys, house.core.clock.now_us())
    await house.core.store.add_partner(Partner(name, name, house.core.clock.now_us()), key)
    return text


async def test_api_keys(new_house: NewHouse) -> None:
    """Without a valid key: 401; with another partner's key a transaction does not exist."""
    house = await new_house(http={"open_partner": None})
    one, two = await partner(house, "one"), await partner(house, "two")
    async with house.http() as client:
        wrong = f"{one[:-1]}{'0' if one[-1] != '0' else '1'}"
        for headers in ({}, {"authorization": "Bearer x"}, {"x-api-key": wrong}):
            assert 401 == (await post(client, transfer(), **headers)).status_code
            assert 401 == (await client.get(f"{PATH}/txn_{'0' * 32}", headers=headers)).status_code
        done = await post(client, transfer(), authorization=f"Bearer {one}")
        assert 200 == done.status_code
        place = done.headers["location"]
        assert 200 == (await client.get(place, headers={"x-api-key": one})).status_code
        hidden = await client.get(place, headers={"x-api-key": two})
        absent = await client.get(f"{PATH}/txn_{'0' * 32}", headers={"x-api-key": two})
        assert 404 == hidden.status_code == absent.status_code
        assert hidden.json()["detail"] == absent.json()["detail"]


@pytest.mark.parametrize("kind", ["status_request", "cancellation_request", "reversal"])
@pytest.mark.parametrize("by", ["gateway_id", "uetr", "end_to_end_id"])
async def test_other_partners_originals(new_house: NewHouse, kind: str, by: str) -> None:
    """Nobody asks about, cancels or reverses what belongs to another partner."""
    house = await new_house(http={"open_partner": None})
    one, two = await partner(house, "one"), await partner(house, "two")
    uetr = "7c6f1d0e-52a4-4c1e-9d2b-3f4a5b6c7d8e"
    async with house.http() as client:
        body = transfer(2582, references={"end_to_end_id": "THEIRS-1", "uetr": uetr})
        done = (await post(client, body, authorization=f"Bearer {one}")).json()
        names = {"gateway_id": done["id"], "uetr": uetr, "end_to_end_id": "THEIRS-1"}
        about = {"kind": kind, "original": {by: names[by]}}
        answer = (await post(client, about, authorization=f"Bearer {two}")).json()
        assert "original_state" not in json.dumps(answer)
        assert [] == [one for one in house.provider.calls if one[0] in {"cancel", "reverse"}]
        events = await house.events(done["id"])
        assert 0 == events["transaction.reversing"] + events["transaction.expired"]


async def test_cancel_a_pending_transfer(client: httpx2.AsyncClient, gateway: House) -> None:
    """A pending transfer is cancelled at the provider, who is asked about the original."""
    pending = (await post(client, transfer(2582))).json()
    done = await post(
        client, {"kind": "cancellation_request", "original": {"gateway_id": pending["id"]}}
    )
    assert (200, "approved") == (done.status_code, done.json()["state"])
    assert 1 == gateway.provider.count("cancel", pending["id"])
    await until(lambda: gateway.state(pending["id"]), State.DECLINED)


async def test_status_request(client: httpx2.AsyncClient) -> None:
    """A status request is answered from the store."""
    first = (await post(client, transfer())).json()
    done = await post(client, {"kind": "status_request", "original": {"gateway_id": first["id"]}})
    assert (200, "approved") == (done.status_code, done.json()["state"])


async def test_unknown_paths_and_methods(client: httpx2.AsyncClient) -> None:
    """404, 405 and 415 are problem documents as well."""
    for method, path, status in (
        ("GET", "/v1/nothing", 404),
        ("DELETE", PATH, 405),
        ("GET", f"{PATH}/not-an-id", 404),
        ("GET", f"{PATH}/txn_{'f' * 32}", 404),
    ):
        done = await client.request(method, path)
        assert (status, status) == (done.status_code, done.json()["status"])
        assert "application/problem+json" == done.headers["content-type"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "application/jsonx"])
async def test_media_type(client: httpx2.AsyncClient, kind: str) -> None:
    """Another media type is 415."""
    headers = {"content-type": kind, "idempotency-key": new_idempotency_key()}
    done = await client.post(PATH, content=b"{}", headers=headers)
    assert (415, "media-type") == (done.status_code, done.json()["code"])


async def test_compressed_body(client: httpx2.AsyncClient) -> None:
    """A compressed body is not unpacked: 415."""
    done = await post(client, b"\x1f\x8b", **{"content-encoding": "gzip"})
    assert (415, "content-encoding") == (done.status_code, done.json()["code"])


async def test_too_large(new_house: NewHouse) -> None:
    """A body beyond the limit is refused while it comes, declared or not: 413."""
    house = await new_house(http={"body_bytes_max": 2048})

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1000

    async with house.http() as client:
        for body in (b"x" * 5000, chunks()):
            headers = {"content-type": "application/json", "idempotency-key": "k"}
            done = await client.post(PATH, content=body, headers=headers)
            assert (413, "too-large") == (done.status_code, done.json()["code"])


MARK = "MARK-4539578763621486"
GOOD = json.dumps(transfer())
ATTACKS: dict[str, bytes] = {
    "nothing": b"",
    "no object": b"[]",
    "a text": b'"x"',
    "half an object": GOOD[:-10].encode(),
    "an amount as a number": GOOD.replace('"25.00"', "25.00").encode(),
    "an amount as an integer": GOOD.replace('"25.00"', "25").encode(),
    "an exponent": GOOD.replace('"25.00"', '"25e2"').encode(),
    "a sign": GOOD.replace('"25.00"', '"-25.00"').encode(),
    "Arabic digits": GOOD.replace('"25.00"', '"٢٥.00"').encode(),
    "too many decimals": GOOD.replace('"25.00"', '"25.005"').encode(),
    "NaN": GOOD.replace('"25.00"', "NaN").encode(),
    "a huge number": GOOD.replace('"25.00"', "1" * 5000).encode(),
    "a key twice": GOOD.replace("{", '{"kind": "refund", ', 1).encode(),
    "an unknown key": GOOD.replace("{", f'{{"{MARK}": 1, ', 1).encode(),
    "an unknown kind": GOOD.replace("credit_transfer", MARK).encode(),
    "a kind of links": GOOD.replace("credit_transfer", "network_management").encode(),
    "a wrong IBAN": GOOD.replace("KZ86125KZT5004100100", "KZ00125KZT5004100100").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "UTF-16": GOOD.encode("utf-16"),
    "a lone surrogate": GOOD.replace("Bolat", "\\ud800").encode(),
    "a NUL": GOOD.replace("Bolat", "\\u0000").encode(),
    "depth": b"[" * 5000 + b"]" * 5000,
    "depth in an object": GOOD.replace('"KZT"', '{"a":' * 100 + "1" + "}" * 100).encode(),
    "sealed data": GOOD.replace("{", '{"sensitive": "AAAAAAAAAAAAAAAAAAAA", ', 1).encode(),
}


@pytest.mark.parametrize("what", ATTACKS)
async def test_attacks(client: httpx2.AsyncClient, gateway: House, what: str) -> None:
    """Each is refused by 400 or 422 with a problem document that quotes nothing."""
    done = await post(client, ATTACKS[what])
    assert done.status_code in {400, 422}
    assert "application/problem+json" == done.headers["content-type"]
    assert done.json()["errors"]
    assert "4539578763621486" not in done.text
    assert [] == gateway.provider.calls
    assert [] == gateway.logged("http.defect")


async def test_all_faults_at_once(client: httpx2.AsyncClient) -> None:
    """Every fault is named with a pointer."""
    body = transfer(debtor={"name": ""}, creditor_account={"iban": "XX"}, amount={"value": "1"})
    pointers = {fault["pointer"] for fault in (await post(client, body)).json()["errors"]}
    assert 3 <= len(pointers)
    assert all(pointer.startswith("/") for pointer in pointers)


async def test_store_down(client: httpx2.AsyncClient, gateway: House) -> None:
    """While the store does not answer nothing is accepted: 503 and when to come again."""

    async def down(_: LookUp) -> object:
        raise Unavailable("a secret place does not answer")

    up, gateway.core.store.look_up = gateway.core.store.look_up, down  # type: ignore[method-assign]
    key, body = new_idempotency_key(), transfer()
    done = await post(client, body, key)
    assert (503, "1") == (done.status_code, done.headers["retry-after"])
    assert "secret place" not in done.text
    gateway.core.store.look_up = up  # type: ignore[method-assign]
    assert 200 == (await post(client, body, key)).status_code


async def test_defect(gateway: House) -> None:
    """A defect is a 500 that says nothing about it, and a log line."""

    async def broken(_: LookUp) -> object:
        raise ValueError("a detail of the defect")

    gateway.core.store.look_up = broken  # type: ignore[method-assign]
    transport = httpx2.ASGITransport(
        gateway.gateway.http._server.config.app,  # noqa: SLF001 - the same application
        raise_app_exceptions=False,
    )
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        done = await post(client, transfer())
    assert (500, "defect") == (done.status_code, done.json()["code"])
    assert "a detail" not in done.text
    assert [{"event": "http.defect", "role": "gateway", "path": PATH, "error": "ValueError"}] == (
        gateway.logged("http.defect")
    )


async def test_openapi(client: httpx2.AsyncClient) -> None:
    """The published contract is valid OpenAPI and names every path."""
    document = (await client.get("/openapi.json")).json()
    validate(document)
    paths = {PATH, f"{PATH}/{{transaction_id}}", "/v1/iso20022", "/livez", "/readyz", "/metrics"}
    assert paths == set(document["paths"])


async def test_operations(client: httpx2.AsyncClient, gateway: House) -> None:
    """Alive, ready, metrics; a process that drains or lost its store is not ready."""
    await post(client, transfer())
    assert {"status": "ok"} == (await client.get("/livez")).json()
    ready = await client.get("/readyz")
    assert (200, {"store": "ok", "broker": "ok"}) == (ready.status_code, ready.json()["parts"])
    text = (await client.get("/metrics")).text
    assert (
        'msggw_answers_total{kind="credit_transfer",reason="approved",standard="json"} 1.0' in text
    )
    gateway.core.health.draining = True
    drained = await client.get("/readyz")
    assert (503, "draining") == (drained.status_code, drained.json()["parts"]["process"])
    gateway.core.health.draining = False

    async def down() -> None:
        raise Unavailable("the store is down")

    gateway.core.health._checks["store"] = down  # noqa: SLF001 - the check alone
    assert 503 == (await client.get("/readyz")).status_code


async def test_slow_sender(new_house: NewHouse) -> None:
    """A request that does not arrive in time is cut; others are served."""
    house = await new_house(http={"receive_timeout_s": 0.5})
    head = b"POST /v1/transactions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
    for drip in (b"", b"GET /liv", head, head + b"Content-Type: application/json\r\n\r\n{"):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.ports["http"])
        writer.write(drip)
        async with asyncio.timeout(10):
            assert b"" == await _rest(reader, writer)
        writer.close()
    async with house.http() as client:
        for _ in range(3):
            assert 200 == (await client.get("/livez")).status_code
            await asyncio.sleep(0.3)


async def _rest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    # A drop now and then must not buy time.
    try:
        while True:
            try:
                async with asyncio.timeout(0.1):
                    return await reader.read(1000)
            except TimeoutError:
                writer.write(b"X")
    except ConnectionError:
        return b""


def test_the_partner_of_the_house() -> None:
    """Requests without a key are this partner's in most tests."""
    assert "demo-acquirer" == PARTNER
