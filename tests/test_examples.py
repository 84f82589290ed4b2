"""What the repository shows is true: examples, pages, settings and published specs."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import jsonschema
import openapi_spec_validator
import pytest
from pydantic import BaseModel
from tests.cli.command import msggw
from tools import publish_specs

from msggw.canonical.document import parse
from msggw.canonical.requirements import missing_parts
from msggw.cli.main import root
from msggw.config import Settings, load_settings
from msggw.iso8583 import Codec
from msggw.iso20022 import read, validate

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
MESSAGES = ["0100.json", "0100-declined.json"]
DOCUMENTS = ["camt.056.xml", "pacs.004.xml", "pacs.008.xml", "pacs.028.xml"]
USED = {*MESSAGES, *DOCUMENTS, "0100.hex", "pacs.008-invalid.xml", "transaction.json"}


# The examples


def test_every_example_is_tested() -> None:
    """No message lies there unused; programs have tests of their own."""
    found = {path.name for path in EXAMPLES.iterdir() if path.is_file() and path.suffix != ".py"}

    assert USED == found


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_built_and_read_again(name: str) -> None:
    """The JSON builds into bytes which decode into the same data elements."""
    built = msggw("iso8583", "build", EXAMPLES / name, "--raw").raw
    message = Codec.load("iso87-ascii").decode(built)
    document = json.loads((EXAMPLES / name).read_text())

    assert (document["mti"], [*document["fields"]]) == (message.mti, [*message])


def test_the_digits_are_those_of_the_message() -> None:
    """`0100.hex` is `0100.json`, built."""
    assert (EXAMPLES / "0100.hex").read_text() == msggw(
        "iso8583", "build", EXAMPLES / "0100.json"
    ).out


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid(name: str) -> None:
    """It breaks no schema and no rule, and the gateway takes it."""
    data = (EXAMPLES / name).read_bytes()

    assert () == validate(data, now=NOW)
    assert read(data, now=NOW).transactions


def test_the_invalid_document_is_invalid() -> None:
    """It shows more than one fault, each with path and line."""
    faults = validate((EXAMPLES / "pacs.008-invalid.xml").read_bytes(), now=NOW)

    assert len(faults) > 1
    assert all(fault.where.path and fault.where.line for fault in faults)


def test_the_transaction_is_accepted() -> None:
    """The model takes it, nothing is missing, and the published schema allows it."""
    data = (EXAMPLES / "transaction.json").read_bytes()
    schema = json.loads((ROOT / "specs" / "canonical.schema.json").read_text("utf-8"))

    assert [] == list(missing_parts(parse(data)))
    jsonschema.Draft202012Validator(schema).validate(json.loads(data))


# The pages


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )


def commands() -> Iterator[list[str]]:
    """Every `msggw …` command that a page shows, in words."""
    for page in PAGES:
        shown = [
            line.removeprefix("$ ")
            for block in blocks(page, "console")
            for line in block.splitlines()
        ]
        shown += re.findall(r"`(msggw [^`]+)`", page.read_text("utf-8"))
        for line in shown:
            if line.startswith("msggw "):
                yield shlex.split(line.partition(" > ")[0], comments=True)[1:]


SHOWN = sorted({tuple(words) for words in commands()})


def test_the_pages_show_commands() -> None:
    """The search above finds them."""
    assert len(SHOWN) > 10


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_a_command_shown_exists(words: tuple[str, ...]) -> None:
    """Each command that a page shows is there and knows each option it is shown with."""
    command: click.Command = root
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        for one in name.split("|"):
            found = command.get_command(click.Context(command), one)
            assert found is not None, name
        command = found
    known = {text for parameter in command.params for text in parameter.opts} | {
        "--help",
        "--version",
    }

    assert [] == [word for word in rest if word.startswith("--") and word not in known]


def test_the_commands_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of "Translate, look into, validate" run one after the other as they stand there."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.partition("## Translate, look into, validate")[2].partition("\n## ")[0]
    codes, outputs = [], []
    for line in re.findall(r"^\$ msggw (.*)$", section, re.MULTILINE):
        command, _, target = line.partition(" > ")
        done = msggw(*shlex.split(command, comments=True))
        codes.append(done.code)
        outputs.append(done.out)
        if target:
            (tmp_path / target).write_bytes(done.raw)

    assert [0, 0, 0, 0, 0, 3] == codes
    assert (EXAMPLES / "0100.hex").read_text() == outputs[1]


def test_the_length_before_the_raw_message_is_right() -> None:
    """The README's `printf` writes the two bytes of length that the example has."""
    size = len(bytes.fromhex((EXAMPLES / "0100.hex").read_text())).to_bytes(2, "big")
    octal = "".join(f"\\{byte:o}" for byte in size)

    assert f"printf '{octal}'; xxd -r -p examples/0100.hex" in (ROOT / "README.md").read_text(
        "utf-8"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links of a page name files and folders of the repository."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))

    assert [] == [link for link in links if "://" not in link and not (page.parent / link).exists()]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *ROOT.glob("docs/*.md")], ids=lambda page: page.name
)
def test_every_file_shown_is_there(page: Path) -> None:
    """A page that names an example, a spec or a page names one that exists."""
    named = re.findall(
        r"\b((?:examples|specs|docs|tools|tests|benchmarks)/[\w./-]*\w)", page.read_text("utf-8")
    )

    assert [] == [name for name in named if not (ROOT / name).exists()]


# The settings


def settings_page() -> dict[str, Any]:
    """The settings that docs/configuration.md shows, those in comments included."""
    (text,) = blocks(ROOT / "docs" / "configuration.md", "toml")
    return tomllib.loads(re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE))


def test_the_settings_shown_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block of docs/configuration.md is a file that loads as it stands."""
    (text,) = blocks(ROOT / "docs" / "configuration.md", "toml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "msggw.toml").write_text(text)

    assert "gateway-1" == load_settings(tmp_path / "msggw.toml", {}).instance
    assert 0 == msggw("config", "show").code


def leaves(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every setting by its path; a list of parts counts as one part."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        arguments = getattr(kind, "__args__", ())
        inner = next((one for one in (kind, *arguments) if is_model(one)), None)
        yield from leaves(inner, f"{path}{name}.") if inner is not None else [f"{path}{name}"]


def is_model(kind: Any) -> bool:
    """Whether a type is a group of settings."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def test_every_setting_is_shown() -> None:
    """docs/configuration.md shows each setting there is, and shows its default as the value."""
    shown = settings_page()

    def find(path: str) -> bool:
        value: Any = shown
        for name in path.split("."):
            value = value[0] if isinstance(value, list) else value
            if name not in value:
                return False
            value = value[name]
        return True

    assert [] == [path for path in leaves(Settings) if not find(path)]


# The published specs


def test_the_published_openapi_is_valid_and_fresh() -> None:
    """`specs/openapi.json` is what a gateway serves: run tools/publish_specs.py."""
    text = (ROOT / "specs" / "openapi.json").read_text("utf-8")
    openapi_spec_validator.validate(json.loads(text))

    assert publish_specs.openapi() == text
