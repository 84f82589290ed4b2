"""Frames between STX and ETX with a check byte, frames that end in ETX, and no frames at all."""

from __future__ import annotations

from functools import reduce
from operator import xor

from msggw.errors import Rule
from msggw.iso8583.framing.base import LengthPrefixed, refusal

__all__ = ["Base24", "Raw", "StxEtx"]

_STX = 0x02
_ETX = 0x03


class Delimited:
    """What the framings without a length share: a bounded buffer and no keep-alive."""

    name = ""

    def __init__(self, *, length_max: int) -> None:
        """`length_max` is the longest payload in bytes that is taken or sent."""
        self.length_max = length_max
        self.frames_before_fault: list[bytes] = []
        self._waiting = bytearray()

    @property
    def buffered(self) -> int:
        """How many bytes of an unfinished frame are waiting."""
        return len(self._waiting)

    def keep_alive(self) -> bytes:
        """Return nothing: there is no such frame."""
        return b""

    def keep_alives_received(self) -> int:
        """Return zero: there is no such frame."""
        return 0

    def _checked(self, payload: bytes) -> bytes:
        if not 0 < len(payload) <= self.length_max:
            detail = f"1 to {self.length_max} bytes expected, {len(payload)} found"
            raise refusal(self.name, Rule.LENGTH, detail)
        return payload


class StxEtx(Delimited):
    """STX, the payload, ETX, and the exclusive or of payload and ETX (LRC).

    Only for text dialects: a payload with a byte 03 cannot be framed and is refused.
    """

    name = "stx-etx"

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take bytes and return complete payloads; raises `Refused` for noise or a wrong LRC."""
        self._waiting += data
        frames: list[bytes] = []
        while self._waiting:
            if self._waiting[0] != _STX:
                raise self._broken(frames, Rule.SYNTAX, "STX expected")
            end = self._waiting.find(_ETX)
            if end < 0 or end + 1 >= len(self._waiting):
                break
            payload = bytes(self._waiting[1:end])
            if _lrc(payload) != self._waiting[end + 1]:
                raise self._broken(frames, Rule.CHECKSUM, "the check byte does not match")
            if not 0 < len(payload) <= self.length_max:
                break
            frames.append(payload)
            del self._waiting[: end + 2]
        if len(self._waiting) > self.length_max + 3:
            detail = f"at most {self.length_max} bytes expected between STX and ETX"
            raise self._broken(frames, Rule.LENGTH, detail)
        if self._waiting[:2] == bytes([_STX, _ETX]):
            raise self._broken(frames, Rule.LENGTH, "an empty frame")
        return frames

    def _broken(self, frames: list[bytes], rule: Rule, detail: str) -> Exception:
        self.frames_before_fault = frames
        return refusal(self.name, rule, detail)

    def frame(self, payload: bytes) -> bytes:
        """Return the framed payload; raises `Refused` if it is too long or holds an ETX."""
        if _ETX in self._checked(payload):
            raise refusal(self.name, Rule.VALUE, "no byte 03 expected in the payload")
        return bytes([_STX, *payload, _ETX, _lrc(payload)])


class Raw(Delimited):
    """No frames: what arrives at once is a message (datagrams, one message a connection)."""

    name = "raw"

    def receive_data(self, data: bytes) -> list[bytes]:
        """Return the data as one payload; raises `Refused` if it is too long."""
        return [self._checked(bytes(data))] if data else []

    def frame(self, payload: bytes) -> bytes:
        """Return the payload itself."""
        return self._checked(payload)


class Base24(LengthPrefixed):
    """Two bytes of length that count the payload and the ETX behind it (BASE24 over TCP)."""

    width = 2
    name = "base24"

    def __init__(self, *, length_max: int) -> None:
        """Bound the maximum by what two bytes can say."""
        super().__init__(length_max=min(length_max + 1, 0xFFFF))

    def length(self, head: bytes) -> int:
        """Return the length of payload and ETX."""
        return int.from_bytes(head, "big")

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take bytes and return payloads without their ETX; raises `Refused` if one is missing."""
        frames: list[bytes] = []
        for frame in super().receive_data(data):
            if len(frame) < 2 or frame[-1] != _ETX:
                self.frames_before_fault = frames
                raise refusal(self.name, Rule.SYNTAX, "ETX expected at the end")
            frames.append(frame[:-1])
        return frames

    def head(self, length: int) -> bytes:
        """Return the length of payload and ETX."""
        return length.to_bytes(2, "big")

    def frame(self, payload: bytes) -> bytes:
        """Return length, payload and ETX; raises `Refused` if the payload is empty or too long."""
        if not payload:
            raise refusal(self.name, Rule.LENGTH, "at least 1 byte expected")
        return super().frame(payload + bytes([_ETX]))


def _lrc(payload: bytes) -> int:
    return reduce(xor, payload, _ETX)
