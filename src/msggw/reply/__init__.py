"""Replies: how an answer is said in each standard."""

from msggw.reply.canonical import as_json, timeline
from msggw.reply.iso8583 import provider_outcome
from msggw.reply.iso20022 import answered_at, status_for

__all__ = ["answered_at", "as_json", "provider_outcome", "status_for", "timeline"]
