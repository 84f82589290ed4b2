"""What may be set for a host link."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from msggw.canonical.base import Model, Text70
from msggw.values import InstitutionId

__all__ = ["Settings"]

Station = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
NetworkCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}$")]
Seconds = Annotated[float, Field(gt=0, le=600)]


class Settings(Model):
    """One link to one host."""

    host: Text70
    port: int = Field(ge=1, le=65_535)
    spec: Text70 = "visa-base1"
    """The dialect: a name in specs/iso8583 or a path."""
    framing: Text70 = "vap"
    source_station: Station = "000000"
    """Our station in the scheme's header (H6), if the dialect has that header."""
    destination_station: Station = "000000"
    """The host's station (H5)."""
    acquirer_id: InstitutionId | None = None
    """DE 32 of requests that name no acquirer."""
    forwarder_id: InstitutionId | None = None
    """DE 33: who we are to the scheme, if it wants to know."""
    sign_on: bool = True
    sign_on_code: NetworkCode = "071"
    sign_off_code: NetworkCode = "072"
    timeout_s: Seconds = 20.0
    """The longest wait for an answer, however much time the sender has left."""
    connect_timeout_s: Seconds = 5.0
    reconnect_s: Seconds = 1.0
    """The first pause before connecting again; it doubles up to `reconnect_max_s`."""
    reconnect_max_s: Seconds = 60.0
    echo_after_s: Seconds = 60.0
    in_flight_max: int = Field(default=1000, ge=1, le=100_000)
    stop_s: Seconds = 5.0
    """How long answers are waited for when stopping."""
