"""Each simple type of each schema, by itself: every facet holds."""

from __future__ import annotations

from functools import cache

import pytest
from lxml import etree
from tests.xsd.reading import NAMES, model
from tests.xsd.values import bad, good
from tools.xsd.model import Amount, Element, Group, Message, Simple, Source
from tools.xsd.simple import iso_name
from tools.xsd.write import write


def simple_types() -> list[Simple]:
    """All distinct simple types that the schemas use, code sets included."""
    found: set[Simple] = set()
    for name in NAMES:
        of = model(name)
        found |= set(of.code_types.values())
        for body in of.complex_types.values():
            if isinstance(body, Amount):
                found |= {body.value, *(attribute.type for attribute in body.attributes)}
            else:
                types = (p.type for p in body.particles if isinstance(p, Element))
                found |= {type_ for type_ in types if isinstance(type_, Simple)}
    return sorted(found, key=repr)


def name_of(of: Simple) -> str:
    """What a test of the type is called."""
    return iso_name(of) or "-".join((of.base[3:], *map("".join, of.facets), *of.codes))[:60]


TYPES = simple_types()


@cache
def compiled(of: Simple) -> etree.XMLSchema:
    """A schema for a document of this type alone, written as every schema is."""
    text = write(
        Message(
            name="test.001.001.01",
            root="Document",
            root_type="Document",
            source=Source("test", "0"),
            complex_types={"Document": Group((Element("Val", of if not of.codes else "Code"),))},
            code_types={"Code": of} if of.codes else {},
        )
    )
    return etree.XMLSchema(etree.fromstring(text.encode()))


def accepts(of: Simple, text: str) -> bool:
    """Whether the type takes the text."""
    namespace = "urn:iso:std:iso:20022:tech:xsd:test.001.001.01"
    root = etree.Element(f"{{{namespace}}}Document")
    etree.SubElement(root, f"{{{namespace}}}Val").text = text
    return compiled(of).validate(root)


@pytest.mark.parametrize("of", TYPES, ids=name_of)
def test_a_simple_type_accepts_what_its_facets_allow(of: Simple) -> None:
    """The shortest, the longest, each code."""
    assert [] == [text[:40] for text in good(of) if not accepts(of, text)]


@pytest.mark.parametrize("of", TYPES, ids=name_of)
def test_a_simple_type_refuses_what_breaks_a_facet(of: Simple) -> None:
    """One longer, one shorter, one digit more, another character, another code."""
    assert [] == [text[:40] for text in bad(of) if accepts(of, text)]


ISO_TYPES = {
    # ISO 20022 repository: data types of the 2019 edition, with texts that decide.
    "Max35Text": (["x", "x" * 35], ["", "x" * 36]),
    "LEIIdentifier": (["5493001KJTIIGC8Y1R12"], ["5493001KJTIIGC8Y1R1A", "5493001KJTIIGC8Y1R1"]),
    "IBAN2007Identifier": (["KZ86125KZT5004100100"], ["kz86125KZT5004100100", "KZ8"]),
    "UUIDv4Identifier": (
        ["8a562c67-ca16-48ba-b074-65581be6f001"],
        ["8A562C67-CA16-48BA-B074-65581BE6F001", "8a562c67-ca16-18ba-b074-65581be6f001"],
    ),
    "CurrencyCode": (["KZT"], ["kzt", "KZ", "KZTT"]),
    "CountryCode": (["KZ"], ["kz", "KAZ"]),
    "PhoneNumber": (["+7-7270000000"], ["77270000000", "+7-"]),
    "ISODate": (["2026-11-21", "2026-11-21Z"], ["21.11.2026", "2026-13-01"]),
    "ISODateTime": (["2026-11-21T10:00:00", "2026-11-21T10:00:00+05:00"], ["2026-11-21 10:00"]),
    "ISOYear": (["2026"], ["26", "2026-11"]),
    "ISOYearMonth": (["2026-11"], ["1126", "2026-13"]),
    "ISONormalisedDateTime": (["2026-11-21T10:00:00Z"], ["2026-11-21T10:00:00+05:00", "Z"]),
    "Number": (["0", "9" * 18], ["1.5", "9" * 19]),
    "DecimalNumber": (["1.5", "0." + "1" * 17], ["0." + "1" * 18, "1" * 19]),
}


@pytest.mark.parametrize("name", ISO_TYPES)
def test_a_type_with_an_iso_name_is_that_type(name: str) -> None:
    """The names given back from facets mean what ISO 20022 means by them."""
    (of,) = [of for of in TYPES if iso_name(of) == name]
    allowed, refused = ISO_TYPES[name]

    assert (allowed, []) == (
        [text for text in allowed if accepts(of, text)],
        [text for text in refused if accepts(of, text)],
    )


BICS = {
    "DEUTDEFF": True,
    "DEUTDEFF500": True,
    "1234DEFF": True,
    "DEUTDEF": False,
    "deutdeff": False,
}


@pytest.mark.parametrize(("bic", "valid"), BICS.items())
def test_a_bic_of_the_2014_edition(bic: str, valid: bool) -> None:
    """ISO 9362:2014 allows digits in the prefix; eight or eleven characters."""
    (of,) = [of for of in TYPES if iso_name(of) == "BICFIDec2014Identifier"]

    assert valid == accepts(of, bic)
