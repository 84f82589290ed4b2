"""`python -m msggw.sandbox visa-host|bank`: one simulator in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from msggw.sandbox.bank import serve_bank
from msggw.sandbox.dialects import DIALECTS
from msggw.sandbox.visa_host import FRAMINGS, serve_visa_host

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until interrupted; the first line on stdout is JSON with both ports."""
    chosen = _parser().parse_args(arguments)
    common = (chosen.host, chosen.port, chosen.admin_port, chosen.ledger, _announce)
    if chosen.system == "bank":
        service = serve_bank(*common)
    else:
        service = serve_visa_host(*common, dialect=chosen.dialect, framing=chosen.framing)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(service)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m msggw.sandbox", description=__doc__)
    parser.add_argument("system", choices=["visa-host", "bank"])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--admin-port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ledger", type=Path, help="append every event to this file")
    parser.add_argument("--dialect", choices=sorted(DIALECTS), default="visa-base1")
    parser.add_argument("--framing", choices=sorted(FRAMINGS), default="vap")
    return parser


def _announce(port: int, admin_port: int) -> None:
    sys.stdout.write(json.dumps({"port": port, "admin_port": admin_port}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
