"""A product of two arrays whose axes are named by letters, as in `einsum`."""

import math
from string import ascii_letters

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback


def contraction(
    x: Array, kernel: Array, equation: str, wrt_kernel: bool = True
) -> tuple[Array, Pullback]:
    """y = einsum(equation, x, kernel), as one matrix product for each batch of shared axes.

    `equation` is "x's axes,kernel's axes->y's axes": "abc,cd->abd" sums over c. Three dots in x and
    y stand for any axes. No axis may occur twice in an array; y's occur in x or in the kernel, and
    the kernel's in x or in y. `wrt_kernel=False` skips dkernel (then None).
    """
    axes, kernel_axes, result = spelled(equation, x.ndim)
    y = _contracted(axes, x, kernel_axes, kernel, result)

    def pullback(dy: Array) -> tuple[Array, Array | None]:
        used = "".join(axis for axis in axes if axis in result + kernel_axes)
        dx = _contracted(result, dy, kernel_axes, kernel, used)
        if used != axes:  # the same gradient for all terms of a sum over x alone
            dx = dx[tuple(slice(None) if axis in used else None for axis in axes)]
            dx = dx + namespace(x).zeros_like(x)
        return dx, _contracted(axes, x, result, dy, kernel_axes) if wrt_kernel else None

    return y, pullback


def spelled(equation: str, rank: int) -> tuple[str, str, str]:
    """Return the letters of the axes of x, the kernel and y, with letters in place of the dots."""
    inputs, result = equation.split("->")
    axes, kernel_axes = inputs.split(",")
    unused = [letter for letter in ascii_letters if letter not in equation]
    dots = "".join(unused[: rank - len(axes.replace("...", ""))])
    return axes.replace("...", dots), kernel_axes, result.replace("...", dots)


def _contracted(a_axes: str, a: Array, b_axes: str, b: Array, result: str) -> Array:
    xp = namespace(a)
    lengths = dict(zip(a_axes, a.shape, strict=True)) | dict(zip(b_axes, b.shape, strict=True))
    a_axes, a = _reduced(a_axes, a, b_axes + result)
    b_axes, b = _reduced(b_axes, b, a_axes + result)
    shared = [axis for axis in a_axes if axis in b_axes]
    batch = [axis for axis in shared if axis in result]
    summed = [axis for axis in shared if axis not in result]
    rows = [axis for axis in a_axes if axis not in b_axes]
    columns = [axis for axis in b_axes if axis not in a_axes]

    def arranged(axes: str, array: Array, *groups: list[str]) -> Array:
        order = [axes.index(axis) for group in groups for axis in group]
        sizes = (math.prod(lengths[axis] for axis in group) for group in groups)
        return xp.permute_dims(array, order).reshape(*sizes)

    groups = (rows, summed) if not batch else (batch, rows, summed)
    other = (summed, columns) if not batch else (batch, summed, columns)
    y = arranged(a_axes, a, *groups) @ arranged(b_axes, b, *other)
    order = [*batch, *rows, *columns]
    y = y.reshape([lengths[axis] for axis in order])
    return xp.permute_dims(y, [order.index(axis) for axis in result])


def _reduced(axes: str, array: Array, needed: str) -> tuple[str, Array]:
    """Return the axes that are needed and the sum over the others."""
    others = tuple(i for i, axis in enumerate(axes) if axis not in needed)
    remaining = "".join(axis for axis in axes if axis in needed)
    return remaining, array.sum(axis=others) if others else array
