"""Draws for a batch: which examples, how far, how much.

Every draw is a whole number made from random bits, and other distributions are tables of their
quantiles, made once by NumPy in double precision and read at a random row. So NumPy and XLA draw
the very same numbers: a rounding that differs in the last place can't turn into another pixel.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from glassnet.core.protocols import Array, namespace
from glassnet.ops.random import random_bits

Table = np.ndarray[Any, np.dtype[Any]]
_ROWS = 4096  # of a table; a power of two, so that all rows are equally likely


def bits(key: Array, count: int) -> Array:
    """Uniform uint32 (count,), but for a few in 2³² draws.

    The remainder by a number that XLA can't know is what it calls expensive: it computes the draws
    once. Without it, it computes them anew wherever an example is read, for each pixel in each
    window of a convolution, and takes minutes to compile that.
    """
    xp = namespace(key)
    return random_bits(key, (count,)) % xp.maximum(key, xp.asarray(2**32 - 5, dtype=key.dtype))


def chosen(key: Array, count: int, probability: float) -> Array:
    """Booleans (count,), each true with the probability, rounded to 24 bits."""
    return (bits(key, count) >> 8) < round(probability * 2**24)


def pick(key: Array, count: int, table: Table) -> Array:
    """Rows of the table, all equally likely.   table (k, ...) -> (count, ...)."""
    xp = namespace(key)
    return xp.take(xp.asarray(table), bits(key, count) % len(table), axis=0)


def permutation(key: Array, count: int) -> Array:
    """The numbers below `count` in random order (in the order of as many random numbers)."""
    return namespace(key).argsort(random_bits(key, (count,)), stable=True)


def levels(lower: float, upper: float, count: int = _ROWS) -> Table:
    """The middles of `count` equal parts of an interval: the quantiles of a uniform draw."""
    return lower + (upper - lower) * (np.arange(count) + 0.5) / count


@lru_cache(64)
def beta_quantiles(alpha: float) -> Table:
    """The quantiles of Beta(α, α): the inverse of its distribution function, the regularised
    incomplete beta function, at `levels(0, 1)`.

    A table, because the exact samplers either reject (no fixed number of draws) or divide two
    gamma draws that both underflow for small α.
    """
    from scipy.special import betaincinv  # when first used: it takes long to import

    return np.asarray(betaincinv(alpha, alpha, levels(0, 1)))
