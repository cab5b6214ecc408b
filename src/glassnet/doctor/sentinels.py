"""Checks for values that stand for missing ones: -999, -1 among positive values, a mean."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.data.columns.sentinels import ROWS, is_sentinel
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.doctor.tables import SAMPLE, and_more, raw_table

_MANY, _TIMES = 10, 10  # different values of a column, and rows with the filled-in value
_SPIKE, _CONTINUOUS = 0.05, 0.9  # share of rows with the filled-in value; of the rest that differ


def sentinels(subject: Subject) -> Iterator[Finding]:
    """Warn about a value far outside a column's others that probably marks missing values."""
    x = raw_table(subject)
    if x is None or x.dtype.itemsize == 1 or len(x) < ROWS:  # bytes are pixels
        return
    sample = x[subject.train.sample(SAMPLE)]
    for ends in (x.min(axis=0), x.max(axis=0)):
        far = np.flatnonzero(_is_far(sample, ends) | (ends == -1))
        columns = far[[is_sentinel(x[:, column], float(ends[column])) for column in far]]
        if len(columns):
            first = columns[0]
            value, others = ends[first], x[:, first][x[:, first] != ends[first]]
            yield warning(
                f"is {value:.6g} in {len(x) - len(others):,} of {len(x):,} training rows, and "
                f"{others.min():.6g} to {others.max():.6g} in all others{and_more(columns)}. Does "
                f"{value:.6g} mean that the value is missing?",
                f"{subject.train.name}: column {first}",
                "Replace it by the median of the others, and add a column that is 1 where the "
                "value was missing.",
            )


def imputed(subject: Subject) -> Iterator[Finding]:
    """Warn about one value that was probably filled in for missing ones, such as the mean."""
    x = raw_table(subject)
    if x is None or len(x) < ROWS:
        return
    sample = np.sort(x[subject.train.sample(SAMPLE)], axis=0)
    distinct = 1 + np.count_nonzero(np.diff(sample, axis=0), axis=0)
    candidates = np.flatnonzero((distinct >= _MANY) & (distinct < len(sample)))
    spikes = [_spike(sample[:, column]) for column in candidates]
    columns = candidates[[spike is not None for spike in spikes]]
    if len(columns):
        value = next(spike for spike in spikes if spike is not None)
        count = np.count_nonzero(x[:, columns[0]] == value)
        yield warning(
            f"is {value:.6g} in {count:,} of {len(x):,} training rows, a value unlike the "
            f"others{and_more(columns)}. Was it filled in for missing values?",
            f"{subject.train.name}: column {columns[0]}",
            "Add a column that is 1 where the value was missing.",
        )


def _is_far(sample: Array, ends: Array) -> Array:
    """True for columns whose end is further from the other values than their range."""
    other = sample != ends
    low = np.where(other, sample, np.inf).min(axis=0)
    high = np.where(other, sample, -np.inf).max(axis=0)
    with np.errstate(invalid="ignore", over="ignore"):  # no other values
        return np.maximum(low - ends, ends - high) > high - low


def _spike(column: Array) -> Any:
    """Return the value inside a sorted column that was probably filled in, or None.

    It is shared by many rows where all other values differ, or the only one with more digits.
    """
    values, counts = np.unique(column, return_counts=True)
    inside = (values > values[0]) & (values < values[-1]) & (values != 0)
    common = inside & (counts >= max(_TIMES, _SPIKE * len(column)))
    top = int(counts.argmax())
    if common[top] and len(values) - 1 >= _CONTINUOUS * (len(column) - counts[top]):
        return values[top]
    for digits in range(3):
        longer = np.flatnonzero(np.round(values, digits) != values)
        if len(longer) == 1 and common[longer[0]]:
            return values[longer[0]]
    return None
