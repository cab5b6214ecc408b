"""Checks of a column of dates: those that stand for missing ones, and those far from all others."""

from typing import TYPE_CHECKING

import numpy as np

from glassnet.data.checks.reports import doubt_column, rows_in_words
from glassnet.data.columns.sentinels import ROWS
from glassnet.data.sources.tables import Table

if TYPE_CHECKING:
    import polars as pl

_MOST = 0.2  # share of the rows that may be far from the others
_YEAR = 365 * 86_400_000_000  # microseconds
_USED = {  # dates that programs write where there is none
    "0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01",
    "1970-01-01", "2099-12-31", "2999-12-31", "9999-12-31",
}  # fmt: skip


def check_dates(table: Table, name: str, values: "pl.Series") -> None:
    """Doubt the first or last date, if it is further from the others than they are apart."""
    present = values.drop_nulls().to_physical().to_numpy()
    if len(present) < ROWS:
        return
    for end in (int(present.min()), int(present.max())):
        others = present[present != end]
        if not len(others) or len(present) - len(others) > _MOST * len(present):
            continue
        low, high = int(others.min()), int(others.max())
        gap = max(low - end, end - high)
        day = _day(end)
        if gap <= (_YEAR if day in _USED else max(high - low, _YEAR)):
            continue
        rows = (values.to_physical() == end).fill_null(False).to_numpy()
        doubt_column(
            table,
            name,
            f"is {day} in {rows_in_words(table, rows)}, and {_day(low)} to {_day(high)} in all "
            "others." + f" Does {day} mean that the date is missing?" * (day in _USED),
            "Correct it, or leave the cell empty if the date is unknown.",
        )


def _day(microseconds: int) -> str:
    return str(np.datetime64(microseconds, "us").astype("datetime64[D]"))
