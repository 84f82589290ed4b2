"""Canonical JSON documents in and out: strict parsing, all faults at once, published schema."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from msggw.canonical.parties import SealedPan
from msggw.canonical.strict_json import loads
from msggw.canonical.transaction import Transaction
from msggw.errors import Fault, Location, Refused, Rule

__all__ = ["build", "dump", "parse", "schema"]

_M = TypeVar("_M", bound=BaseModel)

_RULES = {
    "missing": Rule.MISSING,
    "extra_forbidden": Rule.UNKNOWN,
    "string_too_long": Rule.LENGTH,
    "string_too_short": Rule.LENGTH,
    "too_long": Rule.LENGTH,
    "too_short": Rule.LENGTH,
    "string_type": Rule.CLASS,
    "int_type": Rule.CLASS,
    "bool_type": Rule.CLASS,
    "model_type": Rule.CLASS,
    "enum": Rule.VALUE,
}

_BRANCHES = frozenset({"clear", "sealed"})
_SHOWN_NAME = re.compile(r"(?!.*[0-9]{5})[A-Za-z0-9_./:\[\]-]{1,64}")
FAULTS_MAX = 200
"""A refusal lists no more faults than this."""


def parse(data: bytes) -> Transaction:
    """Read a sender's transaction from UTF-8 JSON; raise `Refused` with every fault.

    Sealed values are refused: only the gateway's own processes make and read them.
    """
    transaction = build(Transaction, loads(data))
    Refused.raise_if(_sealed_parts(transaction))
    return transaction


def build(model: type[_M], value: Any, standard: str = "json") -> _M:
    """Validate plain data as `model`; raise `Refused` with every fault, never quoting values.

    The faults' paths are JSON pointers (RFC 6901). A name in them that could be data (long, or with
    five digits in a row) is shown as `*`.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Refused(*_faults(error, standard)[:FAULTS_MAX]) from None


def dump(transaction: Transaction) -> bytes:
    """Return the compact canonical JSON; sensitive authentication data is not in it."""
    return transaction.model_dump_json(exclude_defaults=True).encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the canonical transaction."""
    out = Transaction.model_json_schema()
    out["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    out["$id"] = "urn:msggw:canonical:transaction:1"
    return out


def _faults(error: ValidationError, standard: str) -> list[Fault]:
    found = []
    for item in error.errors(include_url=False, include_input=False):
        path = _pointer(item["loc"])
        inner = item.get("ctx", {}).get("error")
        if isinstance(inner, Refused):
            where = Location(standard, path)
            found += [Fault(where, fault.rule, fault.detail) for fault in inner]
        else:
            rule = _RULES.get(item["type"], Rule.VALUE)
            found.append(Fault(Location(standard, path), rule, _detail(item)))
    return found


def _pointer(loc: tuple[int | str, ...]) -> str:
    out = ""
    for before, part in zip((None, *loc), loc, strict=False):
        if before == "pan" and part in _BRANCHES:
            continue  # a branch of the model, not a key the sender wrote
        name = str(part)
        shown = name if _SHOWN_NAME.fullmatch(name) else "*"
        out += "/" + shown.replace("/", "~1")
    return out


def _sealed_parts(transaction: Transaction) -> list[Fault]:
    card, found = transaction.card, []
    if transaction.sensitive is not None:
        found.append("/sensitive")
    if card is not None and isinstance(card.pan, SealedPan):
        found.append("/card/pan")
    detail = "sealed values are the gateway's own"
    return [Fault(Location("json", path), Rule.SECURITY, detail) for path in found]


def _detail(item: Any) -> str:
    # pydantic's message states the rule; it quotes input only through ctx of custom errors.
    if item["type"] == "string_pattern_mismatch":
        return "does not match the field's pattern"
    return str(item["msg"])
