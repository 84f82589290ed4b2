"""Compare two content models of one message: the second opinion is the other binding's."""

from __future__ import annotations

from collections.abc import Iterator

from tools.xsd.model import Amount, Complex, Element, Message, Simple


def differences(one: Message, other: Message) -> Iterator[str]:
    """Say where an instance could be valid for one model only.

    Type names do not matter, so the walk goes from the roots along element names.
    """
    seen: set[tuple[str, str]] = set()
    ahead = [(one.root, one.root_type, other.root_type)]
    if one.root != other.root:
        yield f"root {one.root} / {other.root}"
    while ahead:
        path, left, right = ahead.pop()
        if (left, right) in seen:
            continue
        seen.add((left, right))
        left_body, right_body = one.complex_types[left], other.complex_types[right]
        if outline(left_body) != outline(right_body):
            yield f"{path}: {outline(left_body)} / {outline(right_body)}"
        for first, second in _pairs(left_body, right_body):
            below = f"{path}/{first.name}"
            if _is_complex(one, first) and _is_complex(other, second):
                ahead.append((below, str(first.type), str(second.type)))
            elif _resolved(one, first) != _resolved(other, second):
                yield f"{below}: {_resolved(one, first)} / {_resolved(other, second)}"


def outline(body: Complex) -> object:
    """What a type says itself, leaving out what the types of its elements say."""
    if isinstance(body, Amount):
        return body
    return body.choice, [
        (p.name, p.least, p.most) if isinstance(p, Element) else p for p in body.particles
    ]


def _pairs(left: Complex, right: Complex) -> Iterator[tuple[Element, Element]]:
    others = _elements(right)
    for name, element in _elements(left).items():
        if name in others:
            yield element, others[name]


def _elements(body: Complex) -> dict[str, Element]:
    if isinstance(body, Amount):
        return {}
    return {p.name: p for p in body.particles if isinstance(p, Element)}


def _is_complex(message: Message, element: Element) -> bool:
    return isinstance(element.type, str) and element.type in message.complex_types


def _resolved(message: Message, element: Element) -> Simple | str:
    if isinstance(element.type, Simple):
        return element.type
    if (codes := message.code_types.get(element.type)) is not None:
        return Simple(codes.base, codes.facets, tuple(sorted(codes.codes)))
    return element.type
