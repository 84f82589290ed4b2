"""A code: a string that has passed the rule of its standard, so that no wrong one can exist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msggw.errors import Refused, Rule

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = ["Code"]


class Code(str):
    """Base of all identifier types. A subclass names its `pattern`, `rule` and, if any, `check`.

    Constructing one either gives a value that obeys the rule or raises `Refused`; the fault
    states the rule, never the value.
    """

    __slots__ = ()
    pattern: ClassVar[re.Pattern[str]] = re.compile(r".+", re.DOTALL)
    rule: ClassVar[str] = "not empty"

    def __new__(cls, value: str) -> Self:
        """Return the value as this type, or raise `Refused`."""
        if type(value) is cls:
            return value
        if not isinstance(value, str):
            raise Refused.of("value", cls.__name__, Rule.CLASS, f"text expected: {cls.rule}")
        if cls.pattern.fullmatch(value) is None:
            raise Refused.of("value", cls.__name__, Rule.VALUE, cls.rule)
        if not cls.check(value):
            raise Refused.of("value", cls.__name__, Rule.CHECKSUM, cls.rule)
        return super().__new__(cls, value)

    @classmethod
    def check(cls, value: str) -> bool:
        """Return whether the value passes what a pattern cannot say (check digits, registries)."""
        del value
        return True

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let pydantic models and the published JSON Schema use the type."""
        from pydantic_core import core_schema  # noqa: PLC0415 - values stays importable on its own

        return core_schema.no_info_plain_validator_function(
            cls,
            json_schema_input_schema=core_schema.str_schema(pattern=f"^(?:{cls.pattern.pattern})$"),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema()
            ),
        )
