"""An acquirer of the tests: frames of its own, and messages with keys that are never used twice."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any, Self

from msggw.iso8583 import Codec, Message

CODEC = Codec.load("iso87-ascii")
PAN = "4111111111111111"
PATIENCE_S = 10.0
_numbers = itertools.count(1)

FIELDS = {
    "2": PAN,
    "3": "000000",
    "4": "000000001000",
    "7": "1121103000",
    "12": "153000",
    "13": "1121",
    "14": "2812",
    "18": "5411",
    "22": "051",
    "25": "00",
    "32": "398001",
    "41": "TERM0001",
    "42": "MERCHANT0000001",
    "43": "CORNER SHOP              ALMATY       KZ",
    "49": "398",
}


def request(mti: str = "0100", amount: int = 1000, **fields: str | bytes | None) -> Message:
    """A request with a STAN and RRN of its own; `f11="…"` sets DE 11, None leaves one out."""
    number = next(_numbers)
    made: dict[str, Any] = {
        **FIELDS,
        "4": f"{amount:012d}",
        "11": f"{number:06d}",
        "37": f"6325{number:08d}",
    }
    for name, value in fields.items():
        if value is None:
            made.pop(name[1:], None)
        else:
            made[name[1:]] = value
    return Message(mti, made)


def repeat(message: Message, mti: str) -> Message:
    """The same message under another type."""
    return message.evolve(mti=mti)


def reversal(original: Message, mti: str = "0400", **fields: str | None) -> Message:
    """The reversal of a request: DE 90 names it."""
    about = f"{original.mti[:3]}0{original['11']}{original['7']}{'398001':0>11}{0:011d}"
    amount = int(str(original["4"]))
    return request(mti, amount, f37=str(original["37"]), f90=about, **fields)


def network(code: str) -> Message:
    """Sign-on 001, sign-off 002, echo 301."""
    number = next(_numbers)
    return Message("0800", {"7": "1121103000", "11": f"{number:06d}", "70": code})


class Acquirer:
    """A connection. Answers are kept by STAN, so that they may come in any order."""

    def __init__(self, port: int, codec: Codec = CODEC) -> None:
        self.port = port
        self.codec = codec
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.order: list[str] = []
        self.frames: dict[str, list[bytes]] = {}

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self.writer.close()

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    def send(self, *messages: Message) -> None:
        """Send messages in one segment."""
        self.raw(b"".join(frame(self.codec.encode(message)) for message in messages))

    async def frame(self) -> bytes | None:
        """The next payload, or None when the gateway has closed the connection."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                size = int.from_bytes(await self.reader.readexactly(2), "big")
                return await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionResetError):
            return None

    async def receive(self) -> Message:
        """The next message."""
        payload = await self.frame()
        assert payload is not None, "the gateway closed the connection"
        message = self.codec.decode(payload)
        stan = str(message["11"])
        self.order.append(stan)
        self.frames.setdefault(stan, []).append(payload)
        return message

    async def ask(self, message: Message) -> Message:
        """Send one request and return its answer."""
        self.send(message)
        return await self.receive()

    async def closed(self) -> bool:
        """Whether the gateway has closed the connection, after whatever it still said."""
        while await self.frame() is not None:
            pass
        return True

    def reset(self) -> None:
        """Cut the connection without a word."""
        self.writer.transport.abort()


def frame(payload: bytes) -> bytes:
    """Two bytes of length before it."""
    return len(payload).to_bytes(2, "big") + payload
