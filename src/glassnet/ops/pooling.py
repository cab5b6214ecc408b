"""Max and average pooling over windows or over all positions of x (N, *spatial, C)."""

import math
from functools import reduce
from operator import add

from glassnet.core.protocols import Array, Namespace, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.merging import maximum
from glassnet.ops.padding import Widths, pad, padded
from glassnet.ops.resampling import along
from glassnet.ops.windows import Sizes, cells, overlay


def max_pooling(
    x: Array, size: Sizes, strides: Sizes, widths: Widths
) -> tuple[Array, ArrayPullback]:
    """y[n, p, c] = the maximum of channel c in window p; among ties, the first gets the gradient.

    `widths` pads x with −∞, which is never the maximum.
    """
    xp = namespace(x)
    geometry = (size, strides, (1,) * len(size))
    padded_x, back_pad = pad(x, widths, -math.inf)
    parts = list(cells(padded_x, *geometry))
    y = reduce(xp.maximum, parts)

    def pullback(dy: Array) -> Array:
        # The winner is cell 0 if that equals the maximum, else 1 + its index among the others.
        # On NumPy, arithmetic on bytes takes a quarter of the time of `where`.
        dtype = xp.uint8 if len(parts) <= 256 else xp.int32
        one, winner = xp.asarray(1, dtype=dtype), xp.zeros(y.shape, dtype=dtype)
        for part in reversed(parts[:-1]):
            winner = (winner + one) * (part != y)
        shares = (dy * (winner == cell) for cell in range(len(parts)))
        return back_pad(overlay(shares, padded_x.shape[1:-1], *geometry))

    return y, pullback


def average_pooling(
    x: Array, size: Sizes, strides: Sizes, widths: Widths
) -> tuple[Array, ArrayPullback]:
    """y[n, p, c] = the mean of channel c in window p, without the padding of `widths`."""
    xp = namespace(x)
    geometry = (size, strides, (1,) * len(size))
    padded_x, back_pad = pad(x, widths)
    inside = padded(xp.ones((1, *x.shape[1:-1], 1), dtype=x.dtype), widths)
    share = 1 / reduce(add, cells(inside, *geometry))

    def pullback(dy: Array) -> Array:
        shares = [dy * share] * math.prod(size)
        return back_pad(overlay(shares, padded_x.shape[1:-1], *geometry))

    return reduce(add, cells(padded_x, *geometry)) * share, pullback


def global_average_pooling(
    x: Array, mask: Array | None = None, keepdims: bool = False
) -> tuple[Array, ArrayPullback]:
    """y[n, c] = the mean of channel c over all positions, or over the steps where mask (N, T) is
    true; 0 where the mask is false at all steps.
    """
    xp = namespace(x)
    axes = tuple(range(1, x.ndim - 1))
    if mask is None:
        share = xp.full((1,) * x.ndim, 1 / math.prod(x.shape[1:-1]), dtype=x.dtype)
    else:
        weights = xp.astype(mask, x.dtype)[..., None]
        share = weights / xp.maximum(weights.sum(axis=1, keepdims=True), 1)
    y = (x * share).sum(axis=axes, keepdims=keepdims)
    return y, lambda dy: dy.reshape(len(x), *(1,) * len(axes), -1) * share + xp.zeros_like(x)


def global_max_pooling(x: Array, keepdims: bool = False) -> tuple[Array, ArrayPullback]:
    """y[n, c] = the maximum of channel c; among ties, the first gets the gradient.

    The maximum is found by argmax, not by comparing x with y: XLA may compute x twice and round it
    differently. (In Keras, ties share the gradient.)
    """
    xp = namespace(x)
    axes = tuple(range(1, x.ndim - 1))
    y = x.max(axis=axes, keepdims=True)

    def pullback(dy: Array) -> Array:
        rows = x.reshape(len(x), -1, x.shape[-1])
        first = rows.argmax(axis=1, keepdims=True)
        positions = xp.arange(rows.shape[1])[:, None]
        return xp.where(positions == first, dy.reshape(len(x), 1, -1), 0).reshape(x.shape)

    return y if keepdims else y.reshape(len(x), -1), pullback


def adaptive_average_pooling(x: Array, output_size: Sizes) -> tuple[Array, ArrayPullback]:
    """y[n, p, c] = the mean of channel c from ⌊p · length / size⌋ to ⌈(p + 1) · length / size⌉, the
    end not included.   x (N, *lengths, C) -> y (N, *output_size, C).
    """
    xp, y = namespace(x), x
    matrices = []
    for axis, size in enumerate(output_size, start=1):
        starts, ends = _windows(xp, x.shape[axis], size)
        positions = xp.arange(x.shape[axis])
        inside = (positions >= starts[:, None]) & (positions < ends[:, None])
        share = xp.astype(inside, x.dtype) / xp.astype(ends - starts, x.dtype)[:, None]
        matrices.append((axis, share))
        y = along(axis, share, y)

    def pullback(dy: Array) -> Array:
        for axis, share in matrices:
            dy = along(axis, share.T, dy)
        return dy

    return y, pullback


def adaptive_max_pooling(x: Array, output_size: Sizes) -> tuple[Array, ArrayPullback]:
    """`adaptive_average_pooling` with the maximum: the largest along each axis in turn.

    Among ties, the first along the last axis gets the gradient, then along the one before.
    """
    backs, y = [], x
    for axis, size in enumerate(output_size, start=1):
        y, back = _largest_along(axis, y, size)
        backs.append(back)
    return y, lambda dy: reduce(lambda dy, back: back(dy), reversed(backs), dy)


def _largest_along(axis: int, x: Array, size: int) -> tuple[Array, ArrayPullback]:
    xp, length = namespace(x), x.shape[axis]
    starts, ends = _windows(xp, length, size)
    cells = [xp.minimum(starts + cell, ends - 1) for cell in range(-(-length // size) + 1)]
    y, back_maximum = maximum(*(xp.take(x, places, axis=axis) for places in cells))

    def pullback(dy: Array) -> Array:
        positions = xp.arange(length)[:, None]
        moved = (xp.astype(positions == places, x.dtype) for places in cells)
        return reduce(
            add, (along(axis, m, d) for m, d in zip(moved, back_maximum(dy), strict=True))
        )

    return y, pullback


def _windows(xp: Namespace, length: int, size: int) -> tuple[Array, Array]:
    """Return where `size` windows start and end, in whole numbers."""
    places = xp.arange(size)
    return places * length // size, -(-(places + 1) * length // size)
