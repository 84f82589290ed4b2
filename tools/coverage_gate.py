"""Hold each package to its share of covered lines and branches.

Usage: python tools/coverage_gate.py REPORT.json

The core packages are pure, so there is no excuse: 100 %, file by file. The others touch the world
and are held to 90 %, package by package. Exit code 1 and a table if anything falls short.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CORE = frozenset(
    {
        "canonical",
        "errors",
        "iso20022",
        "iso8583",
        "pipeline",
        "routing",
        "screening",
        "translate",
        "values",
    }
)
CORE_PERCENT_MIN = 100.0
OTHER_PERCENT_MIN = 90.0
WORST_FILES_SHOWN = 15
LINES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """How much of a file or package ran: `covered` of `total`, lines and branches together."""

    name: str
    covered: int
    total: int
    missing: str = ""

    @property
    def percent(self) -> float:
        """Percent covered; a file without statements is wholly covered."""
        return 100.0 * self.covered / self.total if self.total else 100.0


def main(report_path: str) -> int:
    """Print the verdict on the report and return the exit code."""
    report = json.loads(Path(report_path).read_text(encoding="utf-8"))
    files = {path: _measured(path, data) for path, data in report["files"].items()}
    short = [*_core_files_short(files), *_packages_short(files)]
    _print_worst(files.values())
    for line in short:
        print(f"coverage: {line}")
    print(f"coverage: {_sum('all', files.values()).percent:.1f} % in all", end="")
    print(", too little" if short else f", core {CORE_PERCENT_MIN:.0f} %, gates passed")
    return 1 if short else 0


def package_of(path: str) -> str:
    """The package a file belongs to: `iso8583` for the gateway's, `adapters/visa` for an adapter's.

    >>> package_of("src/msggw/iso8583/wire.py"), package_of("src/msggw/errors.py")
    ('iso8583', 'errors')
    >>> package_of("adapters/src/msggw_adapters/visa/client.py")
    'adapters/visa'
    """
    parts = Path(path).with_suffix("").parts
    if "msggw_adapters" in parts:
        return f"adapters/{parts[parts.index('msggw_adapters') + 1]}"
    return parts[parts.index("msggw") + 1]


def _measured(path: str, data: dict[str, Any]) -> Measured:
    summary = data["summary"]
    return Measured(
        path,
        summary["covered_lines"] + summary["covered_branches"],
        summary["num_statements"] + summary["num_branches"],
        _places(data),
    )


def _places(data: dict[str, Any]) -> str:
    """Missing lines, then missing branches as `from->to`, cut to what fits on a line."""
    missing_lines = set(data["missing_lines"])
    branches = [f"{a}->{b}" for a, b in data["missing_branches"] if a not in missing_lines]
    places = [*map(str, sorted(missing_lines)), *branches]
    return " ".join(places[:LINES_SHOWN]) + (" …" if len(places) > LINES_SHOWN else "")


def _core_files_short(files: dict[str, Measured]) -> list[str]:
    core = (file for path, file in sorted(files.items()) if package_of(path) in CORE)
    return [
        f"{file.name} is core and has {file.percent:.1f} %"
        for file in core
        if file.covered < file.total
    ]


def _packages_short(files: dict[str, Measured]) -> list[str]:
    packages: dict[str, list[Measured]] = defaultdict(list)
    for path, file in files.items():
        packages[package_of(path)].append(file)
    sums = (_sum(name, parts) for name, parts in sorted(packages.items()) if name not in CORE)
    return [
        f"{package.name} has {package.percent:.1f} %, needs {OTHER_PERCENT_MIN:.0f} %"
        for package in sums
        if package.percent < OTHER_PERCENT_MIN
    ]


def _sum(name: str, files: Any) -> Measured:
    parts = list(files)
    return Measured(name, sum(f.covered for f in parts), sum(f.total for f in parts))


def _print_worst(files: Any) -> None:
    worst = sorted((f for f in files if f.covered < f.total), key=lambda f: f.percent)
    for file in worst[:WORST_FILES_SHOWN]:
        print(f"{file.percent:6.1f} %  {file.name}  {file.missing}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
