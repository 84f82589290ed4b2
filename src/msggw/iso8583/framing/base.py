"""What a framing does: it cuts a byte stream into message payloads, and wraps payloads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["Framing", "LengthPrefixed", "refusal"]


class Framing(Protocol):
    """One way to mark where a message begins and ends. Keeps the bytes of an unfinished frame."""

    name: str

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take bytes and return the payloads that are complete now.

        Raises `Refused` for an impossible length: the stream cannot be followed any further and
        the link has to be closed. Payloads cut before that are in `frames_before_fault`.
        """
        ...

    def frame(self, payload: bytes) -> bytes:
        """Return the payload as it goes on the wire; raises `Refused` if it is too long."""
        ...

    def keep_alive(self) -> bytes:
        """Return the frame that keeps the link alive; empty if the framing has none."""
        ...

    def keep_alives_received(self) -> int:
        """Return how many keep-alive frames came since the last call."""
        ...

    @property
    def buffered(self) -> int:
        """How many bytes of an unfinished frame are waiting."""
        ...

    frames_before_fault: list[bytes]


class LengthPrefixed(ABC):
    """Frames that begin with a length of fixed width. Subclasses read and write that length."""

    name = ""
    width = 0
    has_keep_alive = True

    def __init__(self, *, length_max: int) -> None:
        """`length_max` is the longest payload in bytes that is taken or sent."""
        self.length_max = length_max
        self.frames_before_fault: list[bytes] = []
        self._waiting = bytearray()
        self._keep_alives = 0

    @abstractmethod
    def length(self, head: bytes) -> int:
        """Return the length that `width` bytes announce for the payload; -1 if they do not."""

    @abstractmethod
    def head(self, length: int) -> bytes:
        """Return the bytes in front of a payload of this length."""

    @property
    def buffered(self) -> int:
        """How many bytes of an unfinished frame are waiting."""
        return len(self._waiting)

    def receive_data(self, data: bytes) -> list[bytes]:
        """Take bytes and return complete payloads; raises `Refused` for an impossible length."""
        frames: list[bytes] = []
        self._waiting += data
        stream = bytes(self._waiting)
        at = 0
        while len(stream) - at >= self.width:
            length = self.length(stream[at : at + self.width])
            if not 0 <= length <= self.length_max or (length == 0 and not self.has_keep_alive):
                self.frames_before_fault = frames
                detail = f"a length of at most {self.length_max} expected"
                raise refusal(self.name, Rule.LENGTH if length >= 0 else Rule.SYNTAX, detail)
            end = at + self.width + length
            if end > len(stream):
                break
            if length:
                frames.append(stream[at + self.width : end])
            else:
                self._keep_alives += 1
            at = end
        del self._waiting[:at]
        return frames

    def frame(self, payload: bytes) -> bytes:
        """Return head and payload; raises `Refused` if the payload is empty or too long."""
        if not 0 < len(payload) <= self.length_max:
            detail = f"1 to {self.length_max} bytes expected, {len(payload)} found"
            raise refusal(self.name, Rule.LENGTH, detail)
        return self.head(len(payload)) + payload

    def keep_alive(self) -> bytes:
        """Return a frame of length zero."""
        return self.head(0) if self.has_keep_alive else b""

    def keep_alives_received(self) -> int:
        """Return how many frames of length zero came since the last call."""
        count, self._keep_alives = self._keep_alives, 0
        return count


def refusal(name: str, rule: Rule, detail: str) -> Refused:
    """Return the refusal of a frame."""
    return Refused(Fault(Location("iso8583", f"framing {name}", offset=0), rule, detail))
