"""`msggw iso20022`: validate files, folders and standard input; describe without values."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.command import EXAMPLES, msggw

GOOD, BAD = EXAMPLES / "pacs.008.xml", EXAMPLES / "pacs.008-invalid.xml"


def test_validate_accepts_a_valid_file() -> None:
    """A valid file ends with 0, in text and in JSON, from a file and from standard input."""
    assert (0, f"{GOOD}: valid\n") == (
        msggw("iso20022", "validate", GOOD).code,
        msggw("iso20022", "validate", GOOD).out,
    )
    assert {"file": "-", "valid": True, "faults": []} == msggw(
        "iso20022", "validate", "-", "--json", stdin=GOOD.read_bytes()
    ).json()


def test_validate_names_every_fault() -> None:
    """An invalid file ends with 3; every fault has its path, its line and its rule."""
    done = msggw("iso20022", "validate", BAD, "--json")
    faults = done.json()["faults"]

    assert 3 == done.code
    assert len(faults) > 1
    for fault in faults:
        assert fault["path"].startswith("/")
        assert fault["line"] > 0
        assert fault["rule"]


def test_validate_takes_many_files_and_folders(tmp_path: Path) -> None:
    """A folder stands for its .xml files at any depth; one bad file decides the exit code."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    shutil.copy(GOOD, below / "good.xml")
    shutil.copy(BAD, tmp_path / "bad.xml")
    (tmp_path / "no.txt").write_text("no XML")
    done = msggw("iso20022", "validate", tmp_path, GOOD, "--json")
    shown = msggw("iso20022", "validate", tmp_path, GOOD)

    assert 3 == done.code
    assert [
        (str(below / "good.xml"), True),
        (str(tmp_path / "bad.xml"), False),
        (str(GOOD), True),
    ] == [(one["file"], one["valid"]) for one in done.json()]
    assert 3 == shown.code
    assert f"{GOOD}: valid" in shown.out


def test_validate_can_check_the_schema_alone() -> None:
    """The example breaks business rules only; schema faults are found all the same."""
    assert 0 == msggw("iso20022", "validate", GOOD, "--schema-only").code
    assert 0 == msggw("iso20022", "validate", BAD, "--schema-only").code
    torn = GOOD.read_bytes().replace(b"<ChrgBr>", b"<ChrgBr>X")
    assert 3 == msggw("iso20022", "validate", "-", "--schema-only", stdin=torn).code


def test_validate_refuses_an_unknown_profile() -> None:
    """A profile nobody knows is wrong usage, and is answered with those there are."""
    done = msggw("iso20022", "validate", GOOD, "--profile", "no-such")

    assert 2 == done.code
    assert "base" in done.err


def test_describe_masks_values() -> None:
    """The tree has the names of the message; account numbers and names of people are not shown."""
    done = msggw("iso20022", "describe", GOOD)
    tree = msggw("iso20022", "describe", "-", "--json", stdin=GOOD.read_bytes()).json()["tree"]

    assert 0 == done.code
    assert done.out.splitlines() == tree
    assert "IntrBkSttlmAmt" in done.out
    assert "KZ86125KZT5004100100" not in done.out
    assert 3 == msggw("iso20022", "describe", "-", stdin=b"<no").code
