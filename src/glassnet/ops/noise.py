"""Gaussian noise, added or multiplied."""

from glassnet.core.trees import Array
from glassnet.ops import ArrayPullback
from glassnet.ops.random import normal


def additive_noise(x: Array, stddev: float, key: Array) -> tuple[Array, ArrayPullback]:
    """y = x + stddev · n, n standard normal. Source: Bishop 1995, "Training with noise"."""
    return x + normal(key, x.shape, x.dtype) * stddev, lambda dy: dy


def multiplicative_noise(x: Array, stddev: float, key: Array) -> tuple[Array, ArrayPullback]:
    """y = x · (1 + stddev · n), n standard normal. Source: Srivastava et al. 2014, section 10."""
    factor = 1 + normal(key, x.shape, x.dtype) * stddev
    return x * factor, lambda dy: dy * factor
