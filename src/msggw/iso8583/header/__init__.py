"""The header axis: what stands between the framing and the message type. One variant, one file."""

from __future__ import annotations

from msggw.iso8583.header.base import Header
from msggw.iso8583.header.opaque import Opaque
from msggw.iso8583.header.tpdu import Tpdu
from msggw.iso8583.header.vip import Vip

__all__ = ["Header", "Opaque", "Tpdu", "Vip", "of"]


def of(name: str) -> Header:
    """Return `none`, `tpdu`, `vip` or `fixed:N` (N bytes kept as they are); `KeyError` else."""
    if name == "none":
        return Opaque(0)
    if name == "tpdu":
        return Tpdu()
    if name == "vip":
        return Vip()
    kind, _, size = name.partition(":")
    if kind != "fixed" or not size.isdecimal() or not 1 <= int(size) <= 64:
        raise KeyError(name)
    return Opaque(int(size))
