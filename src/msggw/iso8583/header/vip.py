"""The 22-byte header of the Visa host interface (BASE I, V.I.P.), and its reject form.

    byte 0      header length, 16h            11     round-trip control, echoed
    1           header format, 01h            12-13  BASE I flags
    2           text format, 02h              14-16  message status flags
    3-4         total length, big-endian      17     batch number
    5-7         destination station, BCD      18-20  reserved
    8-10        source station, BCD           21     user information

A message that the network rejects comes back behind a header of 26 bytes: byte 22 has its first
bit set, bytes 24-25 are a four-digit reject code, and the original header and message follow.
Field positions: the public header classes of jPOS (BASE1Header).
"""

from __future__ import annotations

from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["Vip"]

_SIZE = 22
_REJECT_SIZE = 26
_DEFAULT = bytes.fromhex("160102") + bytes(19)
_REJECTED = 0x80


class Vip:
    """The Visa header, alone or behind a reject header."""

    name = "vip"
    fixed_size: int | None = None

    def size(self, data: bytes) -> int:
        """Return 22, or 48 for a rejected message, or what there is of it."""
        size = _REJECT_SIZE + _SIZE if self.rejected(data) else _SIZE
        return min(size, len(data))

    def faults(self, data: bytes) -> tuple[Fault, ...]:
        """Check the header length, the total length and the station ids."""
        if len(data) < _SIZE:
            return (_fault(0, Rule.LENGTH, f"{_SIZE} bytes expected, {len(data)} found"),)
        if self.rejected(data):
            return self._checked(data, _REJECT_SIZE) + self._original_faults(data)
        return self._checked(data, _SIZE)

    def _original_faults(self, data: bytes) -> tuple[Fault, ...]:
        if len(data) >= _REJECT_SIZE + _SIZE and data[_REJECT_SIZE] == _SIZE:
            return ()
        detail = f"the rejected message's own header of {_SIZE} bytes is expected"
        return (_fault(_REJECT_SIZE, Rule.LENGTH, detail),)

    def _checked(self, data: bytes, size: int) -> tuple[Fault, ...]:
        found = []
        if data[0] != size:
            found.append(_fault(0, Rule.LENGTH, f"header length {size} expected, {data[0]} found"))
        total = int.from_bytes(data[3:5], "big")
        if total != len(data):
            detail = f"total length {len(data)} expected, {total} found"
            found.append(_fault(3, Rule.LENGTH, detail))
        if not data[5:11].hex().isdecimal():
            found.append(_fault(5, Rule.CLASS, "station ids are packed digits"))
        return tuple(found)

    def written(self, header: bytes, body_length: int) -> bytes:
        """Return the header with the total length of header and body set."""
        header = header or _DEFAULT
        if len(header) not in {_SIZE, _REJECT_SIZE + _SIZE}:
            detail = f"{_SIZE} or {_REJECT_SIZE + _SIZE} bytes expected, {len(header)} found"
            raise Refused.of("iso8583", "header", Rule.LENGTH, detail)
        total = (len(header) + body_length).to_bytes(2, "big")
        return header[:3] + total + header[5:]

    def answer(self, header: bytes) -> bytes:
        """Swap destination and source; a reject header is left off."""
        own = header[-_SIZE:]
        return own[:5] + own[8:11] + own[5:8] + own[11:]

    @staticmethod
    def rejected(header: bytes) -> bool:
        """Return whether the network rejected our message and sends it back."""
        return (
            len(header) >= _REJECT_SIZE
            and header[0] == _REJECT_SIZE
            and bool(header[22] & _REJECTED)
        )

    @staticmethod
    def reject_code(header: bytes) -> str | None:
        """Return the four digits that say why the network rejected our message."""
        return header[24:26].hex() if Vip.rejected(header) else None


def _fault(offset: int, rule: Rule, detail: str) -> Fault:
    return Fault(Location("iso8583", "header", offset=offset), rule, detail)
