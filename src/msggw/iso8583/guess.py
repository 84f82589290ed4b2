"""Which dialect and framing unknown bytes are: every pair is tried, and ranked with its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msggw.errors import Refused
from msggw.iso8583 import framing
from msggw.iso8583.explain import explain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from msggw.iso8583.spec import Spec

__all__ = ["Guess", "guess"]

_TRIED_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A dialect, a framing (empty: none), how well they fit from 0 to 1, and why."""

    spec: str
    framing: str
    score: float
    reason: str


def guess(data: bytes, specs: Iterable[Spec]) -> tuple[Guess, ...]:
    """Return the pairs that read a message type and a bitmap, the best first."""
    data = data[:_TRIED_BYTES_MAX]
    cut = {"": data, **_payloads(data)}
    specs = tuple(specs)
    found = [_judged(spec, name, payload) for name, payload in cut.items() for spec in specs]
    return tuple(sorted(filter(None, found), key=lambda one: -one.score))


def _payloads(data: bytes) -> dict[str, bytes]:
    """Return the first payload by each framing that finds one."""
    out = {}
    for name in framing.NAMES:
        if name == "raw":
            continue
        one = framing.of(name, length_max=_TRIED_BYTES_MAX)
        try:
            payloads = one.receive_data(data)
        except Refused:
            payloads = one.frames_before_fault
        if payloads:
            out[name] = payloads[0]
    return out


def _judged(spec: Spec, name: str, payload: bytes) -> Guess | None:
    found = explain(spec, payload)
    if not found.mti or not found.bitmap:
        return None
    sound = sum(piece.sound for piece in found.pieces)
    announced = len(found.numbers)
    share = (1 + sound) / (1 + announced)
    score = 1.0 if not found.faults else 0.9 * share * (0.5 if found.trailer else 1.0)
    reason = f"{found.mti} with {sound} of {announced} data elements sound"
    if found.faults:
        reason += f"; first fault: {found.faults[0]}"
    return Guess(spec=spec.name, framing=name, score=round(score, 3), reason=reason)
