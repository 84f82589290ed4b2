"""Chip data in DE 55: BER-TLV as it is, or inside dataset 01 where a dialect has datasets (Visa).

The canonical model holds the BER-TLV objects alone, so that they cross from one dialect to another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msggw.iso8583.composite import BerTlv, Tlv
from msggw.values import SecretBytes
from msggw.values.reveal import reveal

if TYPE_CHECKING:
    from msggw.iso8583.spec import Spec

__all__ = ["has_datasets", "in_dataset", "only_dataset"]

_DATASET = b"\x01"
_HEAD = 3
"""A dataset begins with its id, one byte, and the length of its data, two bytes."""


def has_datasets(spec: Spec | None) -> bool:
    """Return whether this dialect puts chip data into dataset 01."""
    field = None if spec is None else spec.fields.get("55")
    composite = None if field is None else field.composite
    if not isinstance(composite, Tlv):
        return False
    part = composite.parts.get(_DATASET.hex())
    return part is not None and isinstance(part.composite, BerTlv)


def only_dataset(value: SecretBytes) -> SecretBytes | None:
    """Return the data of dataset 01 if there is nothing else; None for any other content."""
    data = reveal(value)
    if data[:1] != _DATASET or int.from_bytes(data[1:_HEAD], "big") != len(data) - _HEAD:
        return None
    return SecretBytes(data[_HEAD:])


def in_dataset(value: SecretBytes) -> SecretBytes:
    """Return chip data as the one dataset of DE 55."""
    data = reveal(value)
    return SecretBytes(_DATASET + len(data).to_bytes(_HEAD - 1, "big") + data)
