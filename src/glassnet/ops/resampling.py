"""Upsampling by repetition or interpolation. x (N, *lengths, C) -> y (N, *(size · length), C)."""

import math
from functools import reduce
from operator import add

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.windows import Sizes, cells


def repeat_places(x: Array, size: Sizes) -> tuple[Array, ArrayPullback]:
    """y[p] = x[⌊p / size⌋]: each position becomes a block of equal ones."""
    xp = namespace(x)
    y = x
    for axis, times in enumerate(size, start=1):
        y = xp.repeat(y, times, axis=axis)
    return y, lambda dy: reduce(add, cells(dy, size, size, (1,) * len(size)))


def interpolate_places(x: Array, size: Sizes) -> tuple[Array, ArrayPullback]:
    """y[p] = x at (p + ½) / size − ½, interpolated linearly between the two nearest positions and
    clamped at the edges: "bilinear" for images, where each pixel is a square.
    """
    lengths = x.shape[1:-1]
    y = x
    for axis, (length, times) in enumerate(zip(lengths, size, strict=True), start=1):
        y = _along(axis, _weights(x, length, times), y)

    def pullback(dy: Array) -> Array:
        for axis, (length, times) in enumerate(zip(lengths, size, strict=True), start=1):
            dy = _along(axis, _weights(x, length, times).T, dy)
        return dy

    return y, pullback


def _weights(x: Array, length: int, times: int) -> Array:
    """Return (times · length, length): the weight of each old position at each new one."""
    xp = namespace(x)
    old = xp.arange(length, dtype=x.dtype)
    new = (xp.arange(times * length, dtype=x.dtype) + 0.5) / times - 0.5
    return xp.maximum(1 - xp.abs(xp.clip(new, 0, length - 1)[:, None] - old), 0)


def _along(axis: int, matrix: Array, x: Array) -> Array:
    """Return the product of the matrix and x along one axis."""
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    y = matrix @ x.reshape(-1, x.shape[axis], math.prod(after))
    return y.reshape(*before, len(matrix), *after)
