"""Write what is published from the code: the schema of the model, the OpenAPI, the states.

Usage: python -m tools.publish_specs

A document is a row of `DOCUMENTS`: its path in the repository and the function that writes its
text. Tests hold each file against its function.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from msggw.app import build_core
from msggw.canonical import FINAL, TRANSITIONS, State, schema
from msggw.config import load_settings
from msggw.ingress import Parts, build_app

ROOT = Path(__file__).resolve().parents[1]


def canonical_schema() -> str:
    """Return the JSON Schema of a canonical transaction."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def openapi() -> str:
    """Return the OpenAPI document that a gateway serves at `/openapi.json`."""
    with TemporaryDirectory() as folder:
        settings = load_settings(None, {"keys": {"file": Path(folder) / "keys.json"}})
        core = build_core(settings, "gateway")
        parts = Parts(core.desk, core.metrics, core.health, settings.http)
        app = build_app(parts, core.log)
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def states_page() -> str:
    """Return the page with the diagram of all states and events."""
    rows = [f"    {state} --> {to}: {event}" for (state, event), to in TRANSITIONS.items()]
    ends = [f"    {state} --> [*]" for state in State if state in FINAL]
    return "\n".join(
        [
            "# The states of a transaction",
            "",
            "Written by `tools/publish_specs.py` from the table in `msggw/canonical/states.py`.",
            "The theory stands above the table. No transition hides elsewhere.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {State.RECEIVED}",
            *rows,
            *ends,
            "```",
            "",
        ]
    )


DOCUMENTS: dict[str, Callable[[], str]] = {
    "specs/canonical.schema.json": canonical_schema,
    "specs/openapi.json": openapi,
    "docs/states.md": states_page,
}


def main() -> None:
    """Write every document."""
    for name, text in DOCUMENTS.items():
        path = ROOT / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text(), encoding="utf-8")
        print(name)


if __name__ == "__main__":
    main()
