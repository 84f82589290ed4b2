"""What stands in `xsd/` is what the generator writes today."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.xsd.reading import FOLDER, NAMES, model
from tools.xsd.__main__ import compare, files, main
from tools.xsd.bindings import PINNED, installed
from tools.xsd.catalogue import MESSAGES, message
from tools.xsd.model import Message, Source

MISSING = [f"{source.package}=={source.version}" for source in PINNED if not installed(source)]


@pytest.fixture(autouse=True, scope="module")
def _bindings() -> None:
    if MISSING:
        reason = f"needs {' and '.join(MISSING)}, which the schemas are written from"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Every file as the generator writes it, by name."""
    return dict(files())


def test_the_files_are_fresh(written: dict[str, str]) -> None:
    """Byte by byte, and none too many. If this fails: python -m tools.xsd generate."""
    there = {path.name: path.read_bytes() for path in FOLDER.iterdir()}

    assert [] == sorted(
        name
        for name in there.keys() | written.keys()
        if there.get(name) != written.get(name, "").encode()
    )


def test_every_message_of_the_catalogue_is_there() -> None:
    """The catalogue and the folder name the same messages."""
    assert sorted(MESSAGES) == list(NAMES)


def test_writing_loses_nothing() -> None:
    """Read back, each schema is the content model it was written from."""

    def shape(of: Message) -> tuple[object, ...]:
        return of.name, of.root, of.root_type, of.complex_types, of.code_types

    assert [] == [name for name in MESSAGES if shape(message(name)) != shape(model(name))]


def test_the_bindings_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """Where two bindings have a message, written by different people, they have the same."""
    assert (0, "27 messages are in both bindings\n") == (compare(), capsys.readouterr().out)


def test_check_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """The command agrees with this test."""
    assert (0, "") == (main(["check"]), capsys.readouterr().out)


def test_generate_writes_and_check_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A new folder is filled, a stale file removed; a changed and a missing file are named."""
    monkeypatch.setattr("tools.xsd.__main__.FOLDER", tmp_path)
    (tmp_path / "pacs.999.001.01.xsd").write_text("stale")

    assert 0 == main(["generate"])
    assert f"{len(NAMES)} schemas written, 1 stale files removed\n" == capsys.readouterr().out
    assert 0 == main(["check"])

    (tmp_path / f"{NAMES[0]}.xsd").write_text("changed")
    (tmp_path / f"{NAMES[1]}.xsd").unlink()

    assert 1 == main(["check"])
    assert [NAMES[0], NAMES[1]] == [
        line.partition(".xsd:")[0] for line in capsys.readouterr().out.splitlines()
    ]


def test_without_bindings_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another version than the pinned one counts as absent, and is named."""
    monkeypatch.setattr("tools.xsd.__main__.PINNED", (Source("pyiso20022", "0"),))

    assert 2 == main(["generate"])
    assert "not installed: pyiso20022==0\n" == capsys.readouterr().out
