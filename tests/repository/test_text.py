"""Nothing in the repository depends on, or tells of, the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Written so that this file does not match itself.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e]/[a-z]+)/",
    "a temporary path of one session": r"/tm[p]/brie[f]",
    "a package index": r"py[p]i\.or[g]|pythonhoste[d]|npmj[s]\.|deb\.debia[n]|/simpl[e]/",
}
# In shipped code a silenced rule says why; a bare `noqa` or `type: ignore` silences too much.
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no cover)(?P<rest>.*)")
CODE_AND_REASON = {
    "noqa": re.compile(r":\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*\s+(-|#)\s*\S.+"),
    "type": re.compile(r"\[[a-z, -]+\]\s+(-|#)\s*\S.+"),
    "pragma": re.compile(r"\s+(-|#)\s*\S.+"),
}


def tracked_files() -> list[Path]:
    """Every file git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    names = {name for name in listed.stdout.split("\0") if name}
    return sorted(path for name in names if (path := ROOT / name).is_file())


def lines_of(path: Path) -> list[str]:
    """The lines of a text file; a binary file has none."""
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    """A clone works anywhere, so no file names a place that exists only where it was written."""
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(lines_of(path), 1)
        if pattern.search(line)
    ]

    assert [] == found


def test_every_silenced_rule_has_its_reason() -> None:
    """`noqa`, `type: ignore` and `pragma: no cover` name the rule and give the reason beside it."""
    shipped = (ROOT / "src", ROOT / "adapters" / "src")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix == ".py" and any(map(path.is_relative_to, shipped))
        for number, line in enumerate(lines_of(path), 1)
        if (match := SILENCED.search(line))
        and not CODE_AND_REASON[match[1].split(":")[0]].fullmatch(match["rest"])
    ]

    assert [] == found
