"""Adapters of msggw: one sub-package for each outside system, a folder that could be deleted."""

__all__ = ["__version__"]

__version__ = "26.11.0"
