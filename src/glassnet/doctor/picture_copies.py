"""A check for test and validation pictures that are training pictures in another form."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from glassnet.core.arrays import Array
from glassnet.core.plurals import are, counted
from glassnet.doctor.findings import Finding, warning
from glassnet.doctor.registration import (
    COUNT,
    descriptors,
    mirrored_descriptors,
    registered,
    thumbnails,
)
from glassnet.doctor.subject import Part
from glassnet.engines.numpy import one_thread

LEAST_SIDE = 12  # pixels; in smaller pictures, too many are alike

# The choices below are measured: docs/log.md.
_DISTANCE = 0.2  # √(1 − correlation) of a picture and its copy, at most
_RATIO = 0.3  # of that distance and the one to the training picture of rank `_RANK`, at most
_CELL = 0.5  # of the contrast: the difference in the worst cell of the pictures, at most
_GAINS = 0.7, 1.4  # of contrast
_RANK = 20
_NEAREST = 3  # candidates that are compared in full
_BLUR = 0.6, 0.75  # distance and ratio of descriptors, above which none is compared in full
_DETAIL = 2  # frequencies of a descriptor, at least, by their effective number 1 / Σ d⁴: all skies
# without clouds are alike
_SHARES = {False: 0.05, True: 0.1}  # of the rows, from which (mirrored) copies are reported
_LEAST = 3  # rows
_ROWS = 500  # that are compared with all training pictures
_BLOCK = 100  # pictures


class Pictures:
    """The training pictures, and the search for copies of them."""

    def __init__(self, train: Part) -> None:
        self.train = train

    @cached_property
    def descriptors(self) -> Array:
        return _descriptors(self.train, np.arange(len(self.train)))

    def changed(self, part: Part, rows: Array, sampled: int) -> Iterator[Finding]:
        """Warn if many of the rows are training pictures in another form."""
        every = -(-len(rows) // _ROWS) or 1
        rows, sampled = rows[::every], -(-sampled // every)
        with one_thread():
            copies, originals, mirrored = self.copies(part, rows)
        reported = np.zeros(len(copies), bool)
        for kind, share in _SHARES.items():
            if np.count_nonzero(mirrored == kind) >= max(_LEAST, share * sampled):
                reported |= mirrored == kind
        if reported.any():
            copies, originals, mirrored = (a[reported] for a in (copies, originals, mirrored))
            note = f", {np.count_nonzero(mirrored):,} of them mirrored" * bool(mirrored.any())
            yield warning(
                f"{len(copies):,} of {counted(sampled, 'row')}{' sampled' * (sampled < len(part))} "
                f"{are(len(copies))} a training picture in another size, quality, brightness or "
                f"crop{note}; the first is {part.row(copies[0])}, like training "
                f"{self.train.row(originals[0])}.",
                part.name,
                "Keep all forms of a picture in one split: the results will be too optimistic. "
                "Make such copies after splitting, for example by --augment.",
            )

    def copies(self, part: Part, rows: Array) -> tuple[Array, Array, Array]:
        """Return the rows that are copies, their originals, and whether they are mirrored."""
        worth, mirrored, candidates = self.candidates(_descriptors(part, rows))
        rows = rows[worth]
        originals = np.full(len(rows), -1)
        for block in _blocks(np.arange(len(rows))):
            pictures = thumbnails(part.x[rows[block]])
            pictures[mirrored[block]] = pictures[mirrored[block], :, :, ::-1]
            ranked = [registered(pictures, thumbnails(self.train.x[candidates[block, rank]]))
                      for rank in (*range(_NEAREST), -1)]  # fmt: skip
            distances = np.stack([other.distance for other in ranked])
            far = np.maximum(distances[-1], 1e-6)
            for rank, other in reversed([*enumerate(ranked[:-1])]):
                same = (
                    (other.distance <= _DISTANCE)
                    & (other.distance <= _RATIO * far)
                    & (other.worst_cell <= _CELL)
                    & (other.gain >= _GAINS[0])
                    & (other.gain <= _GAINS[1])
                )
                originals[block[same]] = candidates[block[same], rank]
        is_copy = originals >= 0
        return rows[is_copy], originals[is_copy], mirrored[is_copy]

    def candidates(self, values: Array) -> tuple[Array, Array, Array]:
        """Return the rows of descriptors that are worth a comparison, whether these are nearer if
        they are mirrored, and their nearest training pictures, (rows, `_RANK`).
        """
        rows, mirrored, nearest = [np.arange(0)], [np.zeros(0, bool)], [np.zeros((0, _RANK), int)]
        for block in _blocks(np.arange(len(values))):
            straight, turned = values[block], mirrored_descriptors(values[block])
            products, r = straight @ self.descriptors.T, turned @ self.descriptors.T
            nearer = r.max(axis=1) > products.max(axis=1) + 1e-4  # not if it is symmetric
            products[nearer] = r[nearer]
            squared = 1 - products.max(axis=1)  # of the distance to the nearest
            few = (products >= (1 - squared / _BLUR[1] ** 2)[:, None]).sum(axis=1) < _RANK
            detailed = (straight**4).sum(axis=1) <= 1 / _DETAIL
            worth = np.flatnonzero((squared <= _BLUR[0] ** 2) & few & detailed)
            products = products[worth]
            near = np.argpartition(-products, _RANK - 1, axis=1)[:, :_RANK]
            order = np.argsort(-np.take_along_axis(products, near, axis=1), axis=1, kind="stable")
            rows.append(block[worth])
            mirrored.append(nearer[worth])
            nearest.append(np.take_along_axis(near, order, axis=1))
        return np.concatenate(rows), np.concatenate(mirrored), np.concatenate(nearest)


def _descriptors(part: Part, rows: Array) -> Array:
    none = np.zeros((0, COUNT), np.float32)
    return np.concatenate([none, *(descriptors(part.x[block]) for block in _blocks(rows))])


def _blocks(rows: Array) -> list[Array]:
    return [rows[start : start + _BLOCK] for start in range(0, len(rows), _BLOCK)]
