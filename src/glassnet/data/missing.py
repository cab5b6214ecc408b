"""Rows that miss what every row must have."""

from collections.abc import Sequence

import numpy as np

from glassnet.core.doubts import doubt
from glassnet.core.errors import GlassnetError
from glassnet.core.plurals import are, counted
from glassnet.data.columns.base import cells
from glassnet.data.sources.tables import Table
from glassnet.data.targets import Target


def rows_with_target(table: Table, target: Target) -> np.ndarray:
    """Return True for each row that has a target, (N,); doubts the others. Raises without any."""
    if target.may_be_empty:
        return np.ones(len(table), bool)
    names = target.columns
    none = f"no row has the target {names[0]!r}."
    return rows_with_all(table, names, ", ".join(names), none)


def rows_with_all(table: Table, columns: Sequence[str], named: str, none: str) -> np.ndarray:
    """Return True for each row with a cell in all of these columns, (N,); doubts the others.

    `named` are the columns in words; `none` is the error that is raised if there is no such row.
    """
    missing = np.zeros(len(table), bool)
    for name in columns:
        missing |= cells(table.frame[name]).is_null().to_numpy()
    count = int(missing.sum())
    if count and count == len(table):
        raise GlassnetError(none, where=table.source)
    if count:
        doubt(
            f"{named} is missing in {counted(count, 'row')} of {len(table):,}, which "
            f"{are(count)} left out.",
            table.place(int(missing.argmax())),
            "Fill it in, if it is known.",
        )
    return ~missing
