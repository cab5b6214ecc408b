"""Checks for duplicate examples: within a split, across splits, or with different labels."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.core.arrays import as_tuple
from glassnet.core.plurals import are, counted
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject

SHARE = 0.01  # of a split's rows that also occur elsewhere
_DROP = "Drop the duplicates: rows = numpy.unique(x, axis=0, return_index=True)[1]."
_REMOVE = {"line": "Remove these lines from the file.", "file": "Remove these files."}
_MANY = 0.1  # of the training rows that are duplicates of others
_WIDE, _NARROW_LEAST = 16, 3  # values in a row; narrower rows need so many duplicates
_BITS, _SAMPLE = 64, 1000  # of a row that rarely has an equal by chance; rows to estimate from
_LETTERS, _DIFFERENT = 16, 50  # in a text; rows: fewer of them may recur by chance
_BEYOND = 10  # times as many duplicates as expected by chance


def _copies(part: Part) -> Any:
    """Return the indices of rows that are duplicates of earlier ones."""
    return np.flatnonzero(part.originals != np.arange(len(part)))


def _by_chance(subject: Subject) -> bool:
    """True if equal rows mean nothing: few different values, short texts, or one long text."""
    part = subject.train
    return (part.y.ndim > 1 and subject.loss.labels) or not _rich(part)


def _rich(part: Part) -> bool:
    """True if two rows are rarely equal by chance: a continuous column, or enough entropy.

    The entropies of the columns are added up, as if the columns were independent. If most rows are
    copies, one column may look continuous only because few different rows are left.
    """
    rows = np.flatnonzero(part.originals == np.arange(len(part)))
    mostly_copies = 2 * len(rows) < len(part)
    if part.texts:
        lengths = [len(part.texts[i]) for i in rows.tolist()]
        return not mostly_copies or sum(lengths) > _LETTERS * len(lengths)
    rows = rows[:: -(-len(rows) // _SAMPLE)]
    needed = 1 if not mostly_copies else 2 if len(rows) >= _DIFFERENT else np.inf
    bits, continuous = 0.0, 0
    for array in as_tuple(part.x):
        for column in array[rows].reshape(len(rows), -1).T:
            _, counts = np.unique(column, return_counts=True)
            share = counts / len(rows)
            bits -= float((share * np.log2(share)).sum())
            continuous += 2 * len(counts) >= len(rows) > 1
            if bits > _BITS or continuous >= needed:
                return True
    return False


def _least(subject: Subject, part: Part) -> float:
    """Return the number of duplicates above which they are not due to chance."""
    x, train = subject.train.x, subject.train
    few = 1 if isinstance(x, tuple) or x[0].size >= _WIDE else _NARROW_LEAST
    chance = (len(_copies(train)) + few) / len(train) if _by_chance(subject) else 0
    return max(few, SHARE * len(part), _BEYOND * chance * len(part))


def leaks(subject: Subject) -> Iterator[Finding]:
    """Warn about validation or test examples that also occur in the training set."""
    train = subject.train
    for part, fix in (
        (subject.held_out, "Group or drop the duplicates before splitting."),
        (subject.test, "Remove them from one of the two: test results will be too optimistic."),
    ):
        if part is None or subject.recurs:
            continue
        shared = np.flatnonzero(np.isin(part.digests, train.digests))
        if len(shared) >= _least(subject, part):
            copy = train.row((train.digests == part.digests[shared[0]]).argmax())
            yield warning(
                f"{len(shared)} of {counted(len(part), 'row')} {are(len(shared))} also in the "
                f"training set; the first is {part.row(shared[0])}, which equals training "
                f"{copy}.",
                part.name,
                fix,
            )


def duplicates(subject: Subject) -> Iterator[Finding]:
    """Warn about training examples that are duplicates of others."""
    part, copies = subject.train, _copies(subject.train)
    if len(copies) > _MANY * len(part) and not _by_chance(subject):
        yield warning(
            f"{len(copies)} of {len(part):,} rows are duplicates of others; the first is "
            f"{part.row(copies[0])}, a duplicate of {part.row(part.originals[copies[0]])}.",
            part.name,
            _REMOVE.get(part.unit, _DROP),
        )


def conflicts(subject: Subject) -> Iterator[Finding]:
    """Warn about equal inputs with different labels."""
    labels, part = subject.labels(subject.train), subject.train
    if labels is None:
        return
    conflicting = np.flatnonzero(labels[part.originals] != labels)
    if not _by_chance(subject) and len(conflicting) >= _least(subject, part):
        first, second = part.originals[conflicting[0]], conflicting[0]
        yield warning(
            f"{part.row(first)} and {part.row(second)} are equal, but have the labels "
            f"{subject.class_name(labels[first])} and {subject.class_name(labels[second])}; "
            f"{counted(len(conflicting), 'row has', 'rows have')} such a conflict.",
            part.labels_name,
            "Correct the labels, or drop those rows.",
        )
