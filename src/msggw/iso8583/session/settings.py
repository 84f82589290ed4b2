"""The settings of one link."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from msggw.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MATCH_FIELDS", "SessionSettings"]

MATCH_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"default": ("7", "11", "41", "37?")}
)
"""Key fields by MTI class digit. A question mark: compared only if both messages have the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """Behaviour and limits of one link; times in seconds.

    `sign_on`: we sign on after connecting. `sign_on_required`: the peer has to, before it asks.
    `echo_after_s` is the silence after which we test the link, 0 for never; after
    `echo_missed_max` tests without any sign of life the link is closed. `refused_max` broken
    frames in a row close it too.
    """

    sign_on: bool = False
    sign_on_required: bool = False
    sign_on_code: str = "001"
    sign_off_code: str = "002"
    echo_code: str = "301"
    echo_after_s: float = 60.0
    echo_timeout_s: float = 10.0
    echo_missed_max: int = 3
    request_timeout_s: float = 10.0
    keep_alive_answered: bool = False
    in_flight_max: int = 1000
    unanswered_max: int = 1000
    frames_per_s_max: int = 5000
    refused_max: int = 3
    late_kept_max: int = 1000
    match_fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MATCH_FIELDS)
    network_fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing through, and keys without a default."""
        for name in ("echo_missed_max", "in_flight_max", "unanswered_max", "frames_per_s_max"):
            if getattr(self, name) < 1:
                msg = f"{name} has to be at least 1"
                raise ConfigurationError(msg)
        if "default" not in self.match_fields:
            msg = "match_fields needs an entry named default"
            raise ConfigurationError(msg)
