"""`msggw sandbox`: outside systems as processes; docs/sandbox.md shows their admin interface."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import httpx2
import pytest
from tests.cli.command import Server, serving
from tests.processes import free_port

from msggw.sandbox.faults import DECLINES, KINDS


def admin(url: str, data: bytes | None = None) -> dict[str, object]:
    """Ask the admin interface; with data, post it."""
    method = "GET" if data is None else "POST"
    found = httpx2.request(method, url, content=data).raise_for_status().json()
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["visa-host", "bank"])
def test_it_serves_until_told_to_stop(name: str, folder: Path) -> None:
    """It says where it listens, takes the fault rule that the docs show, and ends with 0."""
    port, admin_port = free_port(), free_port()
    options = ("--port", str(port), "--admin-port", str(admin_port), "--ledger", "ledger.jsonl")
    with serving(folder, "sandbox", name, *options) as server:
        assert server.wait(lambda: said(server, f"{name} listens on port {port}"))
        socket.create_connection(("127.0.0.1", port)).close()
        base = f"http://127.0.0.1:{admin_port}/__sim"
        rule = {"fault": "late", "ms": 3000, "probability": 0.1}

        assert {"added": rule} == admin(f"{base}/faults", json.dumps(rule).encode())
        assert ["late"] == [one["fault"] for one in admin(f"{base}/faults")["rules"]]
        assert admin(f"{base}/ledger")
        assert 0 == server.stop()
    assert (folder / "ledger.jsonl").exists()


def said(server: Server, text: str) -> bool:
    """Whether a line with the text was written."""
    return text in server.log.read_text()


def test_the_docs_name_every_fault() -> None:
    """docs/sandbox.md has every digit that means something and every kind a rule may ask for."""
    text = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]

    assert any(" ".join(f"{code:02d}" for code in DECLINES) in row for row in rows)
    assert [] == [kind for kind in sorted(KINDS) if f"`{kind}`" not in text]
