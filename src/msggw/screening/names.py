"""A sanctions list and the comparison of names with it.

Names are folded (Unicode decomposition, accents dropped, case folded, punctuation to blanks) and
compared word by word in sorted order (rapidfuzz's token sort ratio). A name is a hit at or above
the list's threshold.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NameHit", "NameList", "fold"]

_NOT_WORD = re.compile(r"[\W_]+")
DEFAULT_THRESHOLD = 92.0


def fold(name: str) -> str:
    """Return the form in which names are compared."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", bare.casefold()).strip()


@dataclass(frozen=True, slots=True)
class NameHit:
    """A similar name: the list's reference and the similarity from 0 to 100."""

    reference: str
    score: int


class NameList:
    """A loaded list of names with references; empty lists hit nothing."""

    def __init__(
        self,
        name: str,
        entries: Iterable[tuple[str, str]],
        threshold: float = DEFAULT_THRESHOLD,
    ) -> None:
        """Take (reference, name) pairs."""
        pairs = [(reference, fold(entry)) for reference, entry in entries]
        self.name = name
        self.threshold = threshold
        self._references = [reference for reference, _ in pairs]
        self._names = [folded for _, folded in pairs]
        digest = hashlib.sha256("\n".join(f"{r}\t{n}" for r, n in pairs).encode())
        self.version = digest.hexdigest()[:12]

    def __len__(self) -> int:
        """Return how many names are loaded."""
        return len(self._names)

    def search(self, name: str) -> NameHit | None:
        """Return the best hit, or None."""
        folded = fold(name)
        if not folded:
            return None
        best = process.extractOne(
            folded, self._names, scorer=fuzz.token_sort_ratio, score_cutoff=self.threshold
        )
        return None if best is None else NameHit(self._references[best[2]], int(best[1]))
