"""Canonical JSON documents in and out: strict parsing, all faults at once, published schema."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

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


_BRANCHES = ("clear", "sealed")


def parse(data: bytes) -> Transaction:
    """Read one canonical transaction from UTF-8 JSON; raise `Refused` with every fault."""
    return build(Transaction, loads(data))


def build(model: type[_M], value: Any, standard: str = "json") -> _M:
    """Validate plain data as `model`; raise `Refused` with every fault, never quoting input."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Refused(*_faults(error, standard)) from None


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
        # "clear" and "sealed" are the branches of a PAN, not keys the sender wrote.
        path = "/" + "/".join(str(part) for part in item["loc"] if part not in _BRANCHES)
        inner = item.get("ctx", {}).get("error")
        if isinstance(inner, Refused):
            where = Location(standard, path)
            found += [Fault(where, fault.rule, fault.detail) for fault in inner]
        else:
            rule = _RULES.get(item["type"], Rule.VALUE)
            found.append(Fault(Location(standard, path), rule, _detail(item)))
    return found


def _detail(item: Any) -> str:
    # pydantic's message states the rule; it quotes input only through ctx of custom errors.
    if item["type"] == "string_pattern_mismatch":
        return "does not match the field's pattern"
    return str(item["msg"])
