"""Simple types: from a binding's facets to an XSD base, facets and, where ISO has one, a name.

xsdata writes the facets of a simple type at each place it is used and drops its name. Names that
follow from the facets alone are given back, since a validator prints them; where ISO has several
for the same facets, such as the one for any BIC and the one for a BIC of a financial institution,
it is the better known. Elsewhere the type stays anonymous: which of ISO's six rates a rate was
cannot be known.
"""

from __future__ import annotations

import re
from typing import Any

from tools.xsd.model import Simple

BASES = {
    "str": "xs:string",
    "Decimal": "xs:decimal",
    "bool": "xs:boolean",
    "bytes": "xs:base64Binary",
    "XmlDate": "xs:date",
    "XmlDateTime": "xs:dateTime",
    "XmlTime": "xs:time",
}

_FACETS = {
    "fraction_digits": "fractionDigits",
    "total_digits": "totalDigits",
    "length": "length",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_inclusive": "minInclusive",
    "max_inclusive": "maxInclusive",
    "min_exclusive": "minExclusive",
    "max_exclusive": "maxExclusive",
    "pattern": "pattern",
}
_NOT_FACETS = frozenset(
    {
        "name",
        "type",
        "namespace",
        "required",
        "min_occurs",
        "max_occurs",
        "format",
        "process_contents",
    }
)

_NAMES_BY_BASE = {
    "xs:date": "ISODate",
    "xs:dateTime": "ISODateTime",
    "xs:time": "ISOTime",
    "xs:gYear": "ISOYear",
    "xs:gYearMonth": "ISOYearMonth",
}
_NAMES_BY_PATTERN = {
    "[A-Z]{3,3}": "CurrencyCode",
    "[A-Z]{2,2}": "CountryCode",
    "[A-Z0-9]{18,18}[0-9]{2,2}": "LEIIdentifier",
    "[A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}": "IBAN2007Identifier",
    "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}": "BICFIDec2014Identifier",
    "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}": "BICIdentifier",
    "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}": "UUIDv4Identifier",
    r"\+[0-9]{1,3}-[0-9()+\-]{1,30}": "PhoneNumber",
}
_NAMES_BY_DIGITS: dict[tuple[tuple[str, str], ...], str] = {
    (("fractionDigits", "0"), ("totalDigits", "18")): "Number",
    (("fractionDigits", "17"), ("totalDigits", "18")): "DecimalNumber",
}

# xsdata makes a string of any type with a pattern. ISO 20022 has one such type that is none: the
# creation date of head.001.001.01.
NORMALISED_DATE_TIME = Simple("xs:dateTime", (("pattern", ".*Z"),))


class UnknownFacet(ValueError):
    """The binding carries metadata this generator has no rule for."""


def simple(base: str, metadata: dict[str, Any]) -> Simple:
    """Make a simple type of a field's metadata.

    Raises:
        UnknownFacet: a key that is neither a facet nor known to say something else.
    """
    if unknown := metadata.keys() - _FACETS.keys() - _NOT_FACETS:
        raise UnknownFacet(", ".join(sorted(unknown)))
    facets = tuple((xsd, str(metadata[key])) for key, xsd in _FACETS.items() if key in metadata)
    return NORMALISED_DATE_TIME if facets == NORMALISED_DATE_TIME.facets else Simple(base, facets)


def iso_name(of: Simple) -> str | None:
    """The name ISO gives to exactly these facets, or None where several or none would do."""
    if of == NORMALISED_DATE_TIME:
        return "ISONormalisedDateTime"
    if not of.facets:
        return _NAMES_BY_BASE.get(of.base)
    facets = dict(of.facets)
    if of.base == "xs:string" and len(facets) == 1 and "pattern" in facets:
        return _NAMES_BY_PATTERN.get(facets["pattern"]) or _digits_name(facets["pattern"])
    if of.base == "xs:string" and "pattern" not in facets:
        return _text_name(facets)
    return _NAMES_BY_DIGITS.get(of.facets)


def _digits_name(pattern: str) -> str | None:
    if match := re.fullmatch(r"\[0-9\]\{([0-9]+)\}", pattern):
        return f"Exact{match[1]}NumericText"
    if match := re.fullmatch(r"\[0-9\]\{([0-9]+),([0-9]+)\}", pattern):
        least, most = match.groups()
        # ISO writes numeric codes as {3,3}; texts of digits as {3}.
        if least != most:
            return f"Max{most}NumericText" if least == "1" else f"Min{least}Max{most}NumericText"
    return None


def _text_name(facets: dict[str, str]) -> str | None:
    match facets:
        case {"minLength": "1", "maxLength": most}:
            return f"Max{most}Text"
        case {"minLength": least, "maxLength": most} if least == most:
            return f"Exact{most}Text"
        case {"minLength": least, "maxLength": most}:
            return f"Min{least}Max{most}Text"
        case _:
            return None
