"""Checks for columns that give the target away: a copy of it, its one-hot code, a row number.

Candidates are chosen on a sample of the rows; all rows decide.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import Array, ranks_of
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.doctor.tables import SAMPLE, and_more, place_of, table

_ROWS = 30  # fewer may agree by chance
_AGREE = 0.98  # share of the rows, as a mean over classes, whose label the column tells
_EXPLAINED = 0.999  # share of a column's variance between classes, if it has more values than them
_LIKELY = 0.9  # the same in the sample, to be a candidate
_MONOTONE = 0.999  # rank correlation with the target
_VALUES = 20  # of a column that is monotone in the target; fewer targets are classes
_BLOCKS = 0.2  # times as many changes of class as in random order
_DROP = "Drop it, unless it is known before the label is."


def leaked_label(subject: Subject) -> Iterator[Finding]:
    """Warn about a column that alone tells the class of almost every row.

    A good feature separates classes, but its values vary within each. A copy of the label has one
    value per class or, with noise, values that hardly vary within a class.
    """
    x, labels = _table_and_labels(subject)
    if labels is None:
        return
    rows = subject.train.sample(SAMPLE)
    columns = np.flatnonzero(_explained(x[rows], labels[rows]) > _LIKELY)
    columns = columns[[_tells(x[:, column], labels) for column in columns]]
    if _are_beside_others(columns, x):
        yield warning(
            f"alone tells the label of {_agreement(x[:, columns[0]], labels):.1%} of the rows"
            f"{and_more(columns, subject.features)}. It is probably a copy of the label.",
            place_of(columns[0], subject),
            _DROP,
        )


def one_hot_label(subject: Subject) -> Iterator[Finding]:
    """Warn about columns that are the label, one-hot."""
    x, labels = _table_and_labels(subject)
    if labels is None or (classes := int(labels.max()) + 1) < 3:
        return
    rows = subject.train.sample(SAMPLE)
    columns = np.flatnonzero(_indicated(x[rows], labels[rows], classes) >= 0)
    indicated = _indicated(x[:, columns], labels, classes)
    columns, indicated = columns[indicated >= 0], indicated[indicated >= 0]
    if len(np.unique(indicated)) >= classes - 1 and _are_beside_others(columns, x):
        yield warning(
            f"is 1 for one class only, and so is another column for almost every class"
            f"{and_more(columns, subject.features)}. Together they are the label, one-hot.",
            place_of(columns[0], subject),
            "Drop these columns, unless they are known before the label is.",
        )


def leaked_target(subject: Subject) -> Iterator[Finding]:
    """Warn about a column of which a regression target is a monotone function."""
    x, y = table(subject), subject.train.y
    if x is None or subject.classes or y.shape != (len(x), 1) or len(x) < _ROWS:
        return
    rows, target = subject.train.sample(SAMPLE), y[:, 0]
    ranks = np.apply_along_axis(ranks_of, 0, np.column_stack([target[rows], x[rows]]))
    ranks -= ranks.mean(axis=0)
    length = np.sqrt(np.square(ranks).sum(axis=0))
    if not length[0]:
        return
    with np.errstate(invalid="ignore"):  # a constant column
        correlation = abs(ranks[:, 0] @ ranks[:, 1:]) / (length[0] * length[1:])
    columns = np.flatnonzero(correlation > _MONOTONE)
    columns = columns[[_is_monotone(x[:, column], target) for column in columns]]
    if _are_beside_others(columns, x):
        yield warning(
            f"rises or falls with the target in every row{and_more(columns, subject.features)}. "
            "It is probably the target in another unit.",
            place_of(columns[0], subject),
            "Drop it, unless it is known before the target is.",
        )


def numbered_rows(subject: Subject) -> Iterator[Finding]:
    """Warn about a row number that tells the class, because the file is sorted by class."""
    x, labels = _table_and_labels(subject)
    if labels is None:
        return
    parts = (subject.train, subject.held_out, subject.test)
    total = sum(len(part) for part in parts if part is not None)
    sample = x[subject.train.sample(SAMPLE)]
    candidates = np.flatnonzero((sample == np.round(sample)).all(axis=0))
    different = (np.diff(np.sort(sample[:, candidates], axis=0), axis=0) > 0).all(axis=0)
    share = np.bincount(labels) / len(labels)
    expected = len(labels) * (1 - float(np.square(share).sum()))
    for column in candidates[different]:
        values = x[:, column].astype(np.float64)
        if len(np.unique(values)) < len(values) or np.ptp(values) > 2 * total:
            continue
        changes = int(np.count_nonzero(np.diff(labels[np.argsort(values)])))
        if changes < _BLOCKS * expected:
            yield warning(
                f"numbers the rows from {values.min():.0f} to {values.max():.0f}, and along it the "
                f"class changes only {changes} time{'s' * (changes != 1)}: it tells the class of "
                "these rows because they were sorted by it, and of no new row.",
                place_of(column, subject),
                "Drop it.",
            )


def _table_and_labels(subject: Subject) -> tuple[Any, Any]:
    """Return the table and its labels, numbered without gaps from 0; None if there are none."""
    x, y = table(subject), subject.train.y
    if x is None or len(x) < _ROWS:
        return None, None
    labels = subject.labels(subject.train)
    if labels is None and y.ndim == 2:  # a regression loss may be used for classes, too
        one_hot = y.shape[1] > 1 and ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        labels = y.argmax(axis=1) if one_hot else y[:, 0] if y.shape[1] == 1 else None
    if labels is None or labels.ndim != 1:
        return None, None
    names, numbers = np.unique(labels, return_inverse=True)
    classes = subject.classes or _VALUES
    return x, numbers if 2 <= len(names) <= min(classes, len(x) // 2) else None


def _are_beside_others(columns: Array, x: Array) -> bool:
    """True if there are columns, and others that vary: else the task itself is to copy."""
    return 0 < len(columns) < int(np.count_nonzero(x.min(axis=0) < x.max(axis=0)))


def _means(x: Array, labels: Array) -> tuple[Array, Array]:
    """Return the mean of every column in each class (C, D), and the size of each class (C,)."""
    sizes = np.bincount(labels)
    order = np.argsort(labels, kind="stable")
    starts = np.flatnonzero(np.diff(labels[order], prepend=-1))
    sums = np.add.reduceat(x[order].astype(np.float64), starts, axis=0)
    means = np.zeros((len(sizes), x.shape[1]))
    means[sizes > 0] = sums / sizes[sizes > 0, None]
    return means, sizes


def _explained(x: Array, labels: Array) -> Array:
    """Return the share of each column's variance that is between the classes.   (N, D) -> (D,)

    It is 1 − (S_within / (N − C)) / (S_total / (N − 1)), which is 0 on average by chance.
    """
    x = x.astype(np.float64)
    x = x - x.mean(axis=0)
    means, sizes = _means(x, labels)
    total = np.square(x).sum(axis=0)
    within = total - sizes @ np.square(means)
    degrees = len(x) - np.count_nonzero(sizes)
    if degrees < 1:
        return np.ones(x.shape[1])  # too few rows to tell
    share = np.divide(within, total, out=np.ones_like(total), where=total > 0)
    return 1 - share * (len(x) - 1) / degrees


def _agreement(values: Array, labels: Array) -> float:
    """Return the mean over classes of the share of rows nearest to their own class's mean."""
    means, sizes = _means(values[:, None], labels)
    order = np.argsort(means[:, 0])
    bounds = (means[order[1:], 0] + means[order[:-1], 0]) / 2
    nearest = order[np.searchsorted(bounds, values)]
    return float(np.mean(np.bincount(labels, nearest == labels) / sizes))


def _tells(values: Array, labels: Array) -> bool:
    if _agreement(values, labels) < _AGREE:
        return False
    few = len(np.unique(values)) <= int(labels.max()) + 1
    return few or bool(_explained(values[:, None], labels)[0] > _EXPLAINED)


def _indicated(x: Array, labels: Array, classes: int) -> Array:
    """Return for each column the class of which it is the one-hot code, or -1."""
    if not x.shape[1]:
        return np.zeros(0, int)
    low, high = x.min(axis=0), x.max(axis=0)
    binary = ((x == low) | (x == high)).all(axis=0) & (low < high)
    means, sizes = _means(x == high, labels)
    inside = means.argmax(axis=0)
    others = means.copy()
    others[inside, np.arange(len(inside))] = 0
    exact = (means.max(axis=0) >= _AGREE) & (others.max(axis=0) <= 1 - _AGREE)
    return np.where(binary & exact & (sizes[inside] > 0), inside, -1)


def _is_monotone(values: Array, target: Array) -> bool:
    """True if the mean target of the rows with each value rises, or falls, with the value."""
    _, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    steps = np.diff(np.bincount(numbers, target.astype(np.float64)) / counts)
    rising = float((steps >= 0).mean()) if len(steps) else 0.5
    return len(counts) >= _VALUES and max(rising, float((steps <= 0).mean())) >= _AGREE
