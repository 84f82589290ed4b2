"""Messages that no binding has, but that are another version with less in it.

pain.008.001.08 (2019) has one element fewer than pain.008.001.09 (2020): its payment instruction
knows no Requested Advice Type. Everything else, down to each facet, is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.xsd.model import Complex, Element, Group, Message


@dataclass(frozen=True, slots=True)
class Derivation:
    """What to leave out of `base`, by type and element, and what ISO calls the types then."""

    base: str
    without: dict[str, str]
    renamed: dict[str, str]


DERIVED = {
    "pain.008.001.08": Derivation(
        base="pain.008.001.09",
        without={"PaymentInstruction37": "ReqdAdvcTp"},
        renamed={
            "PaymentInstruction37": "PaymentInstruction29",
            "CustomerDirectDebitInitiationV09": "CustomerDirectDebitInitiationV08",
        },
    ),
}


def derive(name: str, base: Message, how: Derivation) -> Message:
    """Return the model of the smaller version, reduced to the types it still uses.

    Raises:
        LookupError: the base has no such element, so it is not the version meant here.
    """
    types: dict[str, Complex] = {}
    for type_name, body in base.complex_types.items():
        kept = _without(body, how.without[type_name]) if type_name in how.without else body
        types[how.renamed.get(type_name, type_name)] = _renamed(kept, how.renamed)
    used = _used(base.root_type, types)
    return replace(
        base,
        name=name,
        derivation=f"{how.base} without {', '.join(how.without.values())}",
        complex_types={n: body for n, body in types.items() if n in used},
        code_types={n: body for n, body in base.code_types.items() if n in used},
    )


def _without(body: Complex, element: str) -> Complex:
    if isinstance(body, Group):
        kept = tuple(p for p in body.particles if not isinstance(p, Element) or p.name != element)
        if len(kept) < len(body.particles):
            return replace(body, particles=kept)
    raise LookupError(f"no {element} to leave out")


def _renamed(body: Complex, names: dict[str, str]) -> Complex:
    if not isinstance(body, Group):
        return body
    return replace(
        body,
        particles=tuple(
            replace(p, type=names.get(p.type, p.type))
            if isinstance(p, Element) and isinstance(p.type, str)
            else p
            for p in body.particles
        ),
    )


def _used(root: str, types: dict[str, Complex]) -> set[str]:
    found: set[str] = set()
    ahead = [root]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            body = types.get(name)
            if isinstance(body, Group):
                ahead += [
                    p.type
                    for p in body.particles
                    if isinstance(p, Element) and isinstance(p.type, str)
                ]
    return found
