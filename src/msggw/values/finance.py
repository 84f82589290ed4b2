"""Identifiers of accounts, agents and countries; check digits by python-stdnum."""

from __future__ import annotations

import re

from stdnum import iban as stdnum_iban
from stdnum import lei as stdnum_lei

from msggw.values.code import Code

__all__ = ["Bic", "Country", "Iban", "Lei"]


class Country(Code):
    """ISO 3166-1 alpha-2 country code, upper case (form only; the list is a profile's rule)."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z]{2}")
    rule = "2 upper-case letters"


class Iban(Code):
    """International bank account number, ISO 13616-1, electronic form: check digits verified."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}")
    rule = "IBAN: country, two check digits (mod 97), up to 30 letters or digits, no spaces"

    @classmethod
    def check(cls, value: str) -> bool:
        """Return whether length per country and mod-97 check digits hold."""
        return bool(stdnum_iban.is_valid(value, check_country=False))


class Bic(Code):
    """Business identifier code, ISO 9362: 8 or 11 characters."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
    rule = "BIC: 4 letters or digits, country, 2 and optionally 3 letters or digits"


class Lei(Code):
    """Legal entity identifier, ISO 17442-1: 18 letters or digits and 2 check digits."""

    __slots__ = ()
    pattern = re.compile(r"[A-Z0-9]{18}[0-9]{2}")
    rule = "LEI: 18 letters or digits and 2 check digits (mod 97)"

    @classmethod
    def check(cls, value: str) -> bool:
        """Return whether the ISO 7064 mod 97-10 check digits hold."""
        return bool(stdnum_lei.is_valid(value))
