"""Every example in a docstring is true."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (ROOT / "src", ROOT / "adapters" / "src", ROOT)


def modules_with_examples() -> list[str]:
    """Dotted names of the modules that show an example."""
    folders = ("src/msggw", "adapters/src/msggw_adapters", "tools")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [dotted_name(path) for path in files if ">>> " in path.read_text(encoding="utf-8")]


def dotted_name(path: Path) -> str:
    """The name a file is imported under."""
    source = next(source for source in SOURCES if path.is_relative_to(source))
    parts = path.relative_to(source).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_are_true(name: str) -> None:
    """What an example prints is what the docstring says it prints."""
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)

    assert (0, True) == (result.failed, result.attempted > 0)
