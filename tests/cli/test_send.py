"""`msggw send`: to a running gateway over TCP and HTTP, and to peers that misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from tests.cli.command import EXAMPLES, msggw
from tests.cli.conftest import Running

CARD = EXAMPLES / "0100.json"


def test_a_card_authorisation_is_answered(gateway: Running) -> None:
    """JSON, digits and bytes are sent as ISO 8583; the 0110 comes back, its card number masked."""
    stan = json.loads(CARD.read_text())
    stan["fields"]["11"] = "000777"
    told = msggw("send", "-", "--to", gateway.tcp, "--json", stdin=json.dumps(stan).encode())
    shown = msggw("send", EXAMPLES / "0100.hex", "--to", gateway.tcp)

    assert (0, "0110", "00", "000777") == (
        told.code,
        told.json()["mti"],
        told.json()["fields"]["39"],
        told.json()["fields"]["11"],
    )
    assert 0 == shown.code
    assert shown.out.startswith("0110\n  DE   2  411111******1111\n")


def test_a_credit_transfer_is_answered(gateway: Running) -> None:
    """XML goes to the ISO 20022 path, also when the whole path is given."""
    told = msggw("send", EXAMPLES / "pacs.008.xml", "--to", gateway.http, "--json")
    again = msggw("send", EXAMPLES / "pacs.008.xml", "--to", f"{gateway.http}/v1/iso20022")

    assert (0, 200) == (told.code, told.json()["status"])
    assert "FIToFIPmtStsRpt" in told.json()["body"]
    assert again.out.startswith("HTTP 200\n<")


def test_canonical_json_is_answered(gateway: Running) -> None:
    """JSON goes to the transactions path with a key; the same key gives the same transaction."""
    to = ("send", EXAMPLES / "transaction.json", "--to", gateway.http, "--json")
    key = str(uuid4())
    first, again = msggw(*to, "--key", key), msggw(*to, "--key", key)

    assert (0, 200, "approved") == (
        first.code,
        first.json()["status"],
        first.json()["body"]["state"],
    )
    assert first.json()["body"]["id"] == again.json()["body"]["id"]


def test_a_problem_is_an_answer(gateway: Running) -> None:
    """A refused message was answered: the command shows the problem and ends with 0."""
    done = msggw("send", "-", "--to", gateway.http, stdin=b'{"kind": 1.5}')

    assert 0 == done.code
    assert done.out.startswith("HTTP 400\n{")


@pytest.mark.parametrize(
    "url",
    [
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:99999",
        "http://[::",
        "ftp://host/",
        "http:///x",
        "nothing",
    ],
)
def test_a_wrong_address_is_wrong_usage(url: str) -> None:
    """What names no peer is said before anything is sent."""
    done = msggw("send", CARD, "--to", url)

    assert 2 == done.code
    assert "--to takes" in done.err


def test_a_peer_that_is_away_ends_with_5() -> None:
    """Nobody listens, over TCP and over HTTP."""
    source = EXAMPLES / "transaction.json"

    assert 5 == msggw("send", CARD, "--to", "tcp://127.0.0.1:1").code
    assert 5 == msggw("send", source, "--to", "http://127.0.0.1:1", "--api-key", "x").code


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (b"", "the line was closed without an answer"),
        (b"\x00\x040110", "the answer cannot be read"),
        (b"\x00", "the line was closed without an answer"),
    ],
)
def test_a_peer_that_answers_nonsense_ends_with_5(answer: bytes, detail: str) -> None:
    """What the peer sends is the peer's fault, not an invalid message."""
    with answering(answer) as url:
        done = msggw("send", CARD, "--to", url, "--json")

    assert 5 == done.code
    assert detail in done.problem()["detail"]


@contextmanager
def answering(data: bytes) -> Iterator[str]:
    """A peer that takes one message, answers these bytes and closes the line."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line:
                line.recv(4096)
                line.sendall(data)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()
