"""How well one column of numbers alone tells the class, or another number.

The doctor uses it for arrays, and the checks of raw rows for columns of tables.
"""

import numpy as np

from glassnet.core.arrays import Array, ranks_of

ROWS = 30  # fewer may agree by chance
AGREE = 0.98  # share of the rows, as a mean over classes, whose label the column tells
LIKELY = 0.9  # share of the variance between classes in a sample, to be a candidate
MONOTONE = 0.999  # rank correlation with the target
_EXPLAINED = 0.999  # share of a column's variance between classes, if it has more values than them
_VALUES = 20  # of a column that is monotone in the target
_BLOCKS = 0.2  # times as many changes of class as in random order


def class_means(x: Array, labels: Array) -> tuple[Array, Array]:
    """Return the mean of every column in each class (C, D), and the size of each class (C,)."""
    sizes = np.bincount(labels)
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums = np.add.reduceat(x[order].astype(np.float64), starts, axis=0)
    means = np.zeros((len(sizes), x.shape[1]))
    means[sizes > 0] = sums / sizes[sizes > 0, None]
    return means, sizes


def explained(x: Array, labels: Array) -> Array:
    """Return the share of each column's variance that is between the classes.   (N, D) -> (D,)

    It is 1 − (S_within / (N − C)) / (S_total / (N − 1)), which is 0 on average by chance.
    """
    x = x.astype(np.float64)
    x = x - x.mean(axis=0)
    means, sizes = class_means(x, labels)
    total = np.square(x).sum(axis=0)
    within = total - sizes @ np.square(means)
    degrees = len(x) - np.count_nonzero(sizes)
    if degrees < 1:
        return np.ones(x.shape[1])  # too few rows to tell
    share = np.divide(within, total, out=np.ones_like(total), where=total > 0)
    return 1 - share * (len(x) - 1) / degrees


def agreement(values: Array, labels: Array) -> float:
    """Return the mean over classes of the share of rows nearest to their own class's mean."""
    means, sizes = class_means(values[:, None], labels)
    order = np.argsort(means[:, 0])
    bounds = (means[order[1:], 0] + means[order[:-1], 0]) / 2
    nearest = order[np.searchsorted(bounds, values)]
    return float(np.mean(np.bincount(labels, nearest == labels) / sizes))


def tells(values: Array, labels: Array) -> bool:
    """True if one value, or values that hardly vary, belong to each class in almost all rows."""
    if agreement(values, labels) < AGREE:
        return False
    few = len(np.unique(values)) <= int(labels.max()) + 1
    return few or bool(explained(values[:, None], labels)[0] > _EXPLAINED)


def is_monotone(values: Array, target: Array) -> bool:
    """True if the mean target of the rows with each value rises, or falls, with the value."""
    _, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    steps = np.diff(np.bincount(numbers, target.astype(np.float64)) / counts)
    rising = float((steps >= 0).mean()) if len(steps) else 0.5
    return len(counts) >= _VALUES and max(rising, float((steps <= 0).mean())) >= AGREE


def correlation_of_ranks(target: Array, x: Array) -> Array:
    """Return the size of the rank correlation of each column with the target.   (N, D) -> (D,)

    It is NaN for constant columns.
    """
    ranks = np.apply_along_axis(ranks_of, 0, np.column_stack([target, x]))
    ranks -= ranks.mean(axis=0)
    length = np.sqrt(np.square(ranks).sum(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return abs(ranks[:, 0] @ ranks[:, 1:]) / (length[0] * length[1:])


def blocks_of_classes(values: Array, labels: Array, total: int) -> int | None:
    """Return how often the class changes along numbers of the rows, if rarely; else None.

    Numbers of the rows are whole, all different, and from a range of twice as many as the `total`.
    """
    values = values.astype(np.float64)
    if (
        (values != np.round(values)).any()
        or np.ptp(values) > 2 * total
        or len(np.unique(values)) < len(values)
    ):
        return None
    share = np.bincount(labels) / len(labels)
    expected = len(labels) * (1 - float(np.square(share).sum()))
    changes = int(np.count_nonzero(np.diff(labels[np.argsort(values)])))
    return changes if changes < _BLOCKS * expected else None
