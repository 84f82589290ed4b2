"""msggw: one payment gateway between ISO 8583, ISO 20022 and JSON."""

__all__ = ["__version__"]

__version__ = "26.11.0"
