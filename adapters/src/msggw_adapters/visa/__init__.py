"""Visa over an ISO 8583 host link (BASE I dialect and VAP framing unless set otherwise)."""

from msggw_adapters.visa.adapter import Visa, create
from msggw_adapters.visa.config import Settings

__all__ = ["Settings", "Visa", "create"]
