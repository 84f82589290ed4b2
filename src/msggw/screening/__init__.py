"""Screening: KYC level, limits, velocity, sanctions names. Pure checks over a rulebook."""

from msggw.screening.checks import check_amount, check_kyc, check_names, check_velocity
from msggw.screening.names import NameHit, NameList
from msggw.screening.rulebook import AmountLimit, Rulebook, Window
from msggw.screening.verdict import Finding

__all__ = [
    "AmountLimit",
    "Finding",
    "NameHit",
    "NameList",
    "Rulebook",
    "Window",
    "check_amount",
    "check_kyc",
    "check_names",
    "check_velocity",
]
