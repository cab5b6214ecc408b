"""Which rows train, which validate, and in which order: functions of a seed, and of nothing else.

The everyday split is written in NumPy, because importing sklearn.model_selection costs 1 s and
90 MB; folds and groups are scikit-learn's.
"""

import math
from collections.abc import Iterator
from numbers import Real

import numpy as np

from glassnet.core.errors import GlassnetError


def stratified_split(y: np.ndarray, fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to validate on, each sorted; every class keeps its share.

    round(N · fraction) rows validate, shared among the classes by largest remainders; of each
    class at least one row trains and, if it has two or more, at least one validates. Raises
    GlassnetError where the fraction or the labels allow no such split.
    """
    _check_fraction(fraction)
    y = np.asarray(y).reshape(-1)
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    taken = _shares(counts, fraction)
    if not taken.sum():
        raise GlassnetError(
            f"no class has two rows to share out ({len(y)} rows).",
            where="validation_split",
            fix="Use more rows, or no validation split.",
        )
    # Shuffle all rows, then bring each class together: its first `taken` rows validate.
    order = _generator(seed).permutation(len(y))
    order = order[np.argsort(codes[order], kind="stable")]
    rank = np.arange(len(y)) - np.repeat(counts.cumsum() - counts, counts)
    validates = rank < np.repeat(taken, counts)
    return np.sort(order[~validates]), np.sort(order[validates])


def grouped_split(
    y: np.ndarray, groups: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows to train on and rows to validate on; no group is in both, and classes keep shares."""
    _check_fraction(fraction)
    return folds(y, max(2, round(1 / fraction)), seed, groups)[0]


def folds(
    y: np.ndarray, count: int, seed: int, groups: np.ndarray | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """`count` pairs of (rows to train on, rows to be judged on); each row is judged on once.

    Every class keeps its share, and no group is on both sides. Raises GlassnetError where the rows
    allow no such folds.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    y = np.asarray(y).reshape(-1)
    counts = np.bincount(y)
    most = min(counts[counts > 0].min(), len(y) if groups is None else len(np.unique(groups)))
    if not 2 <= count <= most:
        what = "examples of its rarest class" if groups is None else "groups, or of a class"
        raise GlassnetError(
            f"must be from 2 to {most}, the number of {what}; got {count}.",
            where="folds",
        )
    splitter = StratifiedKFold if groups is None else StratifiedGroupKFold
    made = splitter(count, shuffle=True, random_state=seed % 2**32)
    return list(made.split(np.zeros((len(y), 1)), y, groups))


def _shares(counts: np.ndarray, fraction: float) -> np.ndarray:
    """How many rows of each class validate: largest remainders, within 1 and count − 1."""
    most = counts - 1
    least = np.minimum(most, 1)
    total = min(max(round(counts.sum() * fraction), least.sum()), most.sum())
    exact = counts * fraction
    taken = np.clip(np.floor(exact).astype(np.int64), least, most)
    while taken.sum() < total:
        taken[np.where(taken < most, exact - taken, -np.inf).argmax()] += 1
    while taken.sum() > total:
        taken[np.where(taken > least, exact - taken, np.inf).argmin()] -= 1
    return taken


def tail_split(n: int, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """Keras's validation_split: rows from ⌊n · (1 − fraction)⌋ on validate, before any shuffle."""
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
    """The order of an epoch's rows: a permutation of 0..n−1 keyed by (seed, epoch).

    Philox counts instead of remembering, so a resumed run repeats the interrupted one's order.
    Source: J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
    """
    return _generator(seed, epoch).permutation(n)


def first_batches(n: int, size: int, seed: int, count: int) -> Iterator[np.ndarray]:
    """The rows of the first `count` batches of a training, shuffled anew for each epoch."""
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
