"""An answer as JSON: the state, the reason in every standard, and the masked transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from msggw.canonical import answer_for
from msggw.desk import moment
from msggw.keys import at_rest
from msggw.observe import masked

if TYPE_CHECKING:
    from msggw.desk import Answer
    from msggw.keys import Keys
    from msggw.store import Attempt, JournalRow

__all__ = ["as_json", "timeline"]


def as_json(answer: Answer, keys: Keys) -> dict[str, Any]:
    """Return the JSON form of how a transaction stands; the PAN shows first six and last four."""
    reason = answer.reason
    row = answer_for(reason)
    out: dict[str, Any] = {
        "id": answer.transaction_id,
        "state": answer.state.value,
        "reason": reason.value,
        "text": row.text,
        "answers": {"de39": row.de39, "iso20022": row.iso20022 or row.status},
        "retry": row.advice.value,
    }
    outcome = answer.outcome
    if outcome is not None:
        for name in ("approval_code", "provider", "provider_reference", "detail"):
            value = getattr(outcome, name)
            if value is not None:
                out[name] = value
        if outcome.amount is not None:
            out["approved_amount"] = outcome.amount.as_json()
    stored = at_rest(answer.envelope.transaction, keys)
    shown = stored.model_dump(mode="json", exclude_defaults=True)
    if "card" in shown and "pan" in shown["card"]:
        shown["card"]["pan"] = {k: shown["card"]["pan"][k] for k in ("token", "first6", "last4")}
    out["transaction"] = _guarded(shown)
    return out


def _guarded(value: Any) -> Any:
    """Mask what looks like a card number in the sender's free texts, too."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {key: _guarded(item) for key, item in value.items()}
    return [_guarded(item) for item in value] if isinstance(value, list) else value


def timeline(rows: list[JournalRow], attempts: list[Attempt]) -> list[dict[str, Any]]:
    """Return what happened in time order: the journal's lines, and each call of a provider."""
    told = [(row.at_us, {"event": row.event, **json.loads(row.data)}) for row in rows]
    for attempt in attempts:
        sent = {
            "event": "attempt.started",
            "adapter": attempt.provider,
            "operation": attempt.operation,
            "number": attempt.number,
            "outcome": attempt.outcome or "under way",
        }
        told.append((attempt.started_at_us, sent))
    told.sort(key=lambda item: item[0])
    return [{"at": moment(at_us).isoformat(), **data} for at_us, data in told]
