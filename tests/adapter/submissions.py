"""Submissions for adapter tests: a card purchase and a credit transfer, each with its own ids."""

from __future__ import annotations

import itertools
from typing import Any

from msggw.adapter import Context, Submission
from msggw.canonical import Kind, build
from msggw.canonical.transaction import Transaction

_NUMBERS = itertools.count(1)
NOW = 1_790_000_000.0
"""The instant at which tests take place: 2026-09-21T14:13:20Z."""


def context(**changes: Any) -> Context:
    """What a gateway lends, with clocks that stand still."""
    lent = {"now": lambda: NOW, "monotonic": lambda: 0.0, "random": lambda: 0.5}
    return Context(**(lent | changes))


def card(minor: int = 10_00, kind: Kind = Kind.AUTHORISATION, **more: Any) -> Transaction:
    """A card transaction with everything a host asks for."""
    number = next(_NUMBERS)
    base = {
        "kind": kind,
        "amount": {"value": f"{minor // 100}.{minor % 100:02d}", "currency": "KZT"},
        "processing_code": "000000",
        "card": {"pan": "4111111111111111", "expiry": "2030-12", "sequence": "001"},
        "merchant": {
            "id": "MERCHANT0000001",
            "category_code": "5411",
            "name_location": "CORNER SHOP              ALMATY       KZ",
        },
        "terminal": {"id": "TERM0001", "entry_mode": "051", "condition_code": "00"},
        "acquirer": {"id": "400001", "country": "398"},
        "references": {
            "stan": f"{number % 1_000_000:06d}",
            "rrn": f"6264{number % 100_000_000:08d}",
            "transmission_at": "2026-09-21T14:13:20Z",
            "local_time": "19:13:20",
            "local_date": "2026-09-21",
        },
    }
    return build(Transaction, base | more)


def transfer(minor: int = 10_00, **more: Any) -> Transaction:
    """A credit transfer from one bank's customer to another's."""
    number = next(_NUMBERS)
    base = {
        "kind": Kind.CREDIT_TRANSFER,
        "amount": {"value": f"{minor // 100}.{minor % 100:02d}", "currency": "EUR"},
        "references": {
            "message_id": f"MSG{number:09d}",
            "instruction_id": f"INSTR{number:09d}",
            "end_to_end_id": f"E2E{number:09d}",
            "transaction_id": f"TX{number:09d}",
            "uetr": f"11111111-2222-4333-8444-{number:012d}",
            "created_at": "2026-09-21T14:13:20Z",
        },
        "debtor": {"name": "Aigerim Demo", "address": {"town": "Almaty", "country": "KZ"}},
        "debtor_account": {"iban": "DE89370400440532013000"},
        "debtor_agent": {"bic": "ALFAKZKA"},
        "creditor": {"name": "Corner Shop", "address": {"town": "Berlin", "country": "DE"}},
        "creditor_account": {"iban": "GB29NWBK60161331926819"},
        "creditor_agent": {"bic": "BETADEFF"},
        "instructing_agent": {"bic": "ALFAKZKA"},
        "instructed_agent": {"bic": "BETADEFF"},
        "settlement": {"method": "CLRG", "date": "2026-09-21", "charge_bearer": "SHAR"},
    }
    return build(Transaction, base | more)


def submission(transaction: Transaction, timeout_s: float = 5.0, **more: Any) -> Submission:
    """A first attempt at the transaction."""
    number = next(_NUMBERS)
    base = {
        "transaction_id": f"txn_0199d0a4{number:024x}",
        "idempotency_key": f"key-{number}",
        "transaction": transaction,
        "timeout_s": timeout_s,
    }
    return Submission(**(base | more))
