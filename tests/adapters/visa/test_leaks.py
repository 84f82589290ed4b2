from __future__ import annotations

import json

import pytest
from tests.adapter.submissions import card, context, submission
from tests.adapters.visa.links import until, visa

from msggw.adapter import HealthStatus
from msggw.canonical import OutcomeKind
from msggw.values import CardVerificationCode, PinBlock, Track2

MARKED = "4999990123456782"
PIN = bytes.fromhex("DEADBEEF01234567")
TRACK = f"{MARKED}=30122010000012345678"


@pytest.mark.parametrize("minor", [10_00, 10_51, 10_68, 10_84, 10_86, 10_87])
async def test_no_secret_leaves_by_log_outcome_or_ledger(minor: int, caplog) -> None:
    """A marked card through the happy way and the broken ones: seen by the host and nobody else."""
    shown: list[str] = []
    lent = context(log=lambda event, **values: shown.append(f"{event} {values!r}"))
    base = card(minor)
    secrets = {
        "pan": type(base.card.pan)(MARKED),
        "track2": Track2(TRACK),
        "pin_block": PinBlock(PIN),
        "verification_code": CardVerificationCode("987"),
    }
    full = base.card.model_copy(update=secrets)
    work = submission(base.model_copy(update={"card": full}), timeout_s=0.2)
    async with visa(lent=lent) as (sim, adapter):
        sim.faults.add({"fault": "reject", "operation": "reverse", "times": 1})
        outcome = await adapter.submit(work)
        await until(lambda: adapter.health().status is not HealthStatus.DOWN)
        undone = [await adapter.reverse(work) for _ in range(2)]
        shown += [outcome.model_dump_json(), *map(repr, undone), repr(work), caplog.text]
        shown += [json.dumps(sim.ledger.as_dict()), json.dumps(sim.faults.as_dict())]
        shown += [repr(adapter.health())]
        assert undone[1].kind is OutcomeKind.ACCEPTED
    text = "\n".join(shown)
    found = [name for name in (MARKED, TRACK[17:], PIN.hex().upper(), repr(PIN)) if name in text]
    assert [] == found
