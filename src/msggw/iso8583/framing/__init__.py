"""The framing axis: how a TCP stream is cut into messages. Sans-I/O; one variant, one file.

A TPDU or a scheme header is not framing: it belongs to the dialect (`msggw.iso8583.header`).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from msggw.errors import ConfigurationError
from msggw.iso8583.framing.base import Framing
from msggw.iso8583.framing.binary import Binary
from msggw.iso8583.framing.delimited import Base24, Raw, StxEtx
from msggw.iso8583.framing.digits import AsciiDigits, HexDigits, PackedDigits
from msggw.iso8583.framing.vap import Vap

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LENGTH_MAX", "NAMES", "Framing", "of"]

LENGTH_MAX: Final = 8192
"""The usual longest payload in bytes; real messages are below 4 KiB."""

_MAKERS: Final[dict[str, Callable[..., Any]]] = {
    "binary-2": Binary,
    "binary-2-inclusive": partial(Binary, inclusive=True),
    "binary-2-little": partial(Binary, order="little"),
    "binary-4": partial(Binary, width=4),
    "binary-4-inclusive": partial(Binary, width=4, inclusive=True),
    "binary-4-little": partial(Binary, width=4, order="little"),
    "vap": Vap,
    "gicc": partial(Vap, length_first=False),
    "ascii-2": partial(AsciiDigits, width=2),
    "ascii-3": partial(AsciiDigits, width=3),
    "ascii-4": AsciiDigits,
    "ascii-4-inclusive": partial(AsciiDigits, inclusive=True),
    "ascii-5": partial(AsciiDigits, width=5),
    "ascii-6": partial(AsciiDigits, width=6),
    "bcd-2": PackedDigits,
    "hex-4": HexDigits,
    "base24": Base24,
    "stx-etx": StxEtx,
    "raw": Raw,
}

NAMES: Final = tuple(_MAKERS)


def of(name: str, *, length_max: int = LENGTH_MAX) -> Framing:
    """Return a fresh framing; `ConfigurationError` for a name not in `NAMES`."""
    if name not in _MAKERS:
        msg = f"no framing {name}; there are {', '.join(NAMES)}"
        raise ConfigurationError(msg)
    framing: Framing = _MAKERS[name](length_max=length_max)
    return framing
