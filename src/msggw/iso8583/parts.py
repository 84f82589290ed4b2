"""The parts of a composite data element, as a mapping with dotted paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from msggw.iso8583.sensitivity import Value, shown, wrapped
from msggw.values import Secret

if TYPE_CHECKING:
    from msggw.iso8583.encoding import Plain
    from msggw.iso8583.piece import Piece

__all__ = ["Composite"]


class Composite(Mapping[str, "Value | Composite"]):
    """Parts by number or tag, in wire order. A repeated one answers with its first value."""

    __slots__ = ("_pairs", "_plain")

    def __init__(self, pairs: tuple[tuple[str, Value | Composite], ...], plain: Any) -> None:
        """`plain` is the value of the whole element as the codec writes it."""
        self._pairs = pairs
        self._plain = plain

    @classmethod
    def of_piece(cls, piece: Piece) -> Composite:
        """Take the parts that were read."""
        pairs = tuple((part.number, _of_part(part)) for part in piece.parts)
        return cls(pairs, piece.value)

    @classmethod
    def of_values(cls, values: Mapping[str, object]) -> Composite:
        """Take the parts of an element that was built by hand."""
        pairs: list[tuple[str, Any]] = []
        for number, value in values.items():
            many = value if isinstance(value, (list, tuple)) else (value,)
            pairs += [(number, _of_value(one)) for one in many]
        return cls(tuple(pairs), dict(values))

    @property
    def plain(self) -> Any:
        """The value of the whole element, for the codec."""
        return self._plain

    def pairs(self) -> tuple[tuple[str, Value | Composite], ...]:
        """Return every part in wire order, repeated ones too."""
        return self._pairs

    def __getitem__(self, path: str) -> Value | Composite:
        """Return a part by number, or a part of a part by dotted path; `KeyError` if absent."""
        number, _, rest = path.partition(".")
        for name, value in self._pairs:
            if name == number:
                if not rest:
                    return value
                if isinstance(value, Composite):
                    return value[rest]
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the numbers, each once."""
        return iter(dict.fromkeys(name for name, _ in self._pairs))

    def __len__(self) -> int:
        """Return how many different numbers there are."""
        return len({name for name, _ in self._pairs})

    def __repr__(self) -> str:
        """Return the numbers of the parts."""
        return f"<Composite {' '.join(name for name, _ in self._pairs)}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled."""
        msg = "Composite cannot be pickled"
        raise TypeError(msg)

    def masked(self) -> dict[str, object]:
        """Return what people may see of each part."""
        out: dict[str, object] = {}
        for name, value in self._pairs:
            out.setdefault(name, _masked(value))
        return out


def _of_part(part: Piece) -> Value | Composite:
    if part.parts:
        return Composite.of_piece(part)
    plain: Plain = part.value if part.value is not None else part.raw
    return wrapped(plain, part.sensitivity)


def _of_value(value: object) -> Any:
    return Composite.of_values(value) if isinstance(value, Mapping) else value


def _masked(value: Value | Composite) -> object:
    if isinstance(value, Composite):
        return value.masked()
    return value.mask() if isinstance(value, Secret) else shown(value, "none")
