"""The mapping engine: rows read both ways, converters that can be undone, residue and loss."""

from msggw.translate.iso import TEXT, Context, Iso, code_table, simple
from msggw.translate.loss import Loss, LossKind, Severity
from msggw.translate.row import Group, Row, group, row
from msggw.translate.table import Reading, Table

__all__ = [
    "TEXT",
    "Context",
    "Group",
    "Iso",
    "Loss",
    "LossKind",
    "Reading",
    "Row",
    "Severity",
    "Table",
    "code_table",
    "group",
    "row",
    "simple",
]
