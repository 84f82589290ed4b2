"""What every canonical model shares: frozen, closed, and bounded text types."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from msggw.errors import Refused, Rule

__all__ = [
    "Date",
    "Flag",
    "Model",
    "Moment",
    "Text",
    "Text4",
    "Text16",
    "Text35",
    "Text70",
    "Text140",
]

_NO_CONTROLS = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Text = Annotated[str, StringConstraints(min_length=1, max_length=2048, pattern=_NO_CONTROLS)]
Text140 = Annotated[str, StringConstraints(min_length=1, max_length=140, pattern=_NO_CONTROLS)]
Text70 = Annotated[str, StringConstraints(min_length=1, max_length=70, pattern=_NO_CONTROLS)]
Text35 = Annotated[str, StringConstraints(min_length=1, max_length=35, pattern=_NO_CONTROLS)]
Text16 = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=_NO_CONTROLS)]
Text4 = Annotated[str, StringConstraints(min_length=1, max_length=4, pattern=_NO_CONTROLS)]
_DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
Date = Annotated[str, StringConstraints(pattern=_DATE)]
"""A calendar date as text, YYYY-MM-DD (ISO 8601-1), without a time zone."""

Flag = Annotated[bool, Strict()]
"""True or false; pydantic's usual leniency would take 1, "yes" and "on" for true."""

_MOMENT = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_MOMENT_FORM = re.compile(_MOMENT)


def _moment(value: Any) -> Any:
    # Pydantic would also take numbers, dates without a time, and cut further decimals.
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or _MOMENT_FORM.fullmatch(value) is None:
        raise Refused.of("value", "Moment", Rule.SYNTAX, "a time such as 2026-07-14T09:30:00Z")
    return value


Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "pattern": f"^{_MOMENT}$"}),
]
"""A date and time of RFC 3339; ISO 20022 leaves it to the sender whether a zone is given."""


class Model(BaseModel):
    """A frozen model that refuses unknown fields and never quotes its input in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )
