"""Dropout of single values, or of whole slices that share one draw."""

import math

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.random import keep_mask


def dropout(
    x: Array, rate: float, key: Array, shape: tuple[int, ...] | None = None
) -> tuple[Array, ArrayPullback]:
    """y = x · m / (1 − rate), where each entry of m is 0 with probability `rate`, else 1.

    The division keeps the mean of y at x ("inverted" dropout). With a `shape`, m has that shape and
    is broadcast: along an axis of length 1, all entries are dropped or kept together.
    Sources: Srivastava et al. 2014; Tompson et al. 2015 (whole feature maps at once).
    """
    keep = keep_mask(key, shape or x.shape, rate)
    mask = namespace(x).astype(keep, x.dtype) * (1 / (1 - rate))
    return x * mask, lambda dy: dy * mask


_DROPPED = -1.7580993408473766  # the value of selu at −∞


def alpha_dropout(
    x: Array, rate: float, key: Array, shape: tuple[int, ...] | None = None
) -> tuple[Array, ArrayPullback]:
    """y = a (x m + α (1 − m)) + b, each entry of m 0 with probability `rate`, else 1.

    α = −1.758; a = 1 / √((1 − rate) (1 + rate α²)) and b = −a α rate keep mean 0 and variance 1.
    Source: Klambauer et al. 2017, "Self-normalizing neural networks".
    """
    keep = keep_mask(key, shape or x.shape, rate)
    a = 1 / math.sqrt((1 - rate) * (1 + rate * _DROPPED**2))
    mask = namespace(x).astype(keep, x.dtype)
    y = a * (x * mask + _DROPPED * (1 - mask)) - a * _DROPPED * rate
    return y, lambda dy: dy * (a * mask)
