"""The coverage gate lets pass what is covered enough, and nothing else."""

import json
from pathlib import Path

import pytest
from tools.coverage_gate import main, package_of


def report(folder: Path, **covered_lines: int) -> str:
    """A report of files with 100 lines and branches each, under their packages."""
    files = {
        f"src/msggw/{name.replace('__', '/')}.py": {
            "summary": {
                "covered_lines": covered,
                "covered_branches": 0,
                "num_statements": 80,
                "num_branches": 20,
            },
            "missing_lines": list(range(1, 12)),
            "missing_branches": [[3, 4], [90, -1]],
        }
        for name, covered in covered_lines.items()
    }
    path = folder / "report.json"
    path.write_text(json.dumps({"files": files}))
    return str(path)


def test_enough_is_enough(tmp_path: Path) -> None:
    """A whole core and nine tenths of the rest pass."""
    assert 0 == main(report(tmp_path, values__money=100, store__sqlite=90))


@pytest.mark.parametrize("covered", [{"values__money": 99}, {"store__sqlite": 89}])
def test_one_too_little_is_refused(tmp_path: Path, covered: dict[str, int]) -> None:
    """One line or branch below the gate fails."""
    assert 1 == main(report(tmp_path, **covered))


def test_a_package_is_judged_as_a_whole(tmp_path: Path) -> None:
    """Outside the core, one file may fall short if its package does not."""
    assert 0 == main(report(tmp_path, store__sqlite=85, store__postgres=95))


def test_a_package_does_not_hide_behind_another(tmp_path: Path) -> None:
    """A well covered package does not lift a poorly covered one."""
    assert 1 == main(report(tmp_path, store__sqlite=100, broker__memory=89))


def test_the_worst_file_is_shown_with_its_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reader sees where to look, cut to one line."""
    main(report(tmp_path, store__sqlite=89))

    first = capsys.readouterr().out.splitlines()[0]
    assert "  89.0 %  src/msggw/store/sqlite.py  1 2 3 4 5 6 7 8 …" == first


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("src/msggw/errors.py", "errors"),
        ("src/msggw/iso8583/wire.py", "iso8583"),
        ("src/msggw/__init__.py", "__init__"),
        ("adapters/src/msggw_adapters/visa/client.py", "adapters/visa"),
    ],
)
def test_each_file_belongs_to_a_package(path: str, package: str) -> None:
    """The package is the first folder or module below the distribution."""
    assert package == package_of(path)
