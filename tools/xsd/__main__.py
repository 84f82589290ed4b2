"""The commands `generate`, `check` and `compare`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.xsd.bindings import PINNED, installed, read, sources
from tools.xsd.catalogue import MESSAGES, message
from tools.xsd.compare import differences
from tools.xsd.manifest import NAME, entry, manifest
from tools.xsd.restore import restore
from tools.xsd.write import write

FOLDER = Path(__file__).parents[2] / "xsd"


def files() -> Iterator[tuple[str, str]]:
    """Every file of `xsd/`, name and text, the manifest last."""
    entries = []
    for name in MESSAGES:
        model = message(name)
        text = write(model)
        entries.append(entry(model, text))
        yield f"{name}.xsd", text
    yield NAME, manifest(entries)


def generate() -> int:
    """Write every file, and remove what is no longer written."""
    FOLDER.mkdir(exist_ok=True)
    stale = {path.name for path in FOLDER.iterdir()}
    for name, text in files():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        stale.discard(name)
    for name in stale:
        (FOLDER / name).unlink()
    print(f"{len(MESSAGES)} schemas written, {len(stale)} stale files removed")
    return 0


def check() -> int:
    """Name each file that is missing, too many, or not as it would be written."""
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    wanted = dict(files())
    wrong = sorted(n for n in there.keys() | wanted.keys() if there.get(n) != wanted.get(n))
    for name in wrong:
        print(f"{name}: not as the generator writes it")
    return 1 if wrong else 0


def compare() -> int:
    """Print each difference between the bindings' models of a message."""
    count = 0
    for name in MESSAGES:
        models = [restore(name, read(name, source)) for source in sources(name)]
        for other in models[1:]:
            count += 1
            for line in differences(models[0], other):
                print(f"{name}: {line}")
    print(f"{count} messages are in both bindings")
    return 0


def main(arguments: list[str]) -> int:
    """Run one command; 2 is wrong use or missing bindings."""
    commands = {"generate": generate, "check": check, "compare": compare}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python -m tools.xsd {'|'.join(commands)}")
        return 2
    if absent := [f"{s.package}=={s.version}" for s in PINNED if not installed(s)]:
        print(f"not installed: {' '.join(absent)}")
        return 2
    return commands[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
