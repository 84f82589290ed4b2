"""Put back what xsdata lost, and make a content model of a binding.

Lost, and the rule that restores it:

* A choice becomes a class whose fields are all optional. ISO 20022 names a choice component
  `…Choice`; the few older ones without that ending are listed in `CHOICES_BY_NAME`. A branch occurs
  at least once, except in `OPTIONAL_BRANCHES`, where ISO lets the whole choice be empty.
* `xs:gYear`, `xs:gYearMonth` and others all become `XmlPeriod`. `PERIODS` tells them apart by
  element.
* A wildcard keeps `processContents="skip"` only. ISO uses `lax` everywhere else.
* A wildcard loses that it is mandatory. ISO's envelopes hold exactly one element.
"""

from __future__ import annotations

from tools.xsd.bindings import Binding, Field
from tools.xsd.model import (
    Amount,
    Attribute,
    Complex,
    Element,
    Group,
    Message,
    Simple,
    Wildcard,
)
from tools.xsd.simple import BASES, simple

CHOICES_BY_NAME = frozenset({"CashAccountType2", "CashBalanceAvailabilityDate1"})
OPTIONAL_BRANCHES = frozenset(f"MandateRelatedData{number}Choice" for number in (1, 2, 3))

# Year of a tax period; month of a card's or token's validity, and of a market practice version.
PERIODS = {
    "Yr": "xs:gYear",
    "Dt": "xs:gYearMonth",
    "StartDt": "xs:gYearMonth",
    "FctvDt": "xs:gYearMonth",
    "XpryDt": "xs:gYearMonth",
    "TknXpryDt": "xs:gYearMonth",
}


class NotRestorable(ValueError):
    """The binding contradicts itself or the message it is filed under."""


def restore(name: str, binding: Binding) -> Message:
    """Make the content model of message `name`, reduced to the types its root can reach.

    Raises:
        NotRestorable: wrong namespace, a type without definition, or an unknown calendar type.
    """
    used = _reachable(binding)
    message = Message(
        name=name,
        root=binding.root,
        root_type=binding.root_type,
        source=binding.source,
        complex_types={t: _complex(t, binding) for t in used if t in binding.classes},
        code_types={t: _code_type(binding.codes[t]) for t in used if t in binding.codes},
    )
    if binding.namespace != message.namespace:
        raise NotRestorable(f"{name}: its binding has the namespace {binding.namespace}")
    return message


def _reachable(binding: Binding) -> list[str]:
    found: set[str] = set()
    ahead = [binding.root_type]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        found.add(name)
        ahead += [f.type for f in binding.classes.get(name, ()) if not _is_builtin(f.type)]
    if missing := found - binding.classes.keys() - binding.codes.keys():
        raise NotRestorable(f"types without definition: {', '.join(sorted(missing))}")
    return sorted(found)


def _is_builtin(name: str) -> bool:
    return name in BASES or name in {"object", "XmlPeriod"}


def _code_type(codes: tuple[str, ...]) -> Simple:
    return Simple("xs:string", codes=codes)


def is_choice(type_name: str) -> bool:
    """Whether ISO 20022 defines the component of this name as a choice."""
    return type_name.endswith("Choice") or type_name in CHOICES_BY_NAME


def _complex(name: str, binding: Binding) -> Complex:
    fields = binding.classes[name]
    if fields and "name" not in fields[0].metadata and fields[0].type != "object":
        return _amount(fields)
    choice = is_choice(name)
    if choice and any(field.metadata.get("required") for field in fields):
        raise NotRestorable(f"{name}: a choice with a mandatory branch")
    least = 1 if choice and name not in OPTIONAL_BRANCHES else 0
    return Group(tuple(_particle(field, least) for field in fields), choice=choice)


def _amount(fields: tuple[Field, ...]) -> Amount:
    value, *attributes = fields
    return Amount(
        simple(BASES[value.type], value.metadata),
        tuple(
            Attribute(
                f.metadata["name"], simple(BASES[f.type], f.metadata), "required" in f.metadata
            )
            for f in attributes
        ),
    )


def _particle(field: Field, least: int) -> Element | Wildcard:
    metadata = field.metadata
    if metadata["type"] == "Wildcard":
        return Wildcard(metadata["namespace"], metadata.get("process_contents", "lax"))
    if metadata["type"] != "Element":
        raise NotRestorable(f"{metadata['name']}: an attribute on an element with children")
    return Element(
        metadata["name"],
        _type(field),
        max(least, int(metadata.get("min_occurs", "required" in metadata))),
        metadata.get("max_occurs") if field.many else 1,
    )


def _type(field: Field) -> str | Simple:
    if field.type == "XmlPeriod":
        return simple(PERIODS[field.metadata["name"]], field.metadata)
    if field.type in BASES:
        return simple(BASES[field.type], field.metadata)
    return field.type
