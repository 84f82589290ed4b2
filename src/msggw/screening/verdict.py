"""What a check found: pass or refuse, why in words, and the evidence for the journal."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msggw.canonical import Reason

__all__ = ["Finding"]


_NOTHING: Mapping[str, str | int] = MappingProxyType({})


class Finding(NamedTuple):
    """One check's result. `reason` is None if it passed.

    `evidence` names rules, thresholds and counts. It holds no PAN; names are hashed.
    """

    check: str
    reason: Reason | None
    text: str
    evidence: Mapping[str, str | int] = _NOTHING
