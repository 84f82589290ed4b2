"""The link to the host: connect, sign on, ask, and connect again when the line is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msggw.adapter import Health, HealthStatus
from msggw.iso8583 import Codec, Message, framing
from msggw.iso8583.session import Session, SessionSettings, backoff_s
from msggw_adapters.visa.line import Line, NotSent
from msggw_adapters.visa.mapping import Stamp

if TYPE_CHECKING:
    from msggw.adapter import Context
    from msggw.iso8583 import Spec
    from msggw_adapters.visa.config import Settings

__all__ = ["HostLink", "StationCodec"]

FRAME_BYTES_MAX = 8192
_STAN_MAX = 999_999
_VIP_HEADER = "vip"
_TIMEOUTS_BEFORE_DEGRADED = 3


class StationCodec(Codec):
    """The codec of the dialect; messages that have no header yet get the stations of this link."""

    def __init__(self, spec: Spec, *, destination: str, source: str) -> None:
        """Take both stations, 6 digits each; a dialect without the scheme's header needs none."""
        super().__init__(spec)
        self.own_header = b""
        """The header of our messages; empty if the dialect has none with stations."""
        if spec.header.name == _VIP_HEADER:
            # 22 bytes: length, format, text format, total (written by the codec), H5, H6, flags.
            stations = bytes.fromhex(destination + source)
            self.own_header = b"\x16\x01\x02\0\0" + stations + bytes(11)

    def encode(self, message: Message) -> bytes:
        """Return the bytes; raise `Refused` as the codec does."""
        if not message.header:
            message = message.evolve(header=self.own_header)
        return super().encode(message)


class HostLink:
    """One connection at a time to one host, made again whenever it is lost."""

    def __init__(self, settings: Settings, codec: Codec, context: Context) -> None:
        """Open nothing yet; raise `ConfigurationError` for an unknown framing."""
        framing.of(settings.framing, length_max=FRAME_BYTES_MAX)
        self._settings = settings
        self._codec = codec
        self._context = context
        self._line: Line | None = None
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._stopping = False
        self._stan = int(context.random() * _STAN_MAX)
        self.trouble = "not started"

    async def start(self) -> None:
        """Start connecting; return when the first attempt has succeeded or failed."""
        self._stopping = False
        self._tried.clear()
        self._task = asyncio.create_task(self._keep_connected())
        await self._tried.wait()

    async def stop(self) -> None:
        """Take no more requests, let answers come within the limit, sign off and close."""
        self._stopping = True
        line, task = self._line, self._task
        if line is not None:
            await line.finish(self._settings.stop_s)
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._task = None
        self.trouble = "stopped"

    def health(self) -> Health:
        """Judge by the link and by the last answers."""
        line = self._line
        if line is None or not line.is_up:
            return Health(HealthStatus.DOWN, self.trouble)
        if line.timeouts >= _TIMEOUTS_BEFORE_DEGRADED:
            return Health(HealthStatus.DEGRADED, f"{line.timeouts} requests without an answer")
        return Health(HealthStatus.HEALTHY)

    def stamp(self) -> Stamp:
        """Return the next STAN, 000001 to 999999 and round again, and the time."""
        self._stan = self._stan % _STAN_MAX + 1
        return Stamp(f"{self._stan:06d}", datetime.fromtimestamp(self._context.now(), UTC))

    async def ask(self, request: Message, timeout_s: float) -> Message:
        """Send and wait for the answer; raise `NotSent`, `Doubt`, `Rejected` or `Refused`."""
        line = self._line
        if line is None or self._stopping:
            raise NotSent("stopping" if self._stopping else self.trouble)
        if timeout_s <= 0:
            raise NotSent("no time is left")
        return await line.ask(request, min(timeout_s, self._settings.timeout_s))

    def log(self, event: str, **values: object) -> None:
        """Log without secrets: callers give DE 37, codes and sizes."""
        self._context.log(f"visa.{event}", **values)

    async def _keep_connected(self) -> None:
        attempt = 0
        try:
            while True:
                attempt = 0 if await self._connection_lasted() else attempt + 1
                self.log("link.down", why=self.trouble)
                await asyncio.sleep(self._pause_s(attempt))
        finally:
            self._tried.set()

    async def _connection_lasted(self) -> bool:
        line = await self._connect()
        if line is None:
            self._tried.set()
            return False
        self._line = line
        was_up = await line.settled()
        self._tried.set()
        await line.closed.wait()
        self._line = None
        self.trouble = line.trouble or "the connection was lost"
        return was_up

    def _pause_s(self, attempt: int) -> float:
        first, longest = self._settings.reconnect_s, self._settings.reconnect_max_s
        return backoff_s(attempt, base_s=first, cap_s=longest, chance=self._context.random())

    async def _connect(self) -> Line | None:
        loop = asyncio.get_running_loop()
        host, port = self._settings.host, self._settings.port
        try:
            async with asyncio.timeout(self._settings.connect_timeout_s):
                _, line = await loop.create_connection(self._new_line, host, port)
        except (OSError, TimeoutError) as error:
            self.trouble = f"cannot connect: {type(error).__name__}"
            return None
        return line

    def _new_line(self) -> Line:
        return Line(self._session(), self.log)

    def _session(self) -> Session:
        loop, chosen = asyncio.get_running_loop(), self._settings
        return Session(
            self._codec,
            framing.of(chosen.framing, length_max=FRAME_BYTES_MAX),
            SessionSettings(
                sign_on=chosen.sign_on,
                sign_on_code=chosen.sign_on_code,
                sign_off_code=chosen.sign_off_code,
                echo_after_s=chosen.echo_after_s,
                in_flight_max=chosen.in_flight_max,
            ),
            utc_offset_s=self._context.now() - loop.time(),
            stan_start=int(self._context.random() * _STAN_MAX) + 1,
        )
