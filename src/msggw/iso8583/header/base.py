"""What a header answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from msggw.errors import Fault

__all__ = ["Header"]


class Header(Protocol):
    """The bytes before the message type: kept raw, checked, and turned round in an answer."""

    name: str
    fixed_size: int | None
    """The size if it never differs and nothing in it needs a check, else None."""

    def size(self, data: bytes) -> int:
        """Return the bytes that belong to the header of this message."""
        ...

    def faults(self, data: bytes) -> tuple[Fault, ...]:
        """Return what is wrong with the header of this message."""
        ...

    def written(self, header: bytes, body_length: int) -> bytes:
        """Return the header to send before a body; an empty one stands for the default.

        Raises `Refused` if the header has the wrong size.
        """
        ...

    def answer(self, header: bytes) -> bytes:
        """Return the header of the response to a message with this header."""
        ...
