"""Run the benchmarks and print one JSON document; a missed threshold is exit status 1.

python -m benchmarks                all of them
python -m benchmarks end_to_end     only this one
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from typing import Any

from tests.services import POSTGRES, RABBITMQ

MODULES = ("iso8583_codec", "startup", "end_to_end")
"""Each has `run() -> dict`, whose `met` is false if a threshold was missed."""


def main() -> int:
    """Parse the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(MODULES)}")
    names = parser.parse_args().names or MODULES
    if unknown := set(names) - set(MODULES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    results = {}
    try:
        for name in names:
            print(f"benchmark: {name}", file=sys.stderr)
            results[name] = run(name)
    finally:
        POSTGRES.stop()
        RABBITMQ.stop()
    print(json.dumps(results, indent=2))
    return 0 if all(result.get("met", True) for result in results.values()) else 1


def run(name: str) -> dict[str, Any]:
    """The result of one benchmark."""
    result: dict[str, Any] = importlib.import_module(f"benchmarks.{name}").run()
    return result


if __name__ == "__main__":
    sys.exit(main())
