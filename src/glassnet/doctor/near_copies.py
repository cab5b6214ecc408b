"""A check for test and validation rows that are training rows with a little noise.

Rows are compared on a few random directions, where a near pair is near, too; a k-d tree finds such
pairs in N log N time, and they are then compared in full.
"""

import math
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from scipy.spatial import cKDTree

from glassnet.core.arrays import Array
from glassnet.doctor.duplicates import SHARE
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.subject import Part, Subject
from glassnet.doctor.tables import SAMPLE, is_tokens

_NEAR = 1e-3  # root mean square of the differences, in standard deviations of the columns
_GAP = 10.0  # times as far, there are hardly more pairs: by chance, there are many
_DIRECTIONS = 8
_LEAST = 3  # rows
_BLOCK = 1000  # rows projected at a time


def near_copies(subject: Subject) -> Iterator[Finding]:
    """Warn about validation or test rows that differ from a training row only by noise."""
    train = subject.train
    if isinstance(train.x, tuple) or is_tokens(subject) or len(train) < 2:
        return
    space = _Space(train)
    for part in (subject.held_out, subject.test):
        if part is None or not space.scale.any():
            continue
        rows = part.sample(SAMPLE)
        sampled = len(rows)
        rows = rows[~np.isin(part.digests[rows], train.digests)]  # `leaks` reports equal rows
        if not len(rows):
            continue
        rows, nearest, distances = space.neighbors(part, rows)
        near = np.flatnonzero(distances <= _NEAR)
        if len(near) >= max(_LEAST, SHARE * sampled) and 2 * len(near) > len(rows):
            first, original = part.row(rows[near[0]]), train.row(nearest[near[0]])
            yield warning(
                f"{len(near)} of {sampled:,} rows{' sampled' * (sampled < len(part))} differ from "
                f"a training row by less than {_NEAR:.1%} of a standard deviation; the first is "
                f"row {first}, near training row {original}.",
                part.name,
                "Remove such copies, or keep all copies of a row in one split: the results will be "
                "too optimistic.",
            )


class _Space:
    """The training rows, standardized, on a few random directions."""

    def __init__(self, train: Part) -> None:
        self.train = train
        sample = _flat(train, train.sample(SAMPLE))
        spread = sample.std(axis=0)
        self.center = sample.mean(axis=0)
        self.scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 0)
        # With this factor, the length of a difference is its root mean square.
        self.scale /= np.sqrt(max(np.count_nonzero(spread), 1))
        self.directions = np.random.default_rng(0).normal(size=(len(spread), _DIRECTIONS))

    @cached_property
    def tree(self) -> cKDTree:
        """The training rows on the directions."""
        return cKDTree(self.projected(self.train, np.arange(len(self.train))))

    def projected(self, part: Part, rows: Array) -> Array:
        """Return the rows on the directions, (N, 8)."""
        blocks = np.split(rows, np.arange(_BLOCK, len(rows), _BLOCK))
        weights = self.scale[:, None] * self.directions
        return np.concatenate([(_flat(part, block) - self.center) @ weights for block in blocks])

    def neighbors(self, part: Part, rows: Array) -> tuple[Array, Array, Array]:
        """Return those of the rows that have a training row within _GAP · _NEAR, its index, and
        its distance.
        """
        # On 8 directions, a distance is more than 6 times the true one in 1 of 50,000 pairs.
        reach = 6 * _GAP * _NEAR
        _, nearest = self.tree.query(self.projected(part, rows), distance_upper_bound=reach)
        rows, nearest = rows[nearest < len(self.train)], nearest[nearest < len(self.train)]
        difference = (_flat(part, rows) - _flat(self.train, nearest)) * self.scale
        distances = np.sqrt(np.square(difference).sum(axis=1))
        close = distances <= _GAP * _NEAR
        return rows[close], nearest[close], distances[close]


def _flat(part: Part, rows: Array) -> Array:
    return part.x[rows].reshape(len(rows), math.prod(part.x.shape[1:])).astype(np.float64)
