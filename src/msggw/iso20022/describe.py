"""A message for people: its tree with the values masked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.iso20022.message import local_name, open_message
from msggw.iso20022.parser import LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

__all__ = ["describe"]

_SHOWN = frozenset(
    {"MsgDefIdr", "MsgNmId", "OrgnlMsgNmId", "NbOfTxs", "SttlmMtd", "ChrgBr", "Cd", "Ctry", "Ccy"}
    | {"TxSts", "GrpSts", "CreDt", "CreDtTm", "IntrBkSttlmDt", "Conf", "TxCxlSts", "GrpCxlSts"}
)
"""Elements whose values are codes, counts and dates; every other value is shown by its size."""


def describe(data: bytes, limits: Limits = LIMITS) -> str:
    """Return one line per element; raise `Refused` if the bytes are not a message."""
    message = open_message(data, limits)
    tops = [top for top in (message.header, message.document) if top is not None]
    lines = [f"{message.message_name}" + (f" with {message.header_name}" if tops[1:] else "")]
    for top in tops:
        lines += _lines(top, 0)
    return "\n".join(lines) + "\n"


def _lines(element: etree._Element, depth: int) -> Iterator[str]:
    name = local_name(element)
    text = "  " * depth + name
    for attribute, value in element.attrib.items():
        text += f" @{attribute}={value}" if attribute == "Ccy" else ""
    if len(element) == 0:
        text += f": {_masked(name, element.text or '')}"
    yield text
    for child in element:
        yield from _lines(child, depth + 1)


def _masked(name: str, text: str) -> str:
    return text if name in _SHOWN else f"<{len(text)} characters>"
