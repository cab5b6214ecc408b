"""Values that stand for missing ones among the numbers of a column: -999, -1 among positives."""

import numpy as np

from glassnet.core.arrays import Array

ROWS = 30  # fewer show no distribution
SAMPLE = 1000  # values, of which the different ones are counted
_DISTINCT = 5  # values besides it, at least
_OFTEN, _TIMES = 0.01, 5  # share of the rows, and number of them, with an extreme value by design
_USUAL = 0.2  # share of the rows with a value that is part of the scale, if an extreme one
_ZEROS, _AWAY = 0.35, 0.5  # share of the rows that are 0; distance of 0, over the others' spread
_HUGE = 1e15  # of this size, a single value is suspicious
_MANY = 10  # values: so many are measurements, not codes


def sentinel_of(numbers: Array) -> float | None:
    """Return the least or greatest number if it probably marks missing values, else None."""
    if len(numbers) < ROWS:
        return None
    ends = float(numbers.min()), float(numbers.max())
    return next((end for end in ends if is_sentinel(numbers, end)), None)


def is_sentinel(numbers: Array, end: float) -> bool:
    """True if the least or greatest of the numbers probably marks missing values."""
    others = numbers[numbers != end].astype(np.float64)
    distinct, count = len(np.unique(others[:SAMPLE])), len(numbers) - len(others)
    enough = max(_TIMES, _OFTEN * len(numbers))
    if end == -1:
        return distinct >= _MANY and others.min() > 0 and 3 <= count <= len(others)
    if distinct < _DISTINCT or not end or count > len(others):
        return False
    low, high = others.min(), others.max()
    far = max(low - end, end - high) > high - low
    often = enough <= count <= _USUAL * len(numbers)
    return bool(far and (_is_code(end) or (often and _is_round(end))))


def is_zero_sentinel(numbers: Array) -> bool:
    """True if zeros among larger numbers probably mark missing values.

    They are many, and further from the least of the others than half of its distance to the median,
    and than 5 times the usual distance between the least ones.
    """
    others = numbers[numbers != 0]
    count = len(numbers) - len(others)
    if not max(_TIMES, _OFTEN * len(numbers)) <= count <= _ZEROS * len(numbers):
        return False
    ordered, low = np.unique(others[:SAMPLE]), float(others.min())
    if low <= 0 or len(ordered) < _MANY:
        return False
    spacing = float(np.median(np.diff(ordered[:_MANY])))
    return low > max(_AWAY * (float(np.median(others)) - low), _TIMES * spacing)


def _is_round(value: float) -> bool:
    """True for numbers that people choose: negative ones, hundreds, and 88, 777, ..."""
    same = len({*f"{abs(value):.0f}"}) == 1 and abs(value) > _TIMES
    return value == round(value) and (value < 0 or same or value % 100 == 0)


def _is_code(value: float) -> bool:
    """True for -99, 999, -999, 9999, ... and values such as 1e20."""
    digits = f"{abs(value):.0f}"
    nines = set(digits) == {"9"} and len(digits) >= (2 if value < 0 else 3)
    return abs(value) >= _HUGE or (nines and value == round(value))
