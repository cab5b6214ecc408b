"""Train/validation splits, folds and the order of batches, all determined by a seed.

The common split is written in NumPy, because importing sklearn.model_selection costs 1 s and
90 MB; folds and groups use scikit-learn.
"""

import math
from collections.abc import Iterator
from numbers import Real

import numpy as np

from glassnet.core.errors import GlassnetError


def stratified_split(y: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the training rows and the validation rows, both sorted; class shares are preserved.

    round(N · fraction) rows are for validation, divided among the classes by largest remainders;
    each class has at least one training row and, if it has two or more rows, at least one
    validation row. Raises GlassnetError if the fraction or the labels allow no such split.
    """
    _check_fraction(fraction)
    y = np.asarray(y).reshape(-1)
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    held_out = _validation_counts(counts, fraction)
    if not held_out.sum():
        raise GlassnetError(
            f"no class has two rows to split ({len(y)} rows).",
            where="validation_split",
            fix="Use more rows, or no validation split.",
        )
    # Shuffle all rows, then sort them by class: the first `held_out` rows of each validate.
    order = _generator(seed).permutation(len(y))
    order = order[np.argsort(codes[order], kind="stable")]
    rank = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)
    validates = rank < np.repeat(held_out, counts)
    return np.sort(order[~validates]), np.sort(order[validates])


def grouped_split(
    y: np.ndarray, groups: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return training and validation rows; no group is in both, and class shares are similar.

    With fewer than 1 / fraction groups, one of them is for validation.
    """
    _check_fraction(fraction)
    count = min(max(2, round(1 / fraction)), len(np.unique(groups)))
    return folds(y, count, seed, groups)[0]


def folds(
    y: np.ndarray, count: int, seed: int, groups: np.ndarray | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return `count` pairs of (training rows, test rows); each row is a test row once.

    Class shares are preserved, and no group is on both sides. Raises GlassnetError if the rows
    allow no such folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    y = np.asarray(y).reshape(-1)
    counts = np.bincount(y)
    most = min(counts[counts > 0].min(), len(y) if groups is None else len(np.unique(groups)))
    if not 2 <= count <= most:
        what = "examples of the rarest class" if groups is None else "groups, or of a class"
        raise GlassnetError(
            f"must be from 2 to {most}, the number of {what}; got {count}.",
            where="folds",
        )
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    splits = splitter(count, shuffle=True, random_state=seed % 2**32)
    return list(splits.split(np.zeros((len(y), 1)), y, groups))


def _validation_counts(counts: np.ndarray, fraction: float) -> np.ndarray:
    """Return the validation rows per class: largest remainders, between 1 and count − 1."""
    most = counts - 1
    least = np.minimum(most, 1)
    total = min(max(round(counts.sum() * fraction), least.sum()), most.sum())
    exact = counts * fraction
    rows = np.clip(np.floor(exact).astype(np.int64), least, most)
    while rows.sum() < total:
        rows[np.where(rows < most, exact - rows, -np.inf).argmax()] += 1
    while rows.sum() > total:
        rows[np.where(rows > least, exact - rows, np.inf).argmin()] -= 1
    return rows


def tail_split(n: int, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """Keras's validation_split: before any shuffle, rows from ⌊n · (1 − fraction)⌋ on validate."""
    _check_fraction(fraction)
    start = math.floor(n * (1.0 - fraction))
    if not 0 < start < n:
        raise GlassnetError(
            f"{fraction:g} of {n} rows leaves none to {'train' if start < 1 else 'validate'} on.",
            where="validation_split",
            fix="Use more rows, or another fraction.",
        )
    return np.arange(start), np.arange(start, n)


def epoch_order(n: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order of an epoch's rows: a permutation of 0..n−1 keyed by (seed, epoch).

    Philox is counter-based, without state, so a resumed run has the order of the interrupted one.
    Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
    """
    return _generator(seed, epoch).permutation(n)


def first_batches(n: int, size: int, seed: int, count: int) -> Iterator[np.ndarray]:
    """Yield the rows of the first `count` batches of training, reshuffled in each epoch."""
    each_epoch = range(0, n, size)
    for step in range(count):
        if step % len(each_epoch) == 0:
            order = epoch_order(n, seed, step)
        start = each_epoch[step % len(each_epoch)]
        yield order[start : start + size]


def _generator(seed: int, *place: int) -> np.random.Generator:
    if seed < 0 or seed >= 2**64:
        raise GlassnetError(f"must be a whole number from 0 to 2⁶⁴−1, got {seed}.", where="seed")
    if place:
        return np.random.Generator(np.random.Philox(key=np.array([seed, *place], np.uint64)))
    return np.random.Generator(np.random.Philox(seed))


def _check_fraction(fraction: float) -> None:
    if not isinstance(fraction, Real) or not 0.0 < fraction < 1.0:
        raise GlassnetError(
            f"must lie between 0 and 1, got {fraction!r:.80}.",
            where="validation_split",
            fix="0.1 holds out a tenth of the rows.",
        )
