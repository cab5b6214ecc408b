"""Losses: an op of outputs and targets with one value for each example.

Outputs have shape (..., C); the value has shape (...). Only the outputs have a gradient: the
pullback takes that of the value, (...), and returns doutputs, (..., C). Softmax and cross-entropy
are one op, and so are sigmoid and binary cross-entropy: joined, they are exact and finite for
logits of any size, where taken apart they lose the small probabilities.
"""

from glassnet.ops import Pullback
from glassnet.ops.activations import sigmoid
from glassnet.trees import Array

_TINIEST = 1e-7  # probabilities are kept this far from 0 and 1 before a logarithm, as in Keras


def one_hot(labels: Array, like: Array) -> Array:
    """(..., C) with 1 at each label, 0 elsewhere; C and the dtype are those of `like`."""
    xp = like.__array_namespace__()
    return xp.astype(labels[..., None] == xp.arange(like.shape[-1]), like.dtype)


def softmax_crossentropy(logits: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = −Σᵢ tᵢ log softmax(z)ᵢ = Σᵢ tᵢ (log Σⱼ exp zⱼ − zᵢ).   dz = softmax(z) Σᵢ tᵢ − t."""
    xp = logits.__array_namespace__()
    shifted = logits - logits.max(axis=-1, keepdims=True)
    e = xp.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)

    def pullback(dl: Array) -> Array:
        return (e / total * targets.sum(axis=-1, keepdims=True) - targets) * dl[..., None]

    return (targets * (xp.log(total) - shifted)).sum(axis=-1), pullback


def sigmoid_crossentropy(logits: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = mean over the last axis of softplus(z) − t z = −t log σ(z) − (1 − t) log σ(−z)."""
    xp = logits.__array_namespace__()

    def pullback(dl: Array) -> Array:
        return (sigmoid(logits)[0] - targets) * (dl[..., None] / logits.shape[-1])

    # max(z, 0) − t z is at hand exactly; only the remainder log(1 + exp(−|z|)) is rounded.
    each = xp.maximum(logits, 0) - targets * logits + xp.log1p(xp.exp(-xp.abs(logits)))
    return each.mean(axis=-1), pullback


def categorical_crossentropy(probabilities: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = −Σᵢ tᵢ log qᵢ, where q = p / Σⱼ pⱼ is kept within [1e-7, 1 − 1e-7]."""
    xp = probabilities.__array_namespace__()
    total = xp.maximum(probabilities.sum(axis=-1, keepdims=True), _TINIEST)  # sigmoids can sum to 0
    p = probabilities / total
    q = xp.clip(p, _TINIEST, 1 - _TINIEST)

    def pullback(dl: Array) -> Array:
        dp = xp.where(p == q, -targets / q, 0) * dl[..., None]
        spread = xp.where(total > _TINIEST, (dp * p).sum(axis=-1, keepdims=True), 0)
        return (dp - spread) / total

    return -(targets * xp.log(q)).sum(axis=-1), pullback


def binary_crossentropy(probabilities: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = mean over the last axis of −t log p − (1 − t) log(1 − p), p within [1e-7, 1 − 1e-7]."""
    xp = probabilities.__array_namespace__()
    q = xp.clip(probabilities, _TINIEST, 1 - _TINIEST)

    def pullback(dl: Array) -> Array:
        dq = ((1 - targets) / (1 - q) - targets / q) * (dl[..., None] / q.shape[-1])
        return xp.where(probabilities == q, dq, 0)

    return -(targets * xp.log(q) + (1 - targets) * xp.log1p(-q)).mean(axis=-1), pullback


def mean_squared_error(outputs: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = mean over the last axis of (y − t)²."""
    difference = outputs - targets

    def pullback(dl: Array) -> Array:
        return difference * (2 / outputs.shape[-1] * dl[..., None])

    return (difference * difference).mean(axis=-1), pullback


def squared_error(outputs: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = ½ Σ (y − t)² over the last axis: the cost of the first textbooks, whose dy is y − t."""
    difference = outputs - targets

    def pullback(dl: Array) -> Array:
        return difference * dl[..., None]

    return 0.5 * (difference * difference).sum(axis=-1), pullback


def mean_absolute_error(outputs: Array, targets: Array) -> tuple[Array, Pullback]:
    """l = mean over the last axis of |y − t|; the derivative at 0 is taken as 0."""
    xp = outputs.__array_namespace__()
    difference = outputs - targets

    def pullback(dl: Array) -> Array:
        return xp.sign(difference) * (dl[..., None] / outputs.shape[-1])

    return xp.abs(difference).mean(axis=-1), pullback
