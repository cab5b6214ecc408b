"""Random draws for the examples of a batch, identical on NumPy and XLA.

Every draw is an integer computed from random bits. Other distributions are tables of their
quantiles, computed once by NumPy in double precision and read at a random row. So NumPy and XLA
draw exactly the same values: a difference in rounding can't select another pixel.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from glassnet.core.protocols import Array, namespace
from glassnet.ops.random import random_bits

Table = np.ndarray[Any, np.dtype[Any]]
_ROWS = 4096  # in a table; a power of two, so that all rows are equally likely


def bits(key: Array, count: int) -> Array:
    """Return uniform uint32 values (count,), except for a few in 2³² draws.

    XLA considers a remainder by a value unknown to it expensive, so it computes the draws once.
    Otherwise it would recompute them wherever an example is read, for each pixel in each window of
    a convolution, and take minutes to compile that.
    """
    xp = namespace(key)
    return random_bits(key, (count,)) % xp.maximum(key, xp.asarray(2**32 - 5, dtype=key.dtype))


def bernoulli(key: Array, count: int, probability: float) -> Array:
    """Return booleans (count,), each true with `probability`, rounded to 24 bits."""
    return (bits(key, count) >> 8) < round(probability * 2**24)


def pick(key: Array, count: int, table: Table) -> Array:
    """Return random rows of the table, equally likely.   table (k, ...) -> (count, ...)."""
    xp = namespace(key)
    return xp.take(xp.asarray(table), bits(key, count) % len(table), axis=0)


def permutation(key: Array, count: int) -> Array:
    """Return 0..count−1 in random order (sorted by random bits)."""
    return namespace(key).argsort(random_bits(key, (count,)), stable=True)


def levels(lower: float, upper: float, count: int = _ROWS) -> Table:
    """Return the midpoints of `count` equal parts of an interval: quantiles of a uniform draw."""
    return lower + (upper - lower) * (np.arange(count) + 0.5) / count


@lru_cache(64)
def beta_quantiles(alpha: float) -> Table:
    """Return the quantiles of Beta(α, α): the inverse of its distribution function, the
    regularized incomplete beta function, at `levels(0, 1)`.

    A table, because the exact samplers either reject (no fixed number of draws) or divide two
    gamma draws that both underflow for small α.
    """
    from scipy.special import betaincinv  # imported on first use, because it takes long

    return betaincinv(alpha, alpha, levels(0, 1))
