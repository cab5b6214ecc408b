"""Examples that come twice: in one part, in two parts, or with two different labels."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject

_SHARE = 0.01  # of a part's rows that are found elsewhere
_MANY = 0.1  # of the training rows that are copies of others
_WIDE, _NARROW_LEAST = 16, 3  # numbers in a row, of which fewer need so many copies
_BITS, _SAMPLE = 64, 1000  # in a row that is hardly equal by chance; rows to tell it from
_BEYOND = 10  # times as many copies as chance makes


def _again(part: Part) -> Any:
    """The rows that are copies of earlier ones."""
    return np.flatnonzero(part.originals != np.arange(len(part)))


def _by_chance(subject: Subject) -> bool:
    """Whether equal rows mean nothing: few different rows, few different values, a long text."""
    part = subject.train
    return (
        2 * len(_again(part)) > len(part)
        or (part.y.ndim > 1 and subject.loss.labels)
        or not _rich(part)
    )


def _rich(part: Part) -> bool:
    """Whether rows hold so much that hardly two are the same: a measured number, or many others.

    The numbers' entropies are added up, as if none followed from others.
    """
    if isinstance(part.x, tuple) or part.texts:
        return True
    rows = np.flatnonzero(part.originals == np.arange(len(part)))
    rows = rows[:: -(-len(rows) // _SAMPLE)]
    bits = 0.0
    for column in part.x[rows].reshape(len(rows), -1).T:
        _, counts = np.unique(column, return_counts=True)
        share = counts / len(rows)
        bits -= float((share * np.log2(share)).sum())
        if bits > _BITS or 2 * len(counts) >= len(rows) > 1:
            return True
    return False


def _least(subject: Subject, part: Part) -> float:
    """So many copies are no chance."""
    x, train = subject.train.x, subject.train
    few = 1 if isinstance(x, tuple) or x[0].size >= _WIDE else _NARROW_LEAST
    chance = (len(_again(train)) + few) / len(train) if _by_chance(subject) else 0
    return max(few, _SHARE * len(part), _BEYOND * chance * len(part))


def leaks(subject: Subject) -> Iterator[Finding]:
    """Held-out or test examples that are also trained on."""
    train = subject.train
    for part, mend in (
        (subject.held_out, "Group or drop the copies before splitting."),
        (subject.test, "Take them out of one of the two: the result will look better than it is."),
    ):
        if part is None:
            continue
        both = np.flatnonzero(np.isin(part.digests, train.digests))
        if len(both) >= _least(subject, part):
            copy = train.row((train.digests == part.digests[both[0]]).argmax())
            yield warning(
                f"{len(both)} of {len(part):,} rows are also trained on, the first is row "
                f"{part.row(both[0])}, which is training row {copy}.",
                part.name,
                mend,
            )


def duplicates(subject: Subject) -> Iterator[Finding]:
    """Training examples that are copies of others."""
    part, again = subject.train, _again(subject.train)
    if len(again) > _MANY * len(part) and not _by_chance(subject):
        yield warning(
            f"{len(again)} of {len(part):,} rows are copies of others, the first is row "
            f"{part.row(again[0])}, a copy of row {part.row(part.originals[again[0]])}.",
            part.name,
            "Drop the copies: rows = numpy.unique(x, axis=0, return_index=True)[1].",
        )


def conflicts(subject: Subject) -> Iterator[Finding]:
    """Equal inputs with different labels."""
    labels, part = subject.labels(subject.train), subject.train
    if labels is None:
        return
    again = np.flatnonzero(labels[part.originals] != labels)
    if not _by_chance(subject) and len(again) >= _least(subject, part):
        one, other = part.originals[again[0]], again[0]
        yield warning(
            f"rows {part.row(one)} and {part.row(other)} are equal, but have the labels "
            f"{subject.class_name(labels[one])} and {subject.class_name(labels[other])}; "
            f"{len(again)} rows are so.",
            part.labels_name,
            "Mend the labels, or drop those rows.",
        )
