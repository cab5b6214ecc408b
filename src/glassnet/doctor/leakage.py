"""Checks for columns that give the target away: a copy of it, its one-hot code, a row number.

Candidates are chosen on a sample of the rows; all rows decide.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.plurals import counted
from glassnet.data.checks.agreement import (
    AGREE,
    LIKELY,
    MONOTONE,
    ROWS,
    agreement,
    blocks_of_classes,
    class_means,
    correlation_of_ranks,
    explained,
    is_monotone,
    tells,
)
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Subject
from glassnet.doctor.tables import SAMPLE, and_more, place_of, raw_table

_VALUES = 20  # of a target: fewer are classes
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
    columns = np.flatnonzero(explained(x[rows], labels[rows]) > LIKELY)
    columns = columns[[tells(x[:, column], labels) for column in columns]]
    if _are_beside_others(columns, x):
        yield warning(
            f"alone tells the label of {agreement(x[:, columns[0]], labels):.1%} of the rows"
            f"{and_more(columns)}. It is probably a copy of the label.",
            place_of(subject, columns[0]),
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
            f"{and_more(columns)}. Together they are the label, one-hot.",
            place_of(subject, columns[0]),
            "Drop these columns, unless they are known before the label is.",
        )


def leaked_target(subject: Subject) -> Iterator[Finding]:
    """Warn about a column of which a regression target is a monotone function."""
    x, y = raw_table(subject), subject.train.y
    if x is None or subject.classes or y.shape != (len(x), 1) or len(x) < ROWS:
        return
    rows, target = subject.train.sample(SAMPLE), y[:, 0]
    columns = np.flatnonzero(correlation_of_ranks(target[rows], x[rows]) > MONOTONE)
    columns = columns[[is_monotone(x[:, column], target) for column in columns]]
    if _are_beside_others(columns, x):
        yield warning(
            f"rises or falls with the target in every row{and_more(columns)}. "
            "It is probably the target in another unit.",
            place_of(subject, columns[0]),
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
    for column in candidates[different]:
        values = x[:, column]
        if (changes := blocks_of_classes(values, labels, total)) is not None:
            yield warning(
                f"numbers the rows from {values.min():.0f} to {values.max():.0f}, and along it the "
                f"class changes only {counted(changes, 'time')}: it tells the class of "
                "these rows because they were sorted by it, and of no new row.",
                place_of(subject, column),
                "Drop it.",
            )


def _table_and_labels(subject: Subject) -> tuple[Any, Any]:
    """Return the table and its labels, numbered without gaps from 0; None if there are none."""
    x, y = raw_table(subject), subject.train.y
    if x is None or len(x) < ROWS:
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


def _indicated(x: Array, labels: Array, classes: int) -> Array:
    """Return for each column the class of which it is the one-hot code, or -1."""
    if not x.shape[1]:
        return np.zeros(0, int)
    low, high = x.min(axis=0), x.max(axis=0)
    binary = ((x == low) | (x == high)).all(axis=0) & (low < high)
    means, sizes = class_means(x == high, labels)
    inside = means.argmax(axis=0)
    others = means.copy()
    others[inside, np.arange(len(inside))] = 0
    exact = (means.max(axis=0) >= AGREE) & (others.max(axis=0) <= 1 - AGREE)
    return np.where(binary & exact & (sizes[inside] > 0), inside, -1)
