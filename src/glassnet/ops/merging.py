"""Merge multiple arrays into one: add, subtract, multiply, average, maximum, concatenate."""

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
