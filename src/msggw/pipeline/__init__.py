"""The pipeline: pure stages that return decisions and one effect."""

from msggw.pipeline.flow import Decision, Earlier, Effect, Facts, Flow, OriginalFact, Policy
from msggw.pipeline.identity import (
    card_message_key,
    fingerprint_material,
    match_keys,
    original_keys,
    velocity_subject,
)
from msggw.pipeline.run import run
from msggw.pipeline.stages import STAGES

__all__ = [
    "STAGES",
    "Decision",
    "Earlier",
    "Effect",
    "Facts",
    "Flow",
    "OriginalFact",
    "Policy",
    "card_message_key",
    "fingerprint_material",
    "match_keys",
    "original_keys",
    "run",
    "velocity_subject",
]
