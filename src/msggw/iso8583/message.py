"""A message as Python sees it: a type, a header, data elements. No secret is read by accident.

Values are cut from the wire when they are asked for. Clear text lives in a vault whose `repr` says
nothing; what comes out of a message is the guarding type (`Pan`, `Track2`, …).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

from msggw.errors import Refused, Rule
from msggw.iso8583.mti import response_mti
from msggw.iso8583.parts import Composite
from msggw.iso8583.piece import Buffer, fault, read_field
from msggw.iso8583.record import Origin
from msggw.iso8583.sensitivity import STANDARD, Value, opened, shown, wrapped
from msggw.values import Secret

if TYPE_CHECKING:
    from msggw.iso8583.spec import Spec

__all__ = ["ECHOED", "NO_FORM", "Form", "Message", "cut_message"]

ECHOED: Final = (
    *("2", "3", "4", "5", "6", "7", "11", "12", "13", "15", "17", "19", "23", "24", "25", "32"),
    *("33", "37", "41", "42", "49", "50", "51", "70", "90", "95", "100", "102", "103"),
)
"""Data elements that a response repeats from its request."""


class Vault(dict[str, Any]):
    """Plain values by data element; its `repr` shows none of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the number of values."""
        return f"<{len(self)} data elements>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled."""
        msg = "data elements cannot be pickled"
        raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Form:
    """What is kept of the wire so that encoding gives the same bytes: bitmap and trailer."""

    bitmap: bytes = b""
    trailer: bytes = field(default=b"", repr=False)


NO_FORM: Final = Form()
"""The form of a message that did not come from the wire."""


class Message:
    """An ISO 8583 message. Immutable: `evolve` and `response` make others."""

    __slots__ = ("_data", "_header", "_origin", "_vault")

    def __init__(self, mti: str, fields: Mapping[str, object], *, header: bytes = b"") -> None:
        """Build by hand; `Refused` if a card number, track or PIN block breaks its type's rule.

        Keys are data element numbers. Dotted keys (`48.26`) and nested mappings make composites.
        """
        self._origin = Origin(mti, NO_FORM, None, None, None)
        self._header = header
        self._data = b""
        self._vault: Vault | None = _vault(fields, STANDARD.get)

    @classmethod
    def decoded(
        cls, mti: str, header: bytes, form: Form, spec: Spec | None, plain: Mapping[str, Any]
    ) -> Message:
        """Make a message of plain values; not for other callers."""
        self = cls.__new__(cls)
        self._origin = Origin(mti, form, spec, None, None)
        self._data = b""
        self._header = header
        self._vault = Vault(plain)
        return self

    @property
    def mti(self) -> str:
        """The message type identifier, four digits."""
        return self._origin.mti

    @property
    def header(self) -> bytes:
        """The bytes before the message type, as they came."""
        return self._header

    @property
    def form(self) -> Form:
        """What was kept of the wire."""
        return self._origin.form

    @property
    def spec(self) -> Spec | None:
        """The dialect it was read with; None for a message built by hand."""
        return self._origin.spec

    @property
    def origin(self) -> Origin:
        """What it has in common with messages like it, for the codec."""
        return self._origin

    def wire_of(self, owner: object) -> bytes:
        """Return the bytes that this codec read it from; empty if it was not this one."""
        return self._data if self._origin.owner is owner else b""

    @property
    def plain(self) -> Vault:
        """The clear values, for the codec. Other callers use `fields`."""
        if self._vault is None:
            layout = self._origin.layout
            self._vault = Vault(layout.items(self._data) if layout is not None else ())
        return self._vault

    def texts(self, numbers: tuple[str, ...]) -> tuple[str, ...]:
        """Return several data elements as text at once, empty for absent ones.

        A secret gives a digest, equal for equal secrets. Meant for keys.
        """
        origin = self._origin
        found = origin.getters.get(numbers)
        if found is None and origin.layout is not None:
            found = origin.layout.getter(numbers)
        if found is not None:
            return found(self._data)
        return tuple(self._text(number) for number in numbers)

    def _text(self, number: str) -> str:
        value = self.get(number, "")
        if isinstance(value, str):
            return value
        if isinstance(value, Secret):
            return f"#{hash(value)}"
        return value.hex() if isinstance(value, bytes) else repr(value)

    @property
    def fields(self) -> Mapping[str, Value | Composite]:
        """The data elements, read only, in ascending order."""
        return _Fields(self)

    def sensitivity(self, number: str) -> str:
        """Return what the dialect, or else the standard, says about a data element."""
        spec = self._origin.spec
        if spec is not None and number in spec.fields:
            return spec.fields[number].sensitivity
        return STANDARD.get(number, "none")

    def __getitem__(self, path: str) -> Value | Composite:
        """Return a data element, or a part of one by its dotted path; `KeyError` if absent."""
        number, _, rest = path.partition(".")
        if rest:
            return self.tree(number)[rest]
        plain = self._one(number)
        if isinstance(plain, Mapping):
            return self.tree(number)
        sensitivity = self.sensitivity(number)
        if sensitivity != "icc" and self._composite(number):
            return self.tree(number)
        return wrapped(plain, sensitivity)

    def _one(self, number: str) -> Any:
        layout = self._origin.layout
        if self._vault is None and layout is not None:
            return layout.one(self._data, number)
        return self.plain[number]

    def _composite(self, number: str) -> bool:
        field = self.spec.fields.get(number) if self.spec is not None else None
        return field is not None and field.composite is not None

    def tree(self, number: str) -> Composite:
        """Return the parts of a composite data element; `KeyError` if it has none."""
        plain = self._one(number)
        if isinstance(plain, Mapping):
            return Composite.of_values(plain)
        spec = self.spec.fields.get(number) if self.spec is not None else None
        if spec is None or spec.composite is None:
            msg = f"DE {number} has no parts in this dialect"
            raise KeyError(msg)
        raw = spec.encoding.write(plain, len(plain), spec.kind)
        prefix = spec.prefix.write(spec.count(len(plain))) if spec.prefix else b""
        return Composite.of_piece(read_field(spec, Buffer(prefix + raw), 0, number))

    def get(self, path: str, default: Any = None) -> Any:
        """Return a data element or part, or the default if it is absent."""
        try:
            return self[path]
        except KeyError:
            return default

    def __contains__(self, path: object) -> bool:
        """Whether the data element, or the part at the dotted path, is present."""
        if not isinstance(path, str):
            return False
        if "." in path:
            return self.get(path) is not None
        layout = self._origin.layout
        return path in (self.plain if layout is None else layout.index)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the data element numbers in ascending order."""
        return iter(sorted(self.plain, key=int))

    def __len__(self) -> int:
        """Return how many data elements there are."""
        return len(self.plain)

    def __eq__(self, other: object) -> bool:
        """Compare type, header and data elements; the opaque form does not count."""
        if not isinstance(other, Message):
            return NotImplemented
        mine = (self.mti, self._header, dict(self.plain))
        return mine == (other.mti, other._header, dict(other.plain))

    __hash__ = None  # type: ignore[assignment]  # mappings of parts cannot be hashed

    def __repr__(self) -> str:
        """Return the type and the numbers of the data elements."""
        return f"<Message {self.mti}: {' '.join(self)}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled: the wire bytes would go with it."""
        msg = "Message cannot be pickled; encode it"
        raise TypeError(msg)

    def evolve(
        self,
        *,
        mti: str | None = None,
        fields: Mapping[str, object] | None = None,
        drop: tuple[str, ...] = (),
        header: bytes | None = None,
    ) -> Message:
        """Return a copy with another type, with fields set and with fields dropped."""
        new = Message.decoded(
            mti or self.mti,
            self._header if header is None else header,
            self.form,
            self.spec,
            {k: v for k, v in self.plain.items() if k not in drop},
        )
        new.plain.update(_vault(fields or {}, self.sensitivity))
        return new

    def response(
        self, fields: Mapping[str, object] | None = None, *, keep: tuple[str, ...] = ECHOED
    ) -> Message:
        """Return the answer: its type, the fields it repeats, and these. Raises `ValueError`.

        The header is turned round as the dialect does it.
        """
        header = self.spec.header.answer(self._header) if self.spec else self._header
        kept = {number: value for number, value in self.plain.items() if number in keep}
        new = Message.decoded(
            response_mti(self.mti),
            header,
            NO_FORM,
            self.spec,
            kept,
        )
        new.plain.update(_vault(fields or {}, self.sensitivity))
        return new

    def masked(self) -> dict[str, str]:
        """Return what people may see of each data element."""
        plain = self.plain
        return {number: self._shown(number, plain[number]) for number in self}

    def _shown(self, number: str, plain: Any) -> str:
        if isinstance(plain, Mapping):
            return f"<{len(plain)} parts>"
        return shown(plain, self.sensitivity(number))

    def to_pyiso8583(self) -> dict[str, str]:
        """Return the dict that pyiso8583 encodes: every secret opened, bytes as hex digits."""
        from msggw.iso8583.interop.pyiso import to_dict  # noqa: PLC0415 - interop reads messages

        return to_dict(self)

    @staticmethod
    def from_pyiso8583(document: Mapping[str, str], spec: Spec | None = None) -> Message:
        """Return the message of a dict that pyiso8583 decoded."""
        from msggw.iso8583.interop.pyiso import from_dict  # noqa: PLC0415 - interop makes messages

        return from_dict(document, spec)


def cut_message(origin: Origin, data: bytes, header: bytes) -> Message:
    """Return the message that a codec has cut from these bytes."""
    new = Message.__new__(Message)
    new._origin = origin  # noqa: SLF001 - this is its second constructor
    new._data = data  # noqa: SLF001 - as above
    new._header = header  # noqa: SLF001 - as above
    new._vault = None  # noqa: SLF001 - as above
    return new


class _Fields(Mapping[str, "Value | Composite"]):
    """The read-only view that `Message.fields` gives."""

    __slots__ = ("_message",)

    def __init__(self, message: Message) -> None:
        self._message = message

    def __getitem__(self, number: str) -> Value | Composite:
        if "." in number:
            raise KeyError(number)
        return self._message[number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._message)

    def __len__(self) -> int:
        return len(self._message)

    def __repr__(self) -> str:
        return f"<data elements {' '.join(self)}>"


def _vault(fields: Mapping[str, object], sensitivity: Any) -> Vault:
    """Return plain values; card data given as plain text are checked by their type first."""
    out = Vault()
    for path, value in fields.items():
        number, _, rest = str(path).partition(".")
        if not number.isdecimal():
            detail = "a data element number expected"
            raise Refused(fault("message", None, Rule.UNKNOWN, detail))
        if rest:
            _put(out, number, rest, value)
        elif isinstance(value, Composite):
            out[number] = value.plain
        elif isinstance(value, Mapping):
            out[number] = dict(value)
        else:
            out[number] = _plain(number, value, sensitivity(number) or "none")
    return out


def _plain(number: str, value: object, sensitivity: str) -> str | bytes:
    if not isinstance(value, (str, bytes, Secret)):
        detail = f"text, bytes or a secret expected, {type(value).__name__} found"
        raise Refused(fault(number, None, Rule.CLASS, detail))
    if isinstance(value, Secret):
        return opened(value)
    try:
        wrapped(value, sensitivity)
    except Refused as refusal:
        (broken,) = refusal.faults
        raise Refused(fault(number, None, broken.rule, broken.detail)) from None
    return value


def _put(out: Vault, number: str, rest: str, value: object) -> None:
    """Set a part at a dotted path."""
    into = out.setdefault(number, {})
    *steps, last = rest.split(".")
    for step in steps:
        into = into.setdefault(step, {}) if isinstance(into, dict) else into
    if not isinstance(into, dict):
        raise Refused(fault(number, None, Rule.CONFLICT, "both a value and parts of it"))
    into[last] = value
