"""Pooling: one number a channel for each window, or for all places. x (N, *places, C)."""

import math
from functools import reduce
from operator import add

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.padding import Widths, framed, pad
from glassnet.ops.windows import Sizes, cells, overlay


def max_pooling(
    x: Array, size: Sizes, strides: Sizes, widths: Widths
) -> tuple[Array, ArrayPullback]:
    """y[n, p, c] = the largest number of channel c in window p; of equal ones the first gets the
    gradient. `widths` is a frame around x in which no maximum can lie.
    """
    xp = namespace(x)
    geometry = (size, strides, (1,) * len(size))
    whole, back_pad = pad(x, widths, -math.inf)
    parts = list(cells(whole, *geometry))
    y = reduce(xp.maximum, parts)

    def pullback(dy: Array) -> Array:
        # The winner is cell 0 if that equals the maximum, else 1 + its number among the others.
        # Arithmetic on bytes takes NumPy a quarter of the time that `where` takes.
        dtype = xp.uint8 if len(parts) <= 256 else xp.int32
        one, winner = xp.asarray(1, dtype=dtype), xp.zeros(y.shape, dtype=dtype)
        for part in reversed(parts[:-1]):
            winner = (winner + one) * (part != y)
        shares = (dy * (winner == cell) for cell in range(len(parts)))
        return back_pad(overlay(shares, whole.shape[1:-1], *geometry))

    return y, pullback


def average_pooling(
    x: Array, size: Sizes, strides: Sizes, widths: Widths
) -> tuple[Array, ArrayPullback]:
    """y[n, p, c] = the mean of channel c in window p. `widths` is a frame that does not count."""
    xp = namespace(x)
    geometry = (size, strides, (1,) * len(size))
    whole, back_pad = pad(x, widths)
    inside = framed(xp.ones((1, *x.shape[1:-1], 1), dtype=x.dtype), widths)
    share = 1 / reduce(add, cells(inside, *geometry))

    def pullback(dy: Array) -> Array:
        shares = [dy * share] * math.prod(size)
        return back_pad(overlay(shares, whole.shape[1:-1], *geometry))

    return reduce(add, cells(whole, *geometry)) * share, pullback


def global_average_pooling(
    x: Array, mask: Array | None = None, keepdims: bool = False
) -> tuple[Array, ArrayPullback]:
    """y[n, c] = the mean of channel c over all places, or over the steps where mask (N, T) is true;
    0 where no step is.
    """
    xp = namespace(x)
    axes = tuple(range(1, x.ndim - 1))
    if mask is None:
        share = xp.full((1,) * x.ndim, 1 / math.prod(x.shape[1:-1]), dtype=x.dtype)
    else:
        kept = xp.astype(mask, x.dtype)[..., None]
        share = kept / xp.maximum(kept.sum(axis=1, keepdims=True), 1)

    def pullback(dy: Array) -> Array:
        return dy.reshape(len(x), *(1,) * len(axes), -1) * share + xp.zeros_like(x)

    return (x * share).sum(axis=axes, keepdims=keepdims), pullback


def global_max_pooling(x: Array, keepdims: bool = False) -> tuple[Array, ArrayPullback]:
    """y[n, c] = the largest number of channel c; of equal ones the first gets the gradient.

    It is known by its place. Not by being equal to y: XLA may compute x twice, and round it in two
    ways. (In Keras equal ones share the gradient.)
    """
    xp = namespace(x)
    axes = tuple(range(1, x.ndim - 1))
    y = x.max(axis=axes, keepdims=True)

    def pullback(dy: Array) -> Array:
        rows = x.reshape(len(x), -1, x.shape[-1])
        first = rows.argmax(axis=1, keepdims=True)
        places = xp.arange(rows.shape[1])[:, None]
        return xp.where(places == first, dy.reshape(len(x), 1, -1), 0).reshape(x.shape)

    return y if keepdims else y.reshape(len(x), -1), pullback
