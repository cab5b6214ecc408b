"""The nearest neighbor of each image and all near-equal pairs: exact, without N² memory.

Images are compared as z = (x − mean(x)) / ‖x − mean(x)‖, so that brightness and contrast make no
difference: ‖z_i − z_j‖² = 2 − 2 r, r their correlation.
"""

from dataclasses import dataclass

import numpy as np

NEAR = 0.12  # of ‖z_i − z_j‖: a correlation of 0.993
_AXES = 64  # principal axes used for the search; candidates are then compared in full
_WIDE = 1024  # values in an example; if there are more, adjacent ones are first averaged
_BLOCK = 2**24  # products computed at a time
_PAIRS = 20_000  # compared at a time
_MOST = 100_000  # pairs compared in total: n similar examples have n² / 2


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Near pairs (P, 2), i < j, with their distances (P,), at most NEAR, the nearest first.

    `nearest` is each example's distance (N,) to the nearest one on the axes of the search;
    `left_out` is the number of candidate pairs that were too many to be compared in full.
    """

    pairs: np.ndarray
    distances: np.ndarray
    nearest: np.ndarray
    left_out: int


def neighbors(x: np.ndarray) -> Neighbors:
    """Find the neighbors of examples (N, ...). Constant ones have no z and thus none.

    The search misses nothing: on orthogonal axes no distance exceeds the full one, so every pair
    that is near in full is near on the principal axes, and such pairs are compared in full.
    """
    z = standard(x)
    on_axes = _on_axes(z)
    squares = (on_axes**2).sum(axis=1) / 2
    ones = np.ones_like(squares)
    left = np.column_stack([on_axes, -squares, -ones])
    right = np.column_stack([on_axes, ones, squares])
    near, nearest, candidates = -(NEAR**2) / 2, np.full(len(z), np.inf, np.float32), []
    size, remaining, left_out = max(1, _BLOCK // len(z)), _MOST, 0
    constant = np.logical_not(z.any(axis=1))
    for start in range(0, len(z), size):
        product = left[start : start + size] @ right.T  # −‖e_i − e_j‖² / 2
        rows = np.arange(len(product))
        product[rows, rows + start] = -np.inf
        product[:, constant] = -np.inf
        product[constant[start : start + size]] = -np.inf
        other = product.argmax(axis=1)
        best = product[rows, other]
        finite = np.flatnonzero(np.isfinite(best))
        nearest[start + finite] = np.linalg.norm(z[start + finite] - z[other[finite]], axis=1)
        close_rows = np.flatnonzero(best > near)
        is_near = product[close_rows] > near
        is_near &= np.arange(len(z)) > close_rows[:, None] + start  # each pair once
        counts = np.count_nonzero(is_near, axis=1)
        i, j = np.nonzero(is_near[: np.searchsorted(counts.cumsum(), remaining) + 1])
        candidates.append(np.column_stack([close_rows[i] + start, j])[:remaining])
        remaining -= len(candidates[-1])
        left_out += int(counts.sum()) - len(candidates[-1])
    pairs = np.concatenate(candidates)
    parts = [
        np.linalg.norm(z[part[:, 0]] - z[part[:, 1]], axis=1)
        for part in np.array_split(pairs, -(-len(pairs) // _PAIRS) or 1)
    ]
    distances = np.concatenate(parts)
    close = np.flatnonzero(distances <= NEAR)
    close = close[np.argsort(distances[close], kind="stable")]
    return Neighbors(pairs[close], distances[close], nearest, left_out)


def standard(x: np.ndarray) -> np.ndarray:
    """z of each example, 0 for constant ones.   (N, ...) -> (N, n), float32"""
    z = x.reshape(len(x), -1).astype(np.float32)
    z -= z.mean(axis=1, keepdims=True)
    length = np.linalg.norm(z, axis=1, keepdims=True)
    z /= np.where(length > 0, length, 1)
    return z


def _on_axes(z: np.ndarray) -> np.ndarray:
    """The examples projected onto their principal axes.   (N, n) -> (N, at most 64)

    If n is large, each k adjacent values are first summed and divided by √k: orthogonal axes, too.
    """
    k = -(-z.shape[1] // _WIDE)
    if k > 1:
        starts = np.arange(0, z.shape[1], k)
        z = np.add.reduceat(z, starts, axis=1) / np.float32(np.sqrt(k))
    _, axes = np.linalg.eigh((z.T @ z).astype(np.float64))
    return z @ axes[:, -_AXES:].astype(np.float32)
