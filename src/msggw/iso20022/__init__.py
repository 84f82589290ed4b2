"""ISO 20022: hardened parsing, validation, business rules, headers, mapping and answers.

Everything here is a function of its arguments: bytes, time and ids come in, values go out. What a
message does wrong is raised as `msggw.errors.Refused`, with the path and line of every fault.
"""

from __future__ import annotations

from msggw.iso20022.answers import Status, answer, refuse, status_of
from msggw.iso20022.build import (
    build_camt056,
    build_pacs004,
    build_pacs008,
    build_pacs028,
    from_canonical,
)
from msggw.iso20022.describe import describe
from msggw.iso20022.header import Header
from msggw.iso20022.identify import Identity, identify
from msggw.iso20022.intake import Incoming, read, to_canonical, validate
from msggw.iso20022.mapping import MAPPINGS, losses
from msggw.iso20022.parser import LIMITS, Limits
from msggw.iso20022.report import Report, parse_camt029, parse_pacs002
from msggw.iso20022.rules import RULES, BusinessRule, Profile

__all__ = [
    "LIMITS",
    "MAPPINGS",
    "RULES",
    "BusinessRule",
    "Header",
    "Identity",
    "Incoming",
    "Limits",
    "Profile",
    "Report",
    "Status",
    "answer",
    "build_camt056",
    "build_pacs004",
    "build_pacs008",
    "build_pacs028",
    "describe",
    "from_canonical",
    "identify",
    "losses",
    "parse_camt029",
    "parse_pacs002",
    "read",
    "refuse",
    "status_of",
    "to_canonical",
    "validate",
]
