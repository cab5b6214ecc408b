"""Dropout."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.random import keep_mask


def dropout(
    x: Array, rate: float, key: Array, shape: tuple[int, ...] | None = None
) -> tuple[Array, ArrayPullback]:
    """y = x · m / (1 − rate), with m 0 at each place with probability `rate`, else 1.

    The division keeps the mean of y at x ("inverted" dropout). With a `shape`, m has that shape and
    is broadcast: where it has length 1, all places share their fate.
    Sources: Srivastava et al. 2014; Tompson et al. 2015 (whole feature maps at once).
    """
    kept = keep_mask(key, shape or x.shape, rate)
    mask = namespace(x).astype(kept, x.dtype) * (1 / (1 - rate))

    def pullback(dy: Array) -> Array:
        return dy * mask

    return x * mask, pullback
