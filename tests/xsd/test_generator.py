"""The generator on small bindings written for the purpose."""

from __future__ import annotations

import pytest
from tests.xsd.reading import model
from tools.xsd.__main__ import main
from tools.xsd.bindings import Binding, Field, NotObtainable, Source, sources
from tools.xsd.catalogue import message
from tools.xsd.compare import differences
from tools.xsd.derived import DERIVED, Derivation, derive
from tools.xsd.model import Amount, Attribute, Element, Group, Simple, Wildcard
from tools.xsd.restore import NotRestorable, restore
from tools.xsd.simple import UnknownFacet, iso_name, simple
from tools.xsd.write import NameTaken, write

NAME = "test.001.001.01"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{NAME}"


def element(type_: str, name: str, *, many: bool = False, **metadata: object) -> Field:
    """A field as xsdata describes an element."""
    return Field(type_, many, {"name": name, "type": "Element", **metadata})


def binding(**classes: tuple[Field, ...]) -> Binding:
    """A binding of these classes, whose document holds a `Body`."""
    document = (element("Body", "Msg", required=True),)
    return Binding(
        Source("test", "0"),
        "Document",
        "Document",
        NAMESPACE,
        {"Document": document, **classes},
        {"Colour1Code": ("REDD", "BLUE")},
    )


def body(*fields: Field, **classes: tuple[Field, ...]) -> object:
    """The content model of a `Body` with these fields."""
    return restore(NAME, binding(Body=fields, **classes)).complex_types["Body"]


def test_cardinality_is_what_xsdata_kept() -> None:
    """Required, optional, repeated, repeated at least once, and at most seven times."""
    fields = (
        element("str", "One", required=True),
        element("str", "Maybe"),
        element("str", "Any", many=True),
        element("str", "Some", many=True, min_occurs=1),
        element("str", "Seven", many=True, max_occurs=7),
    )
    text = Simple("xs:string")

    assert body(*fields) == Group(
        (
            Element("One", text, 1, 1),
            Element("Maybe", text, 0, 1),
            Element("Any", text, 0, None),
            Element("Some", text, 1, None),
            Element("Seven", text, 0, 7),
        )
    )


@pytest.mark.parametrize("name", ["Account1Choice", "CashAccountType2"])
def test_a_choice_is_known_by_its_name(name: str) -> None:
    """Its branches are mandatory again, and repeated ones occur at least once."""
    branches = (element("str", "Cd"), element("str", "Prtry", many=True))
    types = restore(NAME, binding(Body=(element(name, "Acct"),), **{name: branches})).complex_types
    text = Simple("xs:string")

    assert types[name] == Group(
        (Element("Cd", text, 1, 1), Element("Prtry", text, 1, None)), choice=True
    )


def test_the_mandate_choice_can_be_empty() -> None:
    """ISO 20022 gives both branches of MandateRelatedData2Choice a minimum of nought."""
    group = model("pain.002.001.12").complex_types["MandateRelatedData2Choice"]

    assert (True, [0, 0]) == (group.choice, [branch.least for branch in group.particles])


def test_a_choice_with_a_mandatory_branch_is_no_choice() -> None:
    """A name that says choice over fields that say sequence is an error, not a guess."""
    branches = (element("str", "Cd", required=True), element("str", "Prtry"))

    with pytest.raises(NotRestorable):
        restore(NAME, binding(Body=(element("A1Choice", "A"),), A1Choice=branches))


def test_an_amount_keeps_its_currency() -> None:
    """A class with a text of its own is a number with attributes."""
    fields = (
        Field("Decimal", False, {"required": True, "total_digits": 18, "min_inclusive": "0"}),
        Field("str", False, {"name": "Ccy", "type": "Attribute", "required": True, "pattern": "X"}),
    )

    assert body(*fields) == Amount(
        Simple("xs:decimal", (("totalDigits", "18"), ("minInclusive", "0"))),
        (Attribute("Ccy", Simple("xs:string", (("pattern", "X"),)), required=True),),
    )


@pytest.mark.parametrize(
    ("metadata", "process"), [({}, "lax"), ({"process_contents": "skip"}, "skip")]
)
def test_a_wildcard_is_mandatory_and_lax(metadata: dict[str, str], process: str) -> None:
    """Unless the binding says skip."""
    wildcard = Field("object", False, {"type": "Wildcard", "namespace": "##any", **metadata})

    assert body(wildcard) == Group((Wildcard("##any", process),))


def test_calendar_types_are_told_apart_by_element() -> None:
    """A tax year is a year; a card's expiry is a month; anything else is unknown."""
    fields = (element("XmlPeriod", "Yr"), element("XmlPeriod", "XpryDt"))
    group = body(*fields)

    assert ["xs:gYear", "xs:gYearMonth"] == [p.type.base for p in group.particles]
    with pytest.raises(KeyError):
        body(element("XmlPeriod", "Whenever"))


def test_only_reachable_types_are_kept() -> None:
    """A binding of shared classes does not bloat the schema."""
    of = restore(NAME, binding(Body=(element("Colour1Code", "Clr"),), Unused=()))

    assert ({"Document", "Body"}, {"Colour1Code"}) == (
        of.complex_types.keys(),
        of.code_types.keys(),
    )


def test_a_type_without_definition_is_an_error() -> None:
    """Nothing is made up."""
    with pytest.raises(NotRestorable, match="Nowhere1"):
        body(element("Nowhere1", "A"))


def test_a_binding_of_another_message_is_an_error() -> None:
    """The namespace must be the message's."""
    with pytest.raises(NotRestorable, match="namespace"):
        restore("test.001.001.02", binding(Body=()))


def test_unknown_metadata_is_an_error() -> None:
    """A facet that nobody translates would silently be lost."""
    with pytest.raises(UnknownFacet, match="white_space"):
        simple("xs:string", {"white_space": "collapse"})


def test_no_type_takes_the_name_of_another() -> None:
    """A class called like a simple type that gets its name back is an error."""
    of = restore(
        NAME,
        binding(
            Body=(element("Max35Text", "A"), element("str", "B", min_length=1, max_length=35)),
            Max35Text=(element("str", "C"),),
        ),
    )

    with pytest.raises(NameTaken, match="Max35Text"):
        write(of)


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"min_length": 1, "max_length": 35}, "Max35Text"),
        ({"min_length": 4, "max_length": 4}, "Exact4Text"),
        ({"min_length": 2, "max_length": 3}, "Min2Max3Text"),
        ({"max_length": 3}, None),
        ({"pattern": "[A-Z]{3,3}"}, "CurrencyCode"),
        ({"pattern": "[A-Z]{3,3}", "max_length": 3}, None),
        ({"pattern": "[0-9]{1,15}"}, "Max15NumericText"),
        ({"pattern": "[0-9]{3}"}, "Exact3NumericText"),
        ({"pattern": "[0-9]{8,28}"}, "Min8Max28NumericText"),
        ({"pattern": "[0-9]+"}, None),
        ({"pattern": "[0-9]{3,3}"}, None),
        ({"pattern": ".*Z"}, "ISONormalisedDateTime"),
    ],
)
def test_a_name_comes_from_facets_alone(metadata: dict[str, object], name: str | None) -> None:
    """Where the facets do not decide, there is no name."""
    assert name == iso_name(simple("xs:string", metadata))


def test_a_comparison_tells_each_difference() -> None:
    """In structure, in cardinality and in facets, with the path."""
    one = restore(NAME, binding(Body=(element("str", "A"), element("str", "B", max_length=3))))
    other = restore(
        NAME, binding(Body=(element("str", "A", required=True), element("str", "B", max_length=4)))
    )

    assert [] == list(differences(one, one))
    assert ["Document/Msg", "Document/Msg/B"] == [
        line.partition(":")[0] for line in differences(one, other)
    ]


def test_the_smaller_version_differs_by_one_element() -> None:
    """pain.008.001.08 is pain.008.001.09 without the requested advice type."""
    found = list(differences(model("pain.008.001.08"), model("pain.008.001.09")))

    assert ["Document/CstmrDrctDbtInitn/PmtInf"] == [line.partition(":")[0] for line in found]


def test_only_what_is_there_can_be_left_out() -> None:
    """A derivation that does not fit its base is an error."""
    how = Derivation(base="", without={"Document": "Nothing"}, renamed={})

    with pytest.raises(LookupError, match="Nothing"):
        derive("pain.008.001.08", model("pain.008.001.09"), how)
    assert set(DERIVED) == {"pain.008.001.08"}


def test_what_no_binding_has_is_not_made_up() -> None:
    """A message that exists nowhere is refused, from any source."""
    assert () == sources("pacs.999.001.01")
    with pytest.raises(NotObtainable):
        message("pacs.999.001.01")


@pytest.mark.parametrize("arguments", [[], ["make"], ["check", "now"]])
def test_wrong_use_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and the usage."""
    assert 2 == main(arguments)
    assert capsys.readouterr().out.startswith("usage: ")
