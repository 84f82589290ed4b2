"""BER-TLV, the form of chip data in DE 55 (ISO/IEC 8825-1; EMV Book 3 annex B).

A tag is one byte, or more if the low five bits of the first are all ones; bit 6 of the first byte
says that the data are TLV objects again. A length is one byte below 80h, or 81h to 83h and that
many bytes. Filler bytes 00 and FF between objects are skipped and kept (EMV Book 3, B.1): hosts
pad this field to its full size. Order, repeated tags and unknown tags are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from msggw.errors import Refused, Rule
from msggw.iso8583.composite.base import PARTS_MAX
from msggw.iso8583.piece import Buffer, Piece, fault
from msggw.iso8583.sensitivity import opened
from msggw.iso8583.tables.emv import EMV_TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from msggw.iso8583.spec import FieldSpec

__all__ = ["BerTlv"]

_CONSTRUCTED = 0x20
_MORE_TAG = 0x1F
_CONTINUES = 0x80
_LENGTH_BYTES_MAX = 3
_TAG_BYTES_MAX = 4
_FILLER = b"\x00\xff"
_FLAT_MAX = 2 * PARTS_MAX


class Predictions:
    """Expressions for the structures of flat data that keep coming, one for each size.

    They hold tags and lengths, never content.
    """

    def __init__(self, *, sizes_max: int = 128, misses_before: int = 64) -> None:
        """At most `sizes_max` sizes are kept; a structure is compiled after so many misses."""
        self._matches: dict[int, Callable[[bytes], re.Match[bytes] | None]] = {}
        self._misses: dict[int, int] = {}
        self._sizes_max = sizes_max
        self._misses_before = misses_before

    def holds(self, data: bytes) -> bool:
        """Return whether these data have the predicted structure, which is a sound one."""
        size = len(data)
        match = self._matches.get(size)
        if match is not None and match(data) is not None:
            return True
        misses = self._misses.get(size, 0) + 1
        if misses >= self._misses_before and size < _FLAT_MAX:
            self._learn(data)
            misses = 0
        if len(self._misses) >= self._sizes_max:
            self._misses.clear()
        self._misses[size] = misses
        return False

    def _learn(self, data: bytes) -> None:
        pieces = list(_flat_objects(data))
        if not pieces:
            return
        if len(self._matches) >= self._sizes_max:
            del self._matches[next(iter(self._matches))]
        pattern = b"".join(re.escape(head) + b".{%d}" % length for head, length in pieces)
        self._matches[len(data)] = re.compile(pattern, re.DOTALL).fullmatch


@dataclass(frozen=True, kw_only=True)
class BerTlv:
    """BER-TLV objects, nested to at most `depth_max` levels."""

    depth_max: int = 6
    parts: Mapping[str, FieldSpec] = field(default_factory=dict)
    kind: str = "ber-tlv"
    _seen: Predictions = field(default_factory=Predictions, compare=False, repr=False)

    def read(self, buffer: Buffer, parent: Piece) -> tuple[Piece, ...]:
        """Read the objects, constructed ones with their own objects."""
        return self._read_level(buffer, parent, 1)

    def _read_level(self, buffer: Buffer, parent: Piece, depth: int) -> tuple[Piece, ...]:
        out: list[Piece] = []
        at = 0
        while at < len(buffer.data):
            if buffer.data[at] in _FILLER:
                at += 1
                continue
            if len(out) >= PARTS_MAX:
                detail = f"at most {PARTS_MAX} objects expected"
                parent.faults.append(fault(parent.path, buffer.offset(at), Rule.LIMIT, detail))
                break
            piece = self._read_object(buffer, at, parent, depth)
            if piece is None:
                break
            out.append(piece)
            if piece.size is None:
                break
            at += piece.size
        return tuple(out)

    def _read_object(self, buffer: Buffer, at: int, parent: Piece, depth: int) -> Piece | None:
        data = buffer.data
        tag_end = _tag_end(data, at)
        if tag_end is None:
            detail = f"a whole tag of at most {_TAG_BYTES_MAX} bytes expected"
            parent.faults.append(fault(parent.path, buffer.offset(at), Rule.SYNTAX, detail))
            return None
        tag = data[at:tag_end].hex().upper()
        known = EMV_TAGS.get(tag)
        piece = Piece(
            path=f"{parent.path}.{tag}",
            spec=None,
            offset=buffer.offset(at),
            content_offset=buffer.offset(at),
            sensitivity=known.sensitivity if known else "private",
            name=known.name if known else "",
        )
        length, start = _length(data, tag_end)
        if length is None:
            detail = "a definite length of one to four bytes expected"
            piece.faults.append(fault(piece.path, buffer.offset(tag_end), Rule.SYNTAX, detail))
            return piece
        if len(data) - start < length:
            detail = f"{length} bytes expected, {len(data) - start} found"
            piece.faults.append(fault(piece.path, buffer.offset(start), Rule.LENGTH, detail))
            return piece
        piece.raw = piece.value = data[start : start + length]
        piece.units, piece.content_offset = length, buffer.offset(start)
        piece.size = start + length - at
        if data[at] & _CONSTRUCTED:
            self._read_inner(piece, buffer, depth)
        return piece

    def _read_inner(self, piece: Piece, buffer: Buffer, depth: int) -> None:
        if depth >= self.depth_max:
            detail = f"at most {self.depth_max} levels expected"
            piece.faults.append(fault(piece.path, piece.offset, Rule.LIMIT, detail))
            return
        inner = Buffer(piece.raw, piece.content_offset, buffer.scale, buffer.tolerances)
        piece.parts = self._read_level(inner, piece, depth + 1)

    def write(self, values: Mapping[str, object], path: str) -> bytes:
        """Write objects in the order given; a list of values repeats its tag."""
        return self._write_level(values, path, 1)

    def _write_level(self, values: Mapping[str, object], path: str, depth: int) -> bytes:
        out = b""
        for tag, value in values.items():
            for one in value if isinstance(value, (list, tuple)) else (value,):
                out += self._write_object(tag, one, f"{path}.{tag}", depth)
        return out

    def _write_object(self, tag: str, value: object, path: str, depth: int) -> bytes:
        raw = _written_tag(tag)
        if raw is None or depth > self.depth_max:
            raise Refused(fault(path, None, Rule.SYNTAX, "no BER-TLV tag, or too deep"))
        content: object
        if isinstance(value, Mapping):
            content = self._write_level(value, path, depth + 1)
        else:
            content = opened(value)  # type: ignore[arg-type]  # checked on the next line
        if isinstance(content, str) and re.fullmatch("(?:[0-9A-Fa-f]{2})*", content):
            content = bytes.fromhex(content)
        if not isinstance(content, bytes):
            raise Refused(fault(path, None, Rule.CLASS, "bytes or hexadecimal text expected"))
        return raw + _written_length(len(content)) + content

    def sound(self, inner: bytes, tolerances: frozenset[str]) -> bool:  # noqa: ARG002 - the port
        """Return whether the structure has no fault.

        The structure that the last data of this size had is tried first, then one regular
        expression for all flat data, then the objects one by one.
        """
        if self._seen.holds(inner):
            return True
        if len(inner) < _FLAT_MAX and _flat().fullmatch(inner) is not None:
            return True
        return _levels_sound(inner, self.depth_max)


def _flat_objects(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield tag with length bytes, and length, of each object; nothing unless all are flat."""
    if _flat().fullmatch(data) is None:
        return
    at = 0
    while at < len(data):
        start = at
        while at < len(data) and data[at] in _FILLER:
            at += 1
        if at == len(data):
            yield data[start:], 0
            return
        end = _tag_end(data, at) or len(data)
        yield data[start : end + 1], data[end]
        at = end + 1 + data[end]


@cache
def _flat() -> re.Pattern[bytes]:
    """Return the expression of primitive objects with short lengths, which nearly all data are.

    The first byte of each alternative decides, and the repeat gives nothing back, so matching
    takes time linear in the data. What it does not match may still be sound.
    """
    one = _bytes_class(b for b in range(1, 255) if not b & _CONSTRUCTED and b & 0x1F != _MORE_TAG)
    more = _bytes_class(b for b in range(1, 255) if not b & _CONSTRUCTED and b & 0x1F == _MORE_TAG)
    tag = b"(?:%b|%b[\\x80-\\xff]{0,2}[\\x00-\\x7f])" % (one, more)
    data = b"|".join(b"\\x%02x.{%d}" % (size, size) for size in range(_CONTINUES))
    return re.compile(b"(?:[\\x00\\xff]|%b(?:%b))*+" % (tag, data), re.DOTALL)


def _bytes_class(codes: Iterable[int]) -> bytes:
    return b"[%b]" % b"".join(b"\\x%02x" % code for code in codes)


def _tag_end(data: bytes, at: int) -> int | None:
    end = at + 1
    if data[at] & _MORE_TAG == _MORE_TAG:
        while end < len(data) and data[end] & _CONTINUES:
            end += 1
        end += 1
    return end if end <= len(data) and end - at <= _TAG_BYTES_MAX else None


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    if at >= len(data):
        return None, at
    first = data[at]
    if first < _CONTINUES:
        return first, at + 1
    count = first - _CONTINUES
    if not 1 <= count <= _LENGTH_BYTES_MAX or at + 1 + count > len(data):
        return None, at
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


def _written_tag(tag: str) -> bytes | None:
    if re.fullmatch("(?:[0-9A-Fa-f]{2}){1,4}", tag) is None:
        return None
    raw = bytes.fromhex(tag)
    return raw if raw[0] not in _FILLER and _tag_end(raw, 0) == len(raw) else None


def _written_length(length: int) -> bytes:
    if length < _CONTINUES:
        return bytes([length])
    size = (length.bit_length() + 7) // 8
    return bytes([_CONTINUES + size]) + length.to_bytes(size, "big")


def _levels_sound(data: bytes, depth_left: int) -> bool:
    """Follow the same rules as `_read_level`, without making pieces."""
    at, end, count = 0, len(data), 0
    while at < end:
        first = data[at]
        if first in _FILLER:
            at += 1
            continue
        tag_end = _tag_end(data, at)
        if tag_end is None:
            return False
        length, at = _length(data, tag_end)
        count += 1
        if length is None or at + length > end or count > PARTS_MAX:
            return False
        if first & _CONSTRUCTED and (
            depth_left <= 1 or not _levels_sound(data[at : at + length], depth_left - 1)
        ):
            return False
        at += length
    return True
