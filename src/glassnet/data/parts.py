"""The training and the test rows of a table: by file, column, group or time, else a fifth."""

import numpy as np

from glassnet.core.errors import GlassnetError
from glassnet.data.columns import date, number
from glassnet.data.columns.base import cells
from glassnet.data.sources.tables import Table
from glassnet.data.splits import grouped_split, stratified_split

_TRAIN, _TEST = ("train", "training"), ("test", "testing")  # values of a column named split
SHARE, _SEED = 0.2, 0  # fixed, so that the data set is always the same


def by_column(table: Table, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows) by a column that holds train or test."""
    texts = table.frame[split].cast(str).fill_null("")
    words = texts.str.strip_chars().str.to_lowercase()
    trains, tests = (words.is_in([*names]).to_numpy() for names in (_TRAIN, _TEST))
    if not (trains | tests).all():
        row = int((trains | tests).argmin())
        raise GlassnetError(
            f"the column {split!r} has {texts[row]!r}, not train or test.",
            where=table.place(row),
            fix="glassnet splits off validation rows itself: mark them as train.",
        )
    for rows, names in ((trains, _TRAIN), (tests, _TEST)):
        if not rows.any():
            raise GlassnetError(
                f"no row of the column {split!r} is {names[0]}.",
                where=table.source,
                fix="Mark some, or rename the column: a fifth of the rows is then for testing.",
            )
    return np.flatnonzero(trains), np.flatnonzero(tests)


def by_time(table: Table, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows), both in the order of time; the latest fifth are tested.

    Rows with the time of the first test row are test rows, too.
    """
    times = times_of(table, column)
    order = np.argsort(times, kind="stable")
    start = np.searchsorted(times[order], times[order[round(len(order) * (1 - SHARE))]])
    if not start:
        raise GlassnetError(
            f"the column {column!r} does not tell earlier rows from later ones.",
            where="--time",
            fix="Give a column of dates or numbers with more values.",
        )
    return order[:start], order[start:]


def times_of(table: Table, column: str) -> np.ndarray:
    """Return the dates or numbers of a column as numbers; raises for other cells."""
    raw, texts = table.frame[column], cells(table.frame[column])
    sample = texts.drop_nulls().unique().head(1000)
    if raw.dtype.is_temporal() or (forms := date.forms_of(sample)):
        form = date.TYPED if raw.dtype.is_temporal() else forms[0]
        times = date.dates_of(raw, form).to_physical().cast(float)
    else:
        times = number.numbers_of(raw, next(iter(number.forms_of(sample)), number.PLAIN))
    if times.has_nulls():
        row = int(times.is_null().arg_max() or 0)
        raise GlassnetError(
            f"{column} is {raw[row]!r:.60}, neither a date nor a number.",
            where=table.place(row),
            fix="--time needs a date, such as 2026-01-31, or a number in every row.",
        )
    values: np.ndarray = times.to_numpy()
    return values


def by_group(strata: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows); no group is in both."""
    return grouped_split(strata, groups, SHARE, _SEED)


def by_chance(strata: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (training rows, test rows), with a fifth of each class for testing."""
    return stratified_split(strata, SHARE, _SEED)
