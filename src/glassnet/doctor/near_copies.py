"""A check for test and validation rows that are training rows with a little noise; pictures also
in another form.

Rows are compared on a few random directions, where a near pair is near, too. Most data have no near
pair; otherwise, a k-d tree finds the neighbors in N log N time. The nearest one is a copy if it is
far nearer than the tenth.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from glassnet.core.arrays import Array
from glassnet.doctor.duplicates import SHARE
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.picture_copies import LEAST_SIDE, Pictures
from glassnet.doctor.subject import Part, Subject
from glassnet.doctor.tables import SAMPLE, is_tokens
from glassnet.engines.numpy import one_thread

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

_NEAR = 0.01  # root mean square of the differences, in standard deviations of the columns
_RATIO = 0.005  # of the distances to the nearest and to the tenth training row, at most
_TENTH, _FIFTH = 10, 5
_BEYOND = 5  # times as many copies as expected by chance
_LEAST = 3  # rows
_CONTINUOUS = 4  # columns of a table with mostly different values, in which copies are near
_DIRECTIONS = 8
_REACH = 8 * _NEAR  # on the directions; a near pair is further apart with probability 10⁻¹⁰
_BLOCK = 1000  # rows projected at a time


def near_copies(subject: Subject) -> Iterator[Finding]:
    """Warn about validation or test rows that differ from a training row only by noise, and about
    pictures in another size, quality, brightness or crop.
    """
    train, parts = subject.train, [subject.held_out, subject.test]
    if (
        isinstance(train.x, tuple)
        or is_tokens(subject)
        or subject.recurs
        or len(train) < 2 * _TENTH
    ):
        return
    if subject.features:  # rows with the same categories are near by chance
        columns = _continuous(train)
        if len(columns) < _CONTINUOUS:
            return
        train = replace(train, x=train.x[:, columns])
        parts = [part and replace(part, x=part.x[:, columns]) for part in parts]
    space, pictures = _Space(train), None
    for part in parts:
        if part is None or not space.scale.any():
            continue
        rows = part.sample(SAMPLE)
        sampled = len(rows)
        rows = rows[~np.isin(part.digests[rows], train.digests)]  # `leaks` reports equal rows
        copies, originals, by_chance = space.copies(part, rows)
        if len(copies) >= max(_LEAST, SHARE * sampled, _BEYOND * by_chance * sampled):
            yield warning(
                f"{len(copies)} of {sampled:,} rows{' sampled' * (sampled < len(part))} differ "
                f"from a training row by less than {_NEAR:.0%} of a standard deviation, and are "
                f"far from all others; the first is {part.row(copies[0])}, near training "
                f"{train.row(originals[0])}.",
                part.name,
                "Keep all copies of a row in one split: the results will be too optimistic.",
            )
        elif subject.pictures and min(train.x.shape[1:3]) >= LEAST_SIDE:
            pictures = pictures or Pictures(train)
            yield from pictures.changed(part, rows, sampled)


def _continuous(part: Part) -> Array:
    """Return the columns with mostly different values."""
    sample = part.x[part.sample(SAMPLE)]
    different = [len(np.unique(column)) for column in sample.T]
    return np.flatnonzero(2 * np.array(different) > len(sample))


class _Space:
    """The training rows, standardized, on a few random directions."""

    def __init__(self, train: Part) -> None:
        self.train = train
        sample = _flat(train, train.sample(SAMPLE))
        spread = sample.std(axis=0)
        if train.x.ndim > 2:  # the pixels of a picture share one unit
            spread[:] = sample.std()
        self.scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
        # With this factor, the length of a difference is its root mean square.
        self.scale /= math.sqrt(max(int(np.count_nonzero(spread)), 1))
        directions = np.random.default_rng(0).normal(size=(len(spread), _DIRECTIONS))
        self.weights = self.scale[:, None] * directions

    @cached_property
    def points(self) -> Array:
        """The training rows on the directions."""
        return self.projected(self.train, np.arange(len(self.train)))

    @cached_property
    def lines(self) -> Array:
        """The same, sorted along the first direction, (8, N)."""
        return np.ascontiguousarray(self.points[np.argsort(self.points[:, 0])].T)

    @cached_property
    def tree(self) -> "cKDTree":
        from scipy.spatial import cKDTree  # takes as long to import as all other checks

        return cKDTree(self.points)

    def projected(self, part: Part, rows: Array) -> Array:
        """Return the rows on the directions, (N, 8)."""
        blocks = np.split(rows, np.arange(_BLOCK, len(rows), _BLOCK))
        with one_thread():
            return np.concatenate([_flat(part, block) @ self.weights for block in blocks])

    def near(self, points: Array) -> int:
        """Return the number of points with a training row within reach on every direction."""
        lines, count = self.lines, 0
        first = np.searchsorted(lines[0], points[:, 0] - _REACH)
        last = np.searchsorted(lines[0], points[:, 0] + _REACH)
        for start, end, point in zip(first, last, points, strict=True):
            rows = start + np.flatnonzero(abs(lines[1, start:end] - point[1]) <= _REACH)
            count += bool((abs(lines[:, rows] - point[:, None]) <= _REACH).all(axis=0).any())
        return count

    def copies(self, part: Part, rows: Array) -> tuple[Array, Array, float]:
        """Return the rows that are near copies, their originals, and the share due to chance.

        In k dimensions, the distance to the m-th neighbor grows like m^(1/k), so that the nearest
        is within r times the distance of the tenth by chance with probability 10 rᵏ.
        """
        points = self.projected(part, rows)
        if self.near(points) < _LEAST:
            return rows[:0], rows[:0], 0.0
        distances, neighbors = self.tree.query(points, _TENTH)
        fifth, tenth = distances[:, _FIFTH - 1], distances[:, -1]
        near = distances[:, 0] <= _RATIO * tenth
        growth = np.median(tenth[fifth > 0] / fifth[fifth > 0]) if fifth.any() else 1.0
        dimensions = math.log(_TENTH / _FIFTH) / math.log(max(growth, 1.01))
        originals = neighbors[near, 0]
        difference = (_flat(part, rows[near]) - _flat(self.train, originals)) * self.scale
        close = np.sqrt(np.square(difference).sum(axis=1)) <= _NEAR
        return rows[near][close], originals[close], _TENTH * _RATIO**dimensions


def _flat(part: Part, rows: Array) -> Array:
    return part.x[rows].reshape(len(rows), math.prod(part.x.shape[1:])).astype(np.float64)
