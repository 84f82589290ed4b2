"""ISO 8583 bytes on the command line: dialects and framings by name, inputs in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.canonical.strict_json import loads
from msggw.errors import ConfigurationError, Refused, Rule
from msggw.iso8583 import Codec
from msggw.iso8583 import framing as framings
from msggw.iso8583.build import build
from msggw.iso8583.describe import describe, read_input

if TYPE_CHECKING:
    from msggw.iso8583.framing import Framing

__all__ = ["built", "codec_of", "framing_of", "wire_bytes"]

FRAME_BYTES_MAX = 65_535
DOCUMENT_BYTES_MAX = 1024 * 1024


def codec_of(spec: str) -> Codec:
    """Return the codec of a dialect, or of a spec file; raise `ConfigurationError` if it is bad."""
    try:
        return Codec.load(spec)
    except Refused as refusal:
        msg = f"the spec {spec} cannot be used: {refusal}"
        raise ConfigurationError(msg) from None


def framing_of(name: str) -> Framing:
    """Return a framing; raise `ConfigurationError` naming those there are."""
    return framings.of(name, length_max=FRAME_BYTES_MAX)


def built(data: bytes, codec: Codec) -> bytes:
    """Return the message that a JSON document describes; raise `Refused` for what is wrong."""
    document = loads(data, size_bytes_max=DOCUMENT_BYTES_MAX)
    if not isinstance(document, dict):
        raise Refused.of("json", "", Rule.CLASS, "an object expected")
    return build(document, codec)


def wire_bytes(data: bytes, codec: Codec, framing: str | None = None) -> bytes:
    """Return the bytes of an input in hexadecimal, base64 or as it is.

    A message that is nothing but digits could be either of them: the form that can be read wins.
    """

    def sound(raw: bytes) -> bool:
        cutter = None if framing is None else framing_of(framing)
        return describe(raw, codec, cutter).sound

    return read_input(data, sound)[1]
