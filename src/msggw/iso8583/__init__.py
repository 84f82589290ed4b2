"""ISO 8583: messages, their wire codec, framing and session. Everything here is sans-I/O.

A newcomer reads `mti`, `kinds`, `spec`, then `explain` (the meaning of a dialect, in wire order),
then `codec` (the fast ways to the same result). The axes of the standard have a folder each:
`encoding`, `prefix`, `header`, `composite`, `framing`.
"""

from __future__ import annotations

from msggw.iso8583.codec import Codec
from msggw.iso8583.message import ECHOED, Message
from msggw.iso8583.mti import (
    mti_is_repeat,
    mti_is_request,
    mti_is_response,
    repeat_mti,
    response_mti,
)
from msggw.iso8583.parts import Composite
from msggw.iso8583.spec import FieldSpec, Spec

__all__ = [
    "ECHOED",
    "Codec",
    "Composite",
    "FieldSpec",
    "Message",
    "Spec",
    "mti_is_repeat",
    "mti_is_request",
    "mti_is_response",
    "repeat_mti",
    "response_mti",
]
