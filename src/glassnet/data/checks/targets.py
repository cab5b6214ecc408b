"""Checks of what is predicted."""

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.errors import GlassnetError
from glassnet.data.checks.numbers import check_numbers
from glassnet.data.columns.base import cells
from glassnet.data.dataset import check_classes
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Classes, Labels, Target


def check_numbers_of_target(table: Table, target: Target) -> None:
    """Doubt numbers to predict that are far from all others, or that mark missing ones."""
    import polars as pl

    if isinstance(target, Classes | Labels):
        return
    for name, numbers in zip(target.columns, target.values(table).T, strict=True):
        check_numbers(table, name, pl.Series(numbers), cells(table.frame[name]).head(1000))


def require_variety(target: Target, values: Array, source: str) -> None:
    """Raise if there is nothing to learn."""
    if target.kind == "classes" and len(target.class_names) == 1:
        raise GlassnetError(
            f"{target.columns[0]} is {target.class_names[0]!r:.60} in all training rows.",
            where=source,
            fix="Predict a column that varies.",
        )
    if target.kind == "classes":
        check_classes(values, target.class_names, source)
        return
    constant = np.flatnonzero((values == values[0]).all(axis=0))
    if len(constant):
        name, value = target.names[constant[0]], values[0, constant[0]]
        raise GlassnetError(
            f"{name} is {value:g} in all training rows.",
            where=source,
            fix="Predict a column that varies.",
        )
