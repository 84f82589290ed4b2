"""What every canonical model shares: frozen, closed, and bounded text types."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["Date", "Model", "Text", "Text4", "Text16", "Text35", "Text70", "Text140"]

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


class Model(BaseModel):
    """A frozen model that refuses unknown fields and never quotes its input in an error."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )
