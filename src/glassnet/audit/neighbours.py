"""Each picture's nearest other one, and all pairs that are nearly equal: exact, without N² memory.

Pictures are compared as z = (x − mean(x)) / ‖x − mean(x)‖, so that brightness and contrast make no
difference: ‖z_i − z_j‖² = 2 − 2 r with r their correlation.
"""

from dataclasses import dataclass

import numpy as np

NEAR = 0.12  # of ‖z_i − z_j‖: a correlation of 0.993
_AXES = 64  # of the search; the rest is looked at for the few that are near there
_WIDE = 1024  # numbers in an example; of more, neighbours are first averaged
_BLOCK = 2**24  # products at a time
_PAIRS = 20_000  # to compare at a time
_MOST = 100_000  # pairs to compare at all: of n alike examples there are n² / 2


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Pairs (P, 2) with i < j that are nearer than NEAR, their distances (P,), nearest first; and
    each example's distance (N,) to the one that is nearest on the search's axes. `left_out` is how
    many pairs, near on those axes, were too many to be compared in full.
    """

    pairs: np.ndarray
    distances: np.ndarray
    nearest: np.ndarray
    left_out: int


def neighbours(x: np.ndarray) -> Neighbours:
    """Of examples (N, ...). Constant ones, which have no z, are far from all others.

    The search is lossless: on orthogonal axes no distance is longer than in full. So what is near
    in full is near on the principal axes, and what is near there is compared in full.
    """
    z = standard(x)
    on_axes = _on_axes(z)
    squares = (on_axes**2).sum(axis=1) / 2
    ones = np.ones_like(squares)
    left = np.column_stack([on_axes, -squares, -ones])
    right = np.column_stack([on_axes, ones, squares])
    near, nearest, found = -(NEAR**2) / 2, np.full(len(z), np.inf, np.float32), []
    size, room, left_out = max(1, _BLOCK // len(z)), _MOST, 0
    blank = np.logical_not(z.any(axis=1))
    for start in range(0, len(z), size):
        product = left[start : start + size] @ right.T  # −‖e_i − e_j‖² / 2
        rows = np.arange(len(product))
        product[rows, rows + start] = -np.inf
        product[:, blank] = -np.inf
        product[blank[start : start + size]] = -np.inf
        other = product.argmax(axis=1)
        best = product[rows, other]
        known = np.flatnonzero(np.isfinite(best))
        nearest[start + known] = np.linalg.norm(z[start + known] - z[other[known]], axis=1)
        some = np.flatnonzero(best > near)
        alike = product[some] > near
        alike &= np.arange(len(z)) > some[:, None] + start  # each pair once
        counts = np.count_nonzero(alike, axis=1)
        i, j = np.nonzero(alike[: np.searchsorted(counts.cumsum(), room) + 1])
        found.append(np.column_stack([some[i] + start, j])[:room])
        room -= len(found[-1])
        left_out += int(counts.sum()) - len(found[-1])
    pairs = np.concatenate(found)
    gaps = [
        np.linalg.norm(z[part[:, 0]] - z[part[:, 1]], axis=1)
        for part in np.array_split(pairs, -(-len(pairs) // _PAIRS) or 1)
    ]
    distances = np.concatenate(gaps)
    close = np.flatnonzero(distances <= NEAR)
    close = close[np.argsort(distances[close], kind="stable")]
    return Neighbours(pairs[close], distances[close], nearest, left_out)


def standard(x: np.ndarray) -> np.ndarray:
    """z of each example; 0 of a constant one.   (N, ...) -> (N, n), float32"""
    z = x.reshape(len(x), -1).astype(np.float32)
    z -= z.mean(axis=1, keepdims=True)
    length = np.linalg.norm(z, axis=1, keepdims=True)
    z /= np.where(length > 0, length, 1)
    return z


def _on_axes(z: np.ndarray) -> np.ndarray:
    """The examples on the principal axes of all of them.   (N, n) -> (N, at most 64)

    Of many numbers, each k neighbours are first summed and divided by √k: orthogonal axes, too.
    """
    k = -(-z.shape[1] // _WIDE)
    if k > 1:
        starts = np.arange(0, z.shape[1], k)
        z = np.add.reduceat(z, starts, axis=1) / np.float32(np.sqrt(k))
    _, axes = np.linalg.eigh((z.T @ z).astype(np.float64))
    made: np.ndarray = z @ axes[:, -_AXES:].astype(np.float32)
    return made
