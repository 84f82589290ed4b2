"""Where the data files beside the code are: `specs/` and `xsd/`.

An installed wheel carries them in `msggw/_data`; a checkout has them at its root; the environment
variable `MSGGW_DATA` names another folder that wins over both.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["find"]


def find(relative: str) -> Path:
    """Return the path of a data file or folder such as `specs/routes/default.yaml`.

    Raises `FileNotFoundError` naming what was looked for, and where.
    """
    here = Path(__file__).resolve()
    roots = [here.parent / "_data", here.parents[2]]
    override = os.environ.get("MSGGW_DATA")
    if override:
        roots.insert(0, Path(override))
    for root in roots:
        path = root / relative
        if path.exists():
            return path
    msg = f"{relative} is in none of {', '.join(map(str, roots))}; set MSGGW_DATA to its folder"
    raise FileNotFoundError(msg)
