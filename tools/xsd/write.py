"""Write a content model as an XML schema. The same model gives the same bytes.

Types stand in alphabetical order after the root element, as in the schemas ISO 20022-4 derives.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from tools.xsd.model import Amount, Attribute, Complex, Element, Group, Message, Simple, Wildcard
from tools.xsd.simple import iso_name

_HEADER = """\
<?xml version="1.0" encoding="UTF-8"?>
<!--
  {name}: written by tools/xsd from the content model in {package} {version}
  (MIT licence, copyright (c) {owner}){how}.
  Do not edit: run `python -m tools.xsd generate`.

  The message definition is part of the ISO 20022 repository. This is not the official ISO 20022
  site or schema: www.iso20022.org is the only source of up-to-date material. The content is
  provided as is, without any warranty or liability.
-->
<xs:schema xmlns={namespace} xmlns:xs="http://www.w3.org/2001/XMLSchema" \
elementFormDefault="qualified" targetNamespace={namespace}>
"""


class NameTaken(ValueError):
    """Two types of one schema would have the same name."""


def write(message: Message) -> str:
    """Return the schema of `message` as text with LF line ends.

    Raises:
        NameTaken: a simple type would be named as another type of the message is.
    """
    source = message.source
    named = _named_simple_types(message)
    if twice := named.keys() & (message.complex_types.keys() | message.code_types.keys()):
        raise NameTaken(", ".join(sorted(twice)))
    types = {
        **{name: _complex(name, body) for name, body in message.complex_types.items()},
        **{name: _simple_type(body, name) for name, body in (named | message.code_types).items()},
    }
    lines = [f'<xs:element name="{message.root}" type="{message.root_type}"/>']
    lines += [line for name in sorted(types) for line in types[name]]
    head = _HEADER.format(
        name=message.name,
        package=source.package,
        version=source.version,
        owner=source.owner,
        how=f",\n  which has it as {message.derivation}" if message.derivation else "",
        namespace=quoteattr(message.namespace),
    )
    return head + "".join(f"  {line}\n" for line in lines) + "</xs:schema>\n"


def amount_value_name(amount_name: str) -> str:
    """The name ISO 20022-4 gives to the number inside an amount type."""
    return f"{amount_name}_SimpleType"


def _named_simple_types(message: Message) -> dict[str, Simple]:
    named = {}
    for name, body in message.complex_types.items():
        if isinstance(body, Amount):
            named[amount_value_name(name)] = body.value
        for used in _simple_types(body):
            if (own := iso_name(used)) and named.setdefault(own, used) != used:
                raise NameTaken(own)
    return named


def _simple_types(body: Complex) -> Iterator[Simple]:
    if isinstance(body, Amount):
        yield from (attribute.type for attribute in body.attributes)
    else:
        for particle in body.particles:
            if isinstance(particle, Element) and isinstance(particle.type, Simple):
                yield particle.type


def _complex(name: str, body: Complex) -> list[str]:
    if isinstance(body, Amount):
        inner = [
            "<xs:simpleContent>",
            f'  <xs:extension base="{amount_value_name(name)}">',
            *(f"    {line}" for attribute in body.attributes for line in _attribute(attribute)),
            "  </xs:extension>",
            "</xs:simpleContent>",
        ]
    else:
        inner = _group(body)
    return _wrap(f'xs:complexType name="{name}"', inner)


def _group(body: Group) -> list[str]:
    inner = [line for particle in body.particles for line in _particle(particle)]
    return _wrap("xs:choice" if body.choice else "xs:sequence", inner)


def _particle(particle: Element | Wildcard) -> list[str]:
    if isinstance(particle, Wildcard):
        namespace = quoteattr(particle.namespace)
        return [f'<xs:any namespace={namespace} processContents="{particle.process}"/>']
    return _typed(f'xs:element name="{particle.name}"{_occurs(particle)}', particle.type)


def _occurs(element: Element) -> str:
    least = "" if element.least == 1 else f' minOccurs="{element.least}"'
    if element.most == 1:
        return least
    return f'{least} maxOccurs="{"unbounded" if element.most is None else element.most}"'


def _attribute(attribute: Attribute) -> list[str]:
    use = ' use="required"' if attribute.required else ""
    return _typed(f'xs:attribute name="{attribute.name}"{use}', attribute.type)


def _typed(tag: str, of: str | Simple) -> list[str]:
    name = of if isinstance(of, str) else iso_name(of)
    if isinstance(of, Simple) and not name:
        if of.facets:
            return _wrap(tag, _simple_type(of))
        name = of.base
    return [f'<{tag} type="{name}"/>']


def _simple_type(body: Simple, name: str = "") -> list[str]:
    facets = [*body.facets, *(("enumeration", code) for code in body.codes)]
    lines = [f"<xs:{facet} value={quoteattr(value)}/>" for facet, value in facets]
    tag = f'xs:simpleType name="{name}"' if name else "xs:simpleType"
    restriction = f'xs:restriction base="{body.base}"'
    return _wrap(tag, _wrap(restriction, lines) if lines else [f"<{restriction}/>"])


def _wrap(tag: str, inner: list[str]) -> list[str]:
    return [f"<{tag}>", *(f"  {line}" for line in inner), f"</{tag.split(maxsplit=1)[0]}>"]
