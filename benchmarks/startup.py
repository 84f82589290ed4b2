"""How long msggw takes until it is ready, and how much memory it then holds.

The embedded default, as `make run` starts it: SQLite, broker and worker within the process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.gateways import msggw_command, msggw_config, ready
from benchmarks.processes import free_port, resident_bytes, started
from benchmarks.result import at_most, judged

READY_SECONDS_MAX = 5.0
RESIDENT_MEGABYTES_MAX = 250.0
WAIT_SECONDS_MAX = 60.0


def run() -> dict[str, Any]:
    """Start it once on an empty folder; ready in 5 s, 250 MB resident at most."""
    link, http = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "msggw.toml"
        config.write_text(msggw_config(folder, link, http, store=None, broker=None))
        subprocess.run(msggw_command("db", config), check=True, stdout=sys.stderr.fileno())
        began = time.perf_counter()
        with started({"all": msggw_command("all", config)}) as processes:
            ready(http, processes["all"], WAIT_SECONDS_MAX)
            seconds = time.perf_counter() - began
            megabytes = resident_bytes(processes["all"].pid) / 1e6
    return judged(
        {},
        at_most("ready_s", seconds, READY_SECONDS_MAX),
        at_most("resident_mb", megabytes, RESIDENT_MEGABYTES_MAX),
    )
