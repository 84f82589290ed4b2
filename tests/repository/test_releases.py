"""Both distributions and the changelog tell of one release."""

import re
from pathlib import Path

import msggw
import msggw_adapters

ROOT = Path(__file__).parents[2]


def test_both_distributions_have_one_version() -> None:
    """Gateway and adapters are released together."""
    assert msggw.__version__ == msggw_adapters.__version__


def test_the_changelog_tells_of_this_version() -> None:
    """The newest released heading is the version of the code."""
    headings = re.findall(r"^## \[(\d[\d.]*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert msggw.__version__ == headings[0]
