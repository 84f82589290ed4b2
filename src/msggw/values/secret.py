"""Secrets have a type: they cannot be printed, pickled, copied out or put in JSON by accident.

The clear text lives in a closure, not in an attribute, so that `vars()`, `repr` of locals in a
traceback, `pickle` and serialisers find nothing. `msggw.values.reveal` is the one way to open a
secret, and who may import it is a list in `pyproject.toml` (import-linter).

Handling per type follows PCI DSS 4.0.1: 3.3.1 (sensitive authentication data is never kept after
authorisation), 3.4.1 (display at most BIN and last four), 3.5.1 (PAN unreadable at rest).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from msggw.errors import Refused, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["CardVerificationCode", "Pan", "PinBlock", "Secret", "SecretBytes", "Track1", "Track2"]

_PAN = re.compile(r"[0-9]{8,19}", re.ASCII)
_TRACK2 = re.compile(r"[0-9]{1,19}[=D].*|[0-9:;<=>?D]{1,40}", re.ASCII)
_CVC = re.compile(r"[0-9]{3,4}", re.ASCII)
_HEX_BYTE = "[0-9A-Fa-f]{2}"
_HEX = re.compile(f"(?:{_HEX_BYTE})*")
_SHOWN_FIRST = 6
_SHOWN_LAST = 4
_SHORTEST_SHOWN = 13


class Secret:
    """A value that only `msggw.values.reveal.reveal` opens.

    `str`, `repr` and `format` give `mask()`. Pickling, copying into JSON and ordering raise
    `TypeError`. Two secrets of one type are equal if their contents are, in constant time enough
    for a dictionary key: the comparison is between digests.
    """

    __slots__ = ("_digest", "_open")
    rule: ClassVar[str] = "a secret"
    json_pattern: ClassVar[str] = ".*"
    """What it looks like as a text in JSON, for the published schema."""
    _open: Callable[[], str | bytes]
    _digest: bytes

    def __init__(self, clear: str | bytes) -> None:
        """Take the clear value; raise `Refused` (without quoting it) if it breaks the rule."""
        if isinstance(clear, Secret):
            clear = clear._open()  # noqa: SLF001 - its own lock
        if not self._valid(clear):
            raise Refused.of("value", type(self).__name__, self._broken(clear), self.rule)
        raw = clear.encode("utf-8", "surrogatepass") if isinstance(clear, str) else clear
        object.__setattr__(self, "_open", lambda: clear)
        object.__setattr__(self, "_digest", hashlib.blake2b(raw, digest_size=16).digest())

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, (str, bytes))

    @classmethod
    def _broken(cls, clear: object) -> Rule:
        return Rule.VALUE if isinstance(clear, (str, bytes)) else Rule.CLASS

    def mask(self) -> str:
        """Return what people may see."""
        return f"<{type(self).__name__}>"

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refuse: a secret does not change."""
        msg = f"{type(self).__name__} is immutable"
        raise AttributeError(msg)

    def __repr__(self) -> str:
        """Return the mask."""
        return self.mask()

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        """Return the mask, padded as the format asks."""
        return format(self.mask(), spec)

    def __eq__(self, other: object) -> bool:
        """Compare by type and content."""
        return type(other) is type(self) and self._digest == other._digest

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self._digest)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled."""
        msg = f"{type(self).__name__} cannot be pickled"
        raise TypeError(msg)

    def __copy__(self) -> Self:
        """Return itself: it is immutable."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself: it is immutable."""
        return self

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Take the secret itself or its text, the form in which a JSON sender writes it."""
        return value if type(value) is cls else cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic models hold the type: built from text, shown only as its mask."""
        from pydantic_core import core_schema  # noqa: PLC0415 - values stays importable on its own

        return core_schema.no_info_plain_validator_function(
            cls.from_json,
            json_schema_input_schema=core_schema.str_schema(pattern=f"^(?:{cls.json_pattern})$"),
            serialization=core_schema.plain_serializer_function_ser_schema(cls.mask),
        )


class Pan(Secret):
    """Primary account number, ISO/IEC 7812-1: 8 to 19 digits; the check digit may be private."""

    __slots__ = ()
    rule = "8 to 19 digits"
    json_pattern = _PAN.pattern

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, str) and _PAN.fullmatch(clear) is not None

    @property
    def first6(self) -> str:
        """The first six digits (ISO/IEC 7812 issuer identification number, older form).

        Nothing if the PAN is so short that they and the last four would leave little hidden.
        """
        clear = str(self._open())
        return clear[:_SHOWN_FIRST] if len(clear) >= _SHORTEST_SHOWN else ""

    @property
    def iin(self) -> str:
        """The first eight digits, the issuer identification number that routing looks at."""
        return str(self._open())[:8]

    @property
    def last4(self) -> str:
        """The last four digits."""
        return str(self._open())[-_SHOWN_LAST:]

    @property
    def luhn_valid(self) -> bool:
        """Whether the check digit is right (ISO/IEC 7812-1 annex B); private cards may fail."""
        total = 0
        for index, char in enumerate(reversed(str(self._open()))):
            digit = int(char) * (2 if index % 2 else 1)
            total += digit - 9 if digit > 9 else digit
        return total % 10 == 0

    def mask(self) -> str:
        """Return first six and last four; short numbers show the last four only."""
        first, last = self.first6, self.last4
        hidden = len(str(self._open())) - len(first) - len(last)
        return f"{first}{'*' * hidden}{last}"


class Track2(Secret):
    """Track 2 equivalent data, ISO/IEC 7813: sensitive authentication data, never kept."""

    __slots__ = ()
    json_pattern = f"(?!.{{41}})(?:{_TRACK2.pattern})"
    rule = "track 2: PAN, separator = or D, then digits; at most 40 characters"

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, str) and len(clear) <= 40 and _TRACK2.fullmatch(clear) is not None


class Track1(Secret):
    """Track 1 (or track 3) data, ISO/IEC 7813: sensitive authentication data, never kept."""

    __slots__ = ()
    rule = "track data: 1 to 104 characters"
    json_pattern = r"[\s\S]{1,104}"

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, str) and 1 <= len(clear) <= 104


class PinBlock(Secret):
    """Encrypted PIN block, ISO 9564-1: 8 bytes (formats 0, 1, 3) or 16 bytes (format 4)."""

    __slots__ = ()
    rule = "8 or 16 bytes, in JSON as hexadecimal digits"
    json_pattern = f"(?:{_HEX_BYTE}){{8}}|(?:{_HEX_BYTE}){{16}}"

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Take the block itself, its bytes, or its hexadecimal digits."""
        return super().from_json(_bytes_of(value))

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, bytes) and len(clear) in {8, 16}


class CardVerificationCode(Secret):
    """CVV2/CVC2/CID: 3 or 4 digits; sensitive authentication data, never kept."""

    __slots__ = ()
    rule = "3 or 4 digits"
    json_pattern = _CVC.pattern

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, str) and _CVC.fullmatch(clear) is not None


class SecretBytes(Secret):
    """Other sensitive bytes: key material, raw ICC data, raw copies of messages."""

    __slots__ = ()
    rule = "bytes, in JSON as hexadecimal digits"
    json_pattern = f"(?:{_HEX_BYTE})*"

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Take the secret itself, its bytes, or its hexadecimal digits."""
        return super().from_json(_bytes_of(value))

    @classmethod
    def _valid(cls, clear: str | bytes) -> bool:
        return isinstance(clear, bytes)

    def mask(self) -> str:
        """Return the type and the size."""
        return f"<SecretBytes {len(self._open())}>"


def _bytes_of(value: Any) -> Any:
    # `bytes.fromhex` would skip blanks.
    is_hex = isinstance(value, str) and _HEX.fullmatch(value) is not None
    return bytes.fromhex(value) if is_hex else value
