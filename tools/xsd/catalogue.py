"""Which message definitions are written.

Versions follow use: the 2009 edition (`.02`, `.03`) of SEPA, the 2019 edition (pacs.008.001.08 and
its contemporaries) of CBPR+, HVPS+ and most instant schemes, what markets took up after that, and
the newest. Where a message names no single edition in use, every version since 2009 is there.
"""

from __future__ import annotations

from tools.xsd.bindings import NotObtainable, read, sources
from tools.xsd.derived import DERIVED, derive
from tools.xsd.model import Message
from tools.xsd.restore import restore

_VERSIONS = {
    "acmt.022.001": "04",
    "acmt.023.001": "04",
    "acmt.024.001": "04",
    "admi.002.001": "01",
    "admi.004.001": "02",
    "admi.007.001": "01",
    "cain.001.001": "04",
    "cain.002.001": "04",
    "cain.003.001": "04",
    "cain.004.001": "04",
    "cain.005.001": "04",
    "cain.006.001": "04",
    **{f"cain.{number:03}.001": "03" for number in range(14, 29)},
    "camt.029.001": "03 04 05 06 07 08 09 10 11 12 13",
    "camt.052.001": "02 03 04 05 06 07 08 09 10 11 12",
    "camt.053.001": "02 03 04 05 06 07 08 09 10 11 12",
    "camt.054.001": "02 03 04 05 06 07 08 09 10 11 12",
    "camt.055.001": "01 02 03 04 05 06 07 08 09 10 11 12",
    "camt.056.001": "01 02 03 04 05 06 07 08 09 10 11",
    "camt.060.001": "03 04 05 06 07",
    "camt.110.001": "01",
    "camt.111.001": "01",
    "canm.001.001": "04",
    "canm.002.001": "04",
    "canm.003.001": "04",
    "canm.004.001": "04",
    "head.001.001": "01 02 03 04",
    "pacs.002.001": "03 04 05 06 07 08 09 10 11 12 13 14 15",
    "pacs.003.001": "02 03 04 05 07 08 09 10 11",
    "pacs.004.001": "02 03 04 05 06 07 09 10 11 13 14",
    "pacs.007.001": "02 03 04 05 07 08 09 10 11 12 13",
    "pacs.008.001": "02 03 04 05 06 07 08 09 10 11 12 13",
    "pacs.009.001": "02 03 04 05 06 07 08 09 10 11 12",
    "pacs.010.001": "02 03 06",
    "pacs.028.001": "01 02 03 04 05 06",
    "pain.001.001": "03 04 05 06 07 08 09 10 11 12",
    "pain.002.001": "03 04 05 06 07 08 09 10 11 12 13 14",
    "pain.007.001": "02 03 04 05 06 07 08 10 11 12",
    "pain.008.001": "02 03 04 05 06 07 08 09 10 11",
    "pain.013.001": "01 02 03 04 05 06 07 08 09 10 11",
    "pain.014.001": "01 02 03 04 05 06 07 08 09 10 11",
}

MESSAGES = tuple(
    f"{base}.{version}"
    for base, versions in sorted(_VERSIONS.items())
    for version in versions.split()
)


def message(name: str) -> Message:
    """The content model of one message, from the preferred binding that has it.

    Raises:
        NotObtainable: no pinned and installed binding has it.
    """
    if how := DERIVED.get(name):
        base = message(how.base)
        return derive(name, base, how)
    if found := sources(name):
        return restore(name, read(name, found[0]))
    raise NotObtainable(f"no pinned binding is installed that has {name}")
