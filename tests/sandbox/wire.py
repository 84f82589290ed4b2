"""A raw client of the simulated host: frames and messages by the sandbox's own dialect."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from msggw.sandbox import VisaHost
from msggw.sandbox.dialects import DIALECTS, HostMessage

HEADER = bytes.fromhex("1601020000111111222222") + bytes(11)


def authorisation(minor: int = 10_00, stan: int = 1, mti: str = "0100", **more: str) -> HostMessage:
    """A purchase that the host can decide on."""
    fields = {
        2: "4111111111111111",
        3: "000000",
        4: f"{minor:012d}",
        7: "0921141320",
        11: f"{stan:06d}",
        32: "400001",
        37: f"6264{stan:08d}",
        41: "TERM0001",
        42: "MERCHANT0000001",
        49: "398",
    }
    fields |= {int(name[2:]): value for name, value in more.items()}
    return HostMessage(mti, fields, HEADER)


def reversal(original: HostMessage, stan: int = 900_000, **more: str) -> HostMessage:
    """The reversal of a request, with everything in DE 90."""
    of = original.get
    de90 = original.mti + of(11) + of(7) + of(32).zfill(11) + "0" * 11
    fields = original.fields | {11: f"{stan:06d}", 90: de90}
    fields |= {int(name[2:]): value for name, value in more.items()}
    return HostMessage("0420", fields, HEADER)


class RawClient:
    """One connection to the host."""

    def __init__(self, sim: VisaHost) -> None:
        self._sim = sim
        self.dialect = sim.dialect
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._sim.port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def write_raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._writer.write(data)

    def write(self, payload: bytes) -> None:
        """Send a frame."""
        size = self._sim.prefix_size
        self.write_raw(len(payload).to_bytes(2, "big") + bytes(size - 2) + payload)

    async def read(self, timeout_s: float = 3.0) -> bytes:
        """Receive a frame; raise `EOFError` when the host hangs up."""
        async with asyncio.timeout(timeout_s):
            head = await self._reader.readexactly(self._sim.prefix_size)
            return await self._reader.readexactly(int.from_bytes(head[:2], "big"))

    async def ask(self, message: HostMessage) -> HostMessage:
        """Send a message and read the answer."""
        self.write(self.dialect.build(message))
        return self.dialect.parse(await self.read())

    async def sign_on(self) -> None:
        """Sign on."""
        fields = {7: "0921141320", 11: "000000", 70: "071"}
        assert (await self.ask(HostMessage("0800", fields, HEADER))).get(39) == "00"

    async def silent(self, seconds: float = 0.1) -> bool:
        """Whether the host says nothing for a moment."""
        try:
            await self.read(seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def host_and_client(dialect: str = "visa-base1", framing: str = "vap"):
    """A host on a free port and a signed-on client."""
    async with VisaHost(dialect=dialect, framing=framing) as sim:
        await sim.listen()
        async with RawClient(sim) as client:
            await client.sign_on()
            yield sim, client


__all__ = ["DIALECTS", "HEADER", "RawClient", "authorisation", "host_and_client", "reversal"]
