"""The content model of a message definition, as far as a schema can say it.

ISO 20022-4 knows few shapes: a complex type is a sequence or a choice of elements, an amount (a
number with attributes), or an envelope for foreign content. A simple type is a base type with
facets or codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Simple:
    """A simple type: an XSD base such as `xs:string`, facets in writing order, and codes."""

    base: str
    facets: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a sequence or choice. `most` is None where the standard sets no maximum."""

    name: str
    type: str | Simple
    least: int = 1
    most: int | None = 1


@dataclass(frozen=True, slots=True)
class Wildcard:
    """Exactly one element of a foreign namespace. `process` is an XSD processContents value."""

    namespace: str
    process: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an amount, such as `Ccy`."""

    name: str
    type: Simple
    required: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A complex type with child elements: all in order, or, for a choice, exactly one."""

    particles: tuple[Element | Wildcard, ...]
    choice: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A complex type with text content and attributes."""

    value: Simple
    attributes: tuple[Attribute, ...]


Complex = Group | Amount


@dataclass(frozen=True, slots=True)
class Source:
    """The binding a model was read from: distribution, exact version, and whose it is."""

    package: str
    version: str
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message definition. `root` is an element of type `root_type`, both in `namespace`.

    `derivation` says what was changed if the model was made from another version.
    """

    name: str
    root: str
    root_type: str
    source: Source
    complex_types: dict[str, Complex]
    code_types: dict[str, Simple]
    derivation: str = ""

    @property
    def namespace(self) -> str:
        """The target namespace of the message, ISO 20022-4."""
        return f"urn:iso:std:iso:20022:tech:xsd:{self.name}"
