"""A bank that takes ISO 20022 credit transfers over HTTP."""

from msggw_adapters.bank.adapter import Bank, create
from msggw_adapters.bank.config import Settings

__all__ = ["Bank", "Settings", "create"]
