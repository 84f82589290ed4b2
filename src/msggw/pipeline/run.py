"""The pipeline: a tuple of stages and a `for`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.pipeline.stages import STAGES

if TYPE_CHECKING:
    from msggw.pipeline.flow import Flow

__all__ = ["run"]


def run(flow: Flow) -> Flow:
    """Run the stages until one ends the flow; the last one always does."""
    for stage in STAGES:
        flow = stage(flow)
        if flow.ended:
            return flow
    msg = "the last stage must end the flow"
    raise AssertionError(msg)
