"""Dropout."""

from glassnet.ops import Pullback
from glassnet.ops.random import keep_mask
from glassnet.trees import Array


def dropout(x: Array, rate: float, key: Array) -> tuple[Array, Pullback]:
    """y = x · m / (1 − rate), with m 0 at each place with probability `rate`, else 1.

    The division keeps the mean of y at x ("inverted" dropout). Source: Srivastava et al. 2014.
    """
    mask = x.__array_namespace__().astype(keep_mask(key, x.shape, rate), x.dtype) * (1 / (1 - rate))

    def pullback(dy: Array) -> Array:
        return dy * mask

    return x * mask, pullback
