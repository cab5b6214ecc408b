"""Losses of the overlap of two sets, which outputs and targets in 0..1 describe.

Sums are over the axes `axis`; the losses have the others. Only the outputs have a gradient.
"""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback

_TINIEST = 1e-7  # as in Keras: two empty sets have the loss 1


def dice(outputs: Array, targets: Array, axis: tuple[int, ...]) -> tuple[Array, ArrayPullback]:
    """l = 1 − 2 Σ t y / (Σ t + Σ y + 1e-7), summed over `axis`. Source: Milletari et al. 2016."""
    size = (targets + outputs).sum(axis=axis, keepdims=True) + _TINIEST
    return _one_minus_ratio(2 * targets, outputs, size, 1.0, axis)


def tversky(
    outputs: Array,
    targets: Array,
    axis: tuple[int, ...],
    alpha: float = 0.5,
    beta: float = 0.5,
) -> tuple[Array, ArrayPullback]:
    """l = 1 − I / (I + α Σ t (1 − y) + β Σ (1 − t) y + 1e-7), I = Σ t y. Source: Salehi 2017."""
    slope = targets * (1 - alpha - beta) + beta  # of the denominator
    size = (slope * outputs + alpha * targets).sum(axis=axis, keepdims=True) + _TINIEST
    return _one_minus_ratio(targets, outputs, size, slope, axis)


def _one_minus_ratio(
    weight: Array, y: Array, size: Array, slope: Array | float, axis: tuple[int, ...]
) -> tuple[Array, ArrayPullback]:
    """l = 1 − Σ w y / s, where ds/dy is `slope`.   dy = (slope Σ w y / s − w) / s."""
    ratio = (weight * y).sum(axis=axis, keepdims=True) / size
    losses = 1 - ratio.sum(axis=axis)

    def pullback(dl: Array) -> Array:
        return (slope * ratio - weight) / size * namespace(y).asarray(dl).reshape(size.shape)

    return losses, pullback
