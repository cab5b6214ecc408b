"""Dropout of single values, or of whole slices that share one draw."""

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
