"""A message laid open for a reader: offsets, names, masked values, and every fault explained."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msggw.errors import Fault, Refused
from msggw.iso8583.explain import Explanation, explain
from msggw.iso8583.mti import CLASSES, FUNCTIONS, ORIGINATORS, VERSIONS
from msggw.iso8583.sensitivity import shown
from msggw.iso8583.tables.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from msggw.iso8583.codec import Codec
    from msggw.iso8583.framing import Framing
    from msggw.iso8583.piece import Piece

__all__ = ["Description", "Frame", "Node", "describe", "read_input"]

_HEX: Final = re.compile(rb"[0-9A-Fa-f\s]+")
_VALUE_MAX: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One line of the tree: a data element or a part of one. `value` is masked."""

    path: str
    name: str
    format: str
    offset: int
    size: int
    value: str
    meaning: str = ""
    faults: tuple[Fault, ...] = ()
    parts: tuple[Node, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        out: dict[str, Any] = {
            "path": self.path,
            "name": self.name,
            "format": self.format,
            "offset": self.offset,
            "size": self.size,
            "value": self.value,
        }
        if self.meaning:
            out["meaning"] = self.meaning
        if self.faults:
            out["faults"] = [one.as_dict() for one in self.faults]
        if self.parts:
            out["parts"] = [part.as_dict() for part in self.parts]
        return out

    def lines(self, depth: int) -> Iterator[str]:
        """Yield the text form, parts indented below."""
        label = f"{'  ' * depth}{self.path}"
        meaning = f"  ({self.meaning})" if self.meaning else ""
        yield f"  {self.offset:5d}  {label:<12} {self.name:<44.44} {self.value}{meaning}"
        for one in self.faults:
            yield f"         {'  ' * depth}!! {one}"
        for part in self.parts:
            yield from part.lines(depth + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message: where it stands in the input, what it holds, what is wrong with it."""

    offset: int
    size: int
    header: str
    mti: str
    meaning: str
    bitmap: str
    nodes: tuple[Node, ...]
    faults: tuple[Fault, ...]
    own_faults: tuple[Fault, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "offset": self.offset,
            "size": self.size,
            "header": self.header,
            "mti": self.mti,
            "meaning": self.meaning,
            "bitmap": self.bitmap,
            "fields": [node.as_dict() for node in self.nodes],
            "faults": [one.as_dict() for one in self.faults],
        }

    def lines(self) -> Iterator[str]:
        """Yield the text form."""
        yield f"message of {self.size} bytes at {self.offset}"
        if self.header:
            yield f"         header       {self.header}"
        yield f"         MTI          {self.mti or '?'}  {self.meaning}"
        yield f"         bitmap       {self.bitmap}"
        for node in self.nodes:
            yield from node.lines(0)
        for one in self.own_faults:
            yield f"  !! {one}"
        yield f"  {len(self.faults)} faults" if self.faults else "  no fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What `describe` found in the input."""

    spec: str
    frames: tuple[Frame, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults and not any(frame.faults for frame in self.frames)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "spec": self.spec,
            "messages": [frame.as_dict() for frame in self.frames],
            "faults": [one.as_dict() for one in self.faults],
        }

    def text(self) -> str:
        """Return the tree as text."""
        lines = [line for frame in self.frames for line in frame.lines()]
        lines += [f"!! {one}" for one in self.faults]
        return "\n".join(lines)


def describe(data: bytes, codec: Codec, framing: Framing | None = None) -> Description:
    """Lay open the messages in `data`; without a framing it is taken for one message.

    Offsets count from the first byte of each message. Never raises for what stands in the data.
    """
    if framing is None:
        return Description(spec=codec.spec.name, frames=(_frame(data, 0, codec),))
    faults: tuple[Fault, ...] = ()
    try:
        payloads = framing.receive_data(data)
    except Refused as refusal:
        payloads, faults = framing.frames_before_fault, refusal.faults
    frames, at = [], 0
    for payload in payloads:
        at = data.find(payload, at)
        frames.append(_frame(payload, at, codec))
        at += len(payload)
    return Description(spec=codec.spec.name, frames=tuple(frames), faults=faults)


def _frame(data: bytes, offset: int, codec: Codec) -> Frame:
    found = explain(codec.spec, data, codec.tolerances)
    return Frame(
        offset=offset,
        size=len(data),
        header=found.header.hex().upper(),
        mti=found.mti,
        meaning=mti_meaning(found.mti),
        bitmap=_bitmap(found),
        nodes=tuple(_node(piece) for piece in found.pieces),
        faults=found.faults,
        own_faults=tuple(found.own_faults),
    )


def mti_meaning(mti: str) -> str:
    """Return a message type in words."""
    if not mti:
        return ""
    version, kind, function, origin = tuple(mti)
    who = ORIGINATORS.get(origin, "?")
    what = f"{CLASSES.get(kind, '?')} {FUNCTIONS.get(function, '?')}"
    return f"{what}, from {who} ({VERSIONS.get(version, '?')})"


def _bitmap(found: Explanation) -> str:
    return " ".join(map(str, found.numbers))


def _node(piece: Piece) -> Node:
    text = "" if piece.value is None else _printable(shown(piece.value, piece.sensitivity))
    if piece.value is None and piece.raw:
        text = f"<{len(piece.raw)} bytes>"
    if piece.parts:
        text = f"<{len(piece.parts)} parts>"
    plain = piece.value if piece.sensitivity == "none" else None
    return Node(
        path=piece.path,
        name=piece.name,
        format=piece.spec.format if piece.spec is not None else "",
        offset=piece.offset,
        size=piece.size or 0,
        value=text,
        meaning=words(piece.path, plain) if isinstance(plain, str) else "",
        faults=tuple(piece.faults),
        parts=tuple(_node(part) for part in piece.parts),
    )


def _printable(text: str) -> str:
    """Return text that cannot drive a terminal, of bounded length."""
    safe = "".join(char if char.isprintable() else "·" for char in text)
    return safe if len(safe) <= _VALUE_MAX else f"{safe[:_VALUE_MAX]}… ({len(safe)})"


def read_input(data: bytes, sound: Callable[[bytes], bool] = lambda _: True) -> tuple[str, bytes]:
    """Return the form of an input (`hex`, `base64` or `raw`) and the bytes it stands for.

    Digits may be a message as they are and hexadecimal at once; `sound` decides: the first form
    whose bytes it accepts is taken, and the most likely one if it accepts none.
    """
    forms = list(_forms(data))
    for form, raw in forms:
        if sound(raw):
            return form, raw
    return forms[0]


def _forms(data: bytes) -> Iterator[tuple[str, bytes]]:
    packed = b"".join(data.split())
    if _HEX.fullmatch(data) and len(packed) % 2 == 0 and packed:
        yield "hex", bytes.fromhex(packed.decode("ascii"))
    if packed and data.strip() == packed.strip() and len(packed) % 4 == 0:
        with contextlib.suppress(binascii.Error):
            yield "base64", base64.b64decode(packed, validate=True)
    yield "raw", data
    if data.rstrip(b"\r\n") != data:
        yield "raw", data.rstrip(b"\r\n")
