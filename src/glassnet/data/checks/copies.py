"""Checks for columns that give the target away: a copy of it, its parts, a row number.

Candidates are chosen on a sample of the rows; all rows decide.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.doubts import doubt
from glassnet.core.plurals import counted
from glassnet.data.checks import agreement
from glassnet.data.checks.agreement import AGREE, LIKELY, MONOTONE, ROWS
from glassnet.data.targets import Classes, Labels, Target

if TYPE_CHECKING:
    import polars as pl

_SAMPLE = 1000  # rows from which candidates are chosen
_LINEAR = 0.999  # squared correlation with the target
_EXACT = 1e-6  # share of the target's variance that a sum of columns may leave
_PART = 0.01  # of the target's standard deviation, from which a column is a part of the sum
_TIMES = 10  # rows for each column of a sum
_GOALS = 20  # labels or numbers that are looked at
_FEW = 50  # different numbers that may be codes of categories


def check_copies(
    source: str, typed: "pl.DataFrame", target: Target, values: Array, total: int
) -> None:
    """Doubt columns of typed training rows that alone tell the target; `total` counts all rows."""
    if len(typed) < ROWS:
        return
    for name, goal in _goals(target, values):
        classes = goal.dtype.kind == "i"
        notes = {}
        for column in typed:
            note = (
                _copy_of_class(column, goal, name) or _row_number(column, goal, total)
                if classes
                else _copy_of_number(column, goal, name)
            )
            if note:
                notes[column.name] = note
        if len(notes) == typed.width:  # then to copy is the task itself
            continue
        if not notes and not classes and (parts := _parts_of_sum(typed, goal)):
            others = ", ".join(map(repr, parts[1:]))
            notes[parts[0]] = f"and {others} add up to {name!r}, each times a constant."
        for column_name, note in notes.items():
            doubt(
                note,
                f"{source}: column {column_name!r}",
                f"Unless it is known before {name!r} is: --drop {column_name}.",
            )


def _goals(target: Target, values: Array) -> Iterator[tuple[str, Array]]:
    """Yield the name of each target, and its classes as integers or its numbers.   (N,)"""
    if isinstance(target, Classes):
        yield target.columns[0], values
        return
    for name, column in zip(target.names[:_GOALS], values.T, strict=False):
        goal = column.astype(np.int64) if isinstance(target, Labels) else column
        if name and np.ptp(goal):
            yield name, goal


def _copy_of_class(column: "pl.Series", labels: Array, name: str) -> str:
    """Return what is wrong with a column that alone tells the class; empty if it does not."""
    present, where = column, ""
    if column.has_nulls():
        missing = column.is_null().to_numpy()
        if agreement.tells(missing.astype(np.float64), labels):
            return f"is missing or not, and this alone tells {name!r} in nearly all rows."
        present, labels, where = column.filter(~missing), labels[~missing], ", where it has a value"
    if len(present) < ROWS or not _shared(present[(rows := _evenly(len(present)))], labels[rows]):
        return ""
    share = _shared(present, labels, AGREE)
    if not share:
        return ""
    return f"alone tells {name!r} in {share:.1%} of the rows{where}: it is probably a copy of it."


def _shared(values: "pl.Series", labels: Array, least: float = LIKELY) -> float:
    """Return the share of the rows whose class the values tell; 0 if it is below the `least`."""
    different, labels = np.unique(labels, return_inverse=True)
    if len(different) < 2:
        return 0.0
    if values.dtype != _string():
        numbers = values.to_physical().cast(float).to_numpy()
        sure = agreement.explained(numbers[:, None], labels)[0] > LIKELY
        if sure and (least < AGREE or agreement.tells(numbers, labels)):
            return agreement.agreement(numbers, labels)
        if values.n_unique() > _FEW:
            return 0.0
    share = majority(values, labels)
    return share if share >= least else 0.0


def _string() -> "type[pl.String]":
    import polars as pl

    return pl.String


def majority(values: "pl.Series", labels: Array) -> float:
    """Return the mean over classes of the share of rows whose class most others of its value have.

    A row itself does not count, so that rare values tell nothing.
    """
    codes = values.rank("dense").to_numpy().astype(np.int64) - 1
    classes = int(labels.max()) + 1
    pairs, inverse, counts = np.unique(
        codes * classes + labels, return_inverse=True, return_counts=True
    )
    order = np.lexsort((-counts, pairs // classes))
    first = np.flatnonzero(np.diff(pairs[order] // classes, prepend=-1))
    top, second = order[first], np.zeros(len(first), np.int64)
    has_two = np.diff(first, append=len(order)) > 1
    second[has_two] = counts[order[first[has_two] + 1]]
    most = counts[top][pairs // classes]
    rival = np.where(np.isin(np.arange(len(pairs)), top), second[pairs // classes], most)
    right = (counts - 1 > rival)[inverse]
    return float(np.mean(np.bincount(labels, right) / np.bincount(labels)))


def _row_number(column: "pl.Series", labels: Array, total: int) -> str:
    """Return what is wrong with numbers of the rows along which the class rarely changes."""
    if not column.dtype.is_numeric() or column.has_nulls():
        return ""
    values = column.to_numpy()
    sample = values[_evenly(len(values))]
    if (sample != np.round(sample)).any() or len(np.unique(sample)) < len(sample):
        return ""
    changes = agreement.blocks_of_classes(values, labels, total)
    if changes is None:
        return ""
    return (
        f"numbers the rows from {values.min():.0f} to {values.max():.0f}, and along it the class "
        f"changes only {counted(changes, 'time')}: it tells the class of these rows because they "
        "were sorted by it, and of no new row."
    )


def _copy_of_number(column: "pl.Series", goal: Array, name: str) -> str:
    """Return what is wrong with a column of which the target is a function; empty if it is none."""
    present = column.is_not_null().to_numpy()
    if column.dtype == _string() or present.sum() < ROWS:
        return ""
    values, goal = column.filter(present).to_physical().cast(float).to_numpy(), goal[present]
    sample = _evenly(len(values))
    if not np.ptp(values[sample]) or not np.ptp(goal[sample]):
        return ""
    linear = abs(_correlation(values[sample], goal[sample]))
    ranks = float(agreement.correlation_of_ranks(goal[sample], values[sample, None])[0])
    if linear**2 > _LINEAR:
        linear = abs(_correlation(values, goal))
    if linear**2 > _LINEAR:
        what = f"has a correlation of {linear:.5f} with {name!r}"
    elif ranks > MONOTONE and agreement.is_monotone(values, goal):
        what = f"rises or falls with {name!r} in every row"
    else:
        return ""
    where = ", where it has a value" if not present.all() else ""
    return f"{what}{where}: it is probably the same, in another unit or form."


def _parts_of_sum(typed: "pl.DataFrame", goal: Array) -> list[str]:
    """Return the columns whose sum, each times a constant, is the target; none if there is none."""
    rows = _evenly(len(typed))
    names = [c.name for c in typed if c.dtype.is_numeric() and not c[rows].has_nulls()]
    if len(names) < 2 or len(rows) < _TIMES * len(names):
        return []
    x = np.column_stack([typed[name][rows].to_numpy() for name in names])
    y = goal[rows] - goal[rows].mean()
    x = (x - x.mean(axis=0)) / np.where((spread := x.std(axis=0)) > 0, spread, 1)
    factors = np.linalg.lstsq(x, y, rcond=1e-9)[0]
    if np.square(y - x @ factors).sum() > _EXACT * np.square(y).sum():
        return []
    sizes = abs(factors)
    order = [at for at in np.argsort(-sizes) if sizes[at] > _PART * y.std()]
    return [names[at] for at in order] if len(order) > 1 else []


def _correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def _evenly(count: int) -> Array:
    """Return evenly spaced rows, because files are often sorted."""
    return np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).astype(np.int64))
