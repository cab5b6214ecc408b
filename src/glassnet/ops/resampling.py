"""Upsampling by repetition or interpolation. x (N, *lengths, C) -> y (N, *(size · length), C)."""

import math
from collections.abc import Callable
from functools import partial, reduce
from operator import add

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.windows import Sizes, cells

Kernel = Callable[[Array], Array]  # the weight of a position from its distance


def repeat_places(x: Array, size: Sizes) -> tuple[Array, ArrayPullback]:
    """y[p] = x[⌊p / size⌋]: each position becomes a block of equal ones."""
    xp = namespace(x)
    y = x
    for axis, times in enumerate(size, start=1):
        y = xp.repeat(y, times, axis=axis)
    return y, lambda dy: reduce(add, cells(dy, size, size, (1,) * len(size)))


def interpolate_places(
    x: Array, size: Sizes, interpolation: str = "bilinear"
) -> tuple[Array, ArrayPullback]:
    """y[p] = x at (p + ½) / size − ½: each pixel is a square. The positions around that place are
    weighted by a kernel of their distance, normalized so that the weights sum to 1.

    Kernels: `INTERPOLATIONS`. Sources: Keys 1981, "Cubic convolution interpolation for digital
    image processing" (bicubic, a = −½); Duchon 1979, "Lanczos filtering in one and two dimensions".
    """
    kernel, lengths = INTERPOLATIONS[interpolation], x.shape[1:-1]
    axes = list(enumerate(zip(lengths, size, strict=True), start=1))
    y = x
    for axis, (length, times) in axes:
        y = along(axis, _weights(x, length, times, kernel), y)

    def pullback(dy: Array) -> Array:
        for axis, (length, times) in axes:
            dy = along(axis, _weights(x, length, times, kernel).T, dy)
        return dy

    return y, pullback


def along(axis: int, matrix: Array, x: Array) -> Array:
    """Return the product of the matrix and x along one axis."""
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    y = matrix @ x.reshape(-1, x.shape[axis], math.prod(after))
    return y.reshape(*before, len(matrix), *after)


def _weights(x: Array, length: int, times: int, kernel: Kernel) -> Array:
    """Return (times · length, length): the weight of each old position at each new one."""
    xp = namespace(x)
    old = xp.arange(length, dtype=x.dtype)
    new = (xp.arange(times * length, dtype=x.dtype) + 0.5) / times - 0.5
    weights = kernel(xp.abs(new[:, None] - old))
    return weights / weights.sum(axis=1, keepdims=True)


def _triangle(distance: Array) -> Array:
    return namespace(distance).maximum(1 - distance, 0)


def _cubic(distance: Array) -> Array:
    xp = namespace(distance)
    near = ((1.5 * distance - 2.5) * distance) * distance + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return xp.where(distance >= 2, 0, xp.where(distance >= 1, far, near))


def _lanczos(radius: int, distance: Array) -> Array:
    """sinc(d) · sinc(d / radius) for d < radius, where sinc(d) = sin(πd) / (πd)."""
    xp = namespace(distance)
    angle = math.pi * xp.maximum(distance, 1e-3)
    windowed = radius * xp.sin(angle) * xp.sin(angle / radius) / (angle * angle)
    return xp.where(distance >= radius, 0, xp.where(distance > 1e-3, windowed, 1))


INTERPOLATIONS: dict[str, Kernel] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": partial(_lanczos, 3),
    "lanczos5": partial(_lanczos, 5),
}
