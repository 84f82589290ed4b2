"""What may be set for a bank."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from msggw.canonical.base import Model
from msggw.values import Bic

__all__ = ["Settings"]

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=2048)]
Seconds = Annotated[float, Field(gt=0, le=600)]


class Settings(Model):
    """One bank that takes ISO 20022 messages by HTTP."""

    url: Url
    """Where messages are posted; the answer comes in the response."""
    sender: Bic
    """Who we are: Fr of the header and the instructing agent."""
    receiver: Bic
    """Who the bank is: To of the header and the instructed agent."""
    timeout_s: Seconds = 20.0
    """The longest wait for an answer, however much time the sender has left."""
    connect_timeout_s: Seconds = 5.0
    connections_max: int = Field(default=50, ge=1, le=1000)
