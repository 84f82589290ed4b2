from pathlib import Path

import pytest

from msggw import resources

ROOT = Path(__file__).parents[2]


def test_a_checkout_has_its_data_at_its_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a wheel's data folder the repository's own files count."""
    monkeypatch.delenv("MSGGW_DATA", raising=False)

    assert ROOT / "specs" / "routes" == resources.find("specs/routes")


def test_the_variable_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder named by the environment is looked at first; what it lacks comes from ours."""
    (tmp_path / "specs").mkdir()
    own = tmp_path / "specs" / "own.yaml"
    own.touch()
    monkeypatch.setenv("MSGGW_DATA", str(tmp_path))

    assert own == resources.find("specs/own.yaml")
    assert ROOT / "specs" / "rules" == resources.find("specs/rules")


def test_what_is_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what was looked for, where, and how to help."""
    monkeypatch.delenv("MSGGW_DATA", raising=False)

    with pytest.raises(FileNotFoundError, match=r"specs/no\.yaml is in none of .*MSGGW_DATA"):
        resources.find("specs/no.yaml")
