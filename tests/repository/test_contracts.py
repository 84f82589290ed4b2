"""The import contracts speak of every package there is."""

import tomllib
from pathlib import Path

import pytest
from tools.coverage_gate import CORE

ROOT = Path(__file__).parents[2]
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
LAYERS = {
    f"msggw.{name.strip()}" for layer in CONTRACTS["layers"]["layers"] for name in layer.split("|")
}
ALLOWED = {
    "adapters": {"adapter", "canonical", "errors", "iso20022", "iso8583", "translate", "values"},
    "sandbox": {"canonical", "errors", "iso20022", "iso8583", "resources", "values"}
    # Above the sandbox, so that the layers forbid them already; and the sandbox itself.
    | {"app", "cli", "sandbox"},
}


@pytest.mark.parametrize("contract", ALLOWED)
def test_what_is_not_allowed_is_forbidden(contract: str) -> None:
    """A new package is forbidden to adapters and sandbox until somebody decides otherwise."""
    forbidden = set(CONTRACTS[contract]["forbidden_modules"]) & LAYERS
    allowed = {f"msggw.{name}" for name in ALLOWED[contract]}

    assert LAYERS == forbidden | allowed
    assert set() == forbidden & allowed


def test_the_coverage_gate_knows_the_core() -> None:
    """The packages held to 100 % are those that do no I/O."""
    assert {f"msggw.{name}" for name in CORE} == set(CONTRACTS["sans-io"]["source_modules"])
