"""The composites axis: fields made of parts. One variant, one file."""

from __future__ import annotations

from msggw.iso8583.composite.base import CompositeSpec
from msggw.iso8583.composite.ber import BerTlv
from msggw.iso8583.composite.bitmapped import Bitmapped
from msggw.iso8583.composite.positional import Positional
from msggw.iso8583.composite.tlv import Tlv

__all__ = ["BerTlv", "Bitmapped", "CompositeSpec", "Positional", "Tlv"]
