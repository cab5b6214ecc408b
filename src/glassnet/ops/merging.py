"""Merge multiple arrays into one: elementwise, by products, by concatenation."""

import math
import operator
from collections.abc import Sequence
from functools import reduce
from itertools import accumulate, pairwise
from typing import Any

from glassnet.core.protocols import Array, namespace
from glassnet.ops import Pullback
from glassnet.ops.masking import joint_mask, keep_steps

Masks = Sequence[Array | None]


def broadcast(*x: Array) -> tuple[tuple[Array, ...], Pullback]:
    """y = the arrays, repeated to one shape: (N, C) and (N, T, C) become (N, T, C) and (N, T, C).

    Axes are aligned at the end, except for the batch axis, which is the first of all. dx is the sum
    over the axes along which x is repeated.
    """
    xp, rank = namespace(x[0]), max(array.ndim for array in x)
    aligned = [a.reshape(len(a), *(1,) * (rank - a.ndim), *a.shape[1:]) for a in x]
    shape = tuple(map(max, zip(*(a.shape for a in aligned), strict=True)))

    def sum_to(dy: Array, a: Array, like: Array) -> Array:
        axes = tuple(i for i, n in enumerate(a.shape) if n != dy.shape[i])
        return (dy.sum(axis=axes) if axes else dy).reshape(like.shape)

    def pullback(dy: tuple[Array, ...]) -> tuple[Array, ...]:
        return tuple(map(sum_to, dy, aligned, x))

    return tuple(xp.broadcast_to(a, shape) for a in aligned), pullback


def add(*x: Array) -> tuple[Array, Pullback]:
    """y = x₁ + x₂ + …"""
    return reduce(operator.add, x), lambda dy: (dy,) * len(x)


def subtract(a: Array, b: Array) -> tuple[Array, Pullback]:
    """y = a − b."""
    return a - b, lambda dy: (dy, -dy)


def multiply(*x: Array) -> tuple[Array, Pullback]:
    """y = x₁ · x₂ · …, elementwise."""
    before = list(accumulate(x, operator.mul))  # before[i] = x₁ … xᵢ₊₁

    def pullback(dy: Array) -> tuple[Array, ...]:
        grads = []
        for i in reversed(range(1, len(x))):  # products, not quotients: a factor may be 0
            grads.append(dy * before[i - 1])
            dy = dy * x[i]
        return (dy, *reversed(grads))

    return before[-1], pullback


def average(*x: Array) -> tuple[Array, Pullback]:
    """y = (x₁ + … + xₙ) / n."""
    return reduce(operator.add, x) / len(x), lambda dy: (dy / len(x),) * len(x)


def maximum(*x: Array) -> tuple[Array, Pullback]:
    """y = max(x₁, …), elementwise; among ties, the first gets the gradient."""
    xp = namespace(x[0])
    y, first = x[0], xp.zeros(x[0].shape, dtype=xp.int32)
    for i, other in enumerate(x[1:], start=1):
        first = xp.where(other > y, i, first)
        y = xp.maximum(y, other)
    return y, lambda dy: tuple(dy * (first == i) for i in range(len(x)))


def minimum(*x: Array) -> tuple[Array, Pullback]:
    """y = min(x₁, …), elementwise; among ties, the first gets the gradient."""
    y, back = maximum(*(-a for a in x))
    return -y, back


def masked_multiply(*x: Array, masks: Masks) -> tuple[Array, Pullback]:
    """`multiply`, in which padding counts as 1; y = 0 at the steps that are padding in all x.

    As in Keras. A mask is (N, T), or None for an input without padding.
    """
    factors, backs = _filled(x, masks, 1)
    product, back_product = multiply(*factors)
    y, back_steps = keep_steps(product, joint_mask(masks))

    def pullback(dy: Array) -> tuple[Array, ...]:
        grads = back_product(back_steps(dy))
        return tuple(back(grad) for back, grad in zip(backs, grads, strict=True))

    return y, pullback


def masked_maximum(*x: Array, masks: Masks) -> tuple[Array, Pullback]:
    """`maximum` of the inputs that are not padding; y = x₁ at the steps where all are.

    As in Keras. A mask is (N, T), or None for an input without padding.
    """
    first, joint = masks[0], joint_mask(masks)
    if first is not None and joint is not None:
        masks = (first | ~joint, *masks[1:])
    candidates, backs = _filled(x, masks, -math.inf)
    y, back_maximum = maximum(*candidates)

    def pullback(dy: Array) -> tuple[Array, ...]:
        grads = back_maximum(dy)
        return tuple(back(grad) for back, grad in zip(backs, grads, strict=True))

    return y, pullback


def masked_minimum(*x: Array, masks: Masks) -> tuple[Array, Pullback]:
    """`minimum` of the inputs that are not padding; y = x₁ at the steps where all are."""
    y, back = masked_maximum(*(-a for a in x), masks=masks)
    return -y, back


def dot(a: Array, b: Array, axes: tuple[int, int]) -> tuple[Array, Pullback]:
    """y[n, i, j] = Σₖ a[n, i, k] b[n, k, j]: k is the axis of a and of b in `axes`, i and j stand
    for their other axes.
    """
    xp = namespace(a)
    a_last, b_first = xp.moveaxis(a, axes[0], -1), xp.moveaxis(b, axes[1], 1)
    rows, columns = a_last.shape[1:-1], b_first.shape[2:]
    n, k = len(a), a.shape[axes[0]]
    left = a_last.reshape(n, math.prod(rows), k)
    right = b_first.reshape(n, k, math.prod(columns))

    def pullback(dy: Array) -> tuple[Array, Array]:
        dproduct = dy.reshape(n, math.prod(rows), math.prod(columns))
        da = (dproduct @ right.mT).reshape(a_last.shape)
        db = (left.mT @ dproduct).reshape(b_first.shape)
        return xp.moveaxis(da, -1, axes[0]), xp.moveaxis(db, 1, axes[1])

    return (left @ right).reshape(n, *rows, *columns), pullback


def _filled(x: Sequence[Array], masks: Masks, fill: float) -> tuple[Any, Any]:
    """Return the arrays with `fill` at their padding, and the pullback of each."""
    pairs = (keep_steps(array, mask, fill) for array, mask in zip(x, masks, strict=True))
    arrays, backs = zip(*pairs, strict=True)
    return arrays, backs


def concatenate(*x: Array, axis: int = -1) -> tuple[Array, Pullback]:
    """y = [x₁, x₂, …], joined along `axis`."""
    xp = namespace(x[0])
    ends = list(accumulate((part.shape[axis] for part in x), initial=0))

    def pullback(dy: Array) -> tuple[Array, ...]:
        before = (slice(None),) * (axis % dy.ndim)
        return tuple(dy[(*before, slice(a, b))] for a, b in pairwise(ends))

    return xp.concat(x, axis=axis), pullback
