"""Losses: ops of outputs and targets that return one value for each example.

Outputs have shape (..., C), losses shape (...). Only the outputs have a gradient: the pullback
takes dl (...) and returns doutputs (..., C). Softmax and cross-entropy are one op, and so are
sigmoid and binary cross-entropy: fused, they are accurate and finite for logits of any size,
whereas separate ops lose the small probabilities.
"""

import math
from collections.abc import Callable

from glassnet.core.norms import norm
from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.activations import sigmoid

_TINIEST = 1e-7  # before a logarithm, probabilities are clipped this far from 0 and 1, as in Keras


def one_hot(labels: Array, like: Array) -> Array:
    """Return (..., C) with 1 at each label and 0 elsewhere; C and the dtype are those of `like`.

    Targets that already have C values, such as mixed ones, are returned unchanged.
    """
    if labels.ndim == like.ndim:
        return labels
    xp = namespace(like)
    return xp.astype(labels[..., None] == xp.arange(like.shape[-1]), like.dtype)


def smoothed(targets: Array, amount: float, classes: int) -> Array:
    """(1 − a) t + a / C: label smoothing by a = `amount`. Source: Szegedy et al. 2016."""
    return targets if amount == 0 else targets * (1 - amount) + amount / classes


def softmax_crossentropy(logits: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = −Σᵢ tᵢ log softmax(z)ᵢ = Σᵢ tᵢ (log Σⱼ exp zⱼ − zᵢ).   dz = softmax(z) Σᵢ tᵢ − t."""
    xp = namespace(logits)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    e = xp.exp(shifted)
    total = e.sum(axis=-1, keepdims=True)

    def pullback(dl: Array) -> Array:
        return (e / total * targets.sum(axis=-1, keepdims=True) - targets) * dl[..., None]

    return (targets * (xp.log(total) - shifted)).sum(axis=-1), pullback


def sigmoid_crossentropy(logits: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of softplus(z) − t z = −t log σ(z) − (1 − t) log σ(−z)."""
    xp = namespace(logits)
    # max(z, 0) − t z is exact; only the remainder log(1 + exp(−|z|)) is rounded.
    losses = xp.maximum(logits, 0) - targets * logits + xp.log1p(xp.exp(-xp.abs(logits)))
    return _mean(losses, lambda: sigmoid(logits)[0] - targets)


def _mean(losses: Array, slope: Callable[[], Array]) -> tuple[Array, ArrayPullback]:
    """The mean over the last axis, and its pullback; `slope()` is the derivative of each loss."""
    return losses.mean(axis=-1), lambda dl: slope() * (dl[..., None] / losses.shape[-1])


def categorical_crossentropy(probabilities: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = −Σᵢ tᵢ log qᵢ, where q = p / Σⱼ pⱼ is clipped to [1e-7, 1 − 1e-7]."""
    q, back_q = _shares(probabilities)
    losses = -(targets * namespace(q).log(q)).sum(axis=-1)
    return losses, lambda dl: back_q(-targets / q * dl[..., None])


def _shares(p: Array) -> tuple[Array, ArrayPullback]:
    """q = p / Σⱼ pⱼ, clipped to [1e-7, 1 − 1e-7]; where it is clipped, its derivative is 0."""
    xp = namespace(p)
    total = xp.maximum(p.sum(axis=-1, keepdims=True), _TINIEST)  # sigmoids can sum to 0
    shares = p / total
    q = xp.clip(shares, _TINIEST, 1 - _TINIEST)

    def pullback(dq: Array) -> Array:
        dq = xp.where(_between(shares, _TINIEST, 1 - _TINIEST), dq, 0)
        spread = xp.where(total > _TINIEST, (dq * shares).sum(axis=-1, keepdims=True), 0)
        return (dq - spread) / total

    return q, pullback


def _between(x: Array, low: float, high: float) -> Array:
    """True where clipping to [low, high] leaves x, and so its derivative, unchanged.

    Comparing the result with x would be wrong: XLA may compute x twice and round it differently.
    """
    return (x >= low) & (x <= high)


def binary_crossentropy(probabilities: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of −t log p − (1 − t) log(1 − p), p in [1e-7, 1 − 1e-7]."""
    xp = namespace(probabilities)
    q = xp.clip(probabilities, _TINIEST, 1 - _TINIEST)

    def pullback(dl: Array) -> Array:
        dq = ((1 - targets) / (1 - q) - targets / q) * (dl[..., None] / q.shape[-1])
        return xp.where(_between(probabilities, _TINIEST, 1 - _TINIEST), dq, 0)

    return -(targets * xp.log(q) + (1 - targets) * xp.log1p(-q)).mean(axis=-1), pullback


def softmax_focal_crossentropy(
    logits: Array, targets: Array, alpha: float = 0.25, gamma: float = 2.0
) -> tuple[Array, ArrayPullback]:
    """l = Σᵢ α tᵢ (1 − pᵢ)^γ uᵢ with p = softmax(z), u = −log p. Source: Lin et al. 2017.

    dz = p Σᵢ fᵢ − f with fᵢ = α tᵢ (1 − pᵢ)^γ (1 + γ pᵢ uᵢ / (1 − pᵢ)), whose last quotient is 1
    where pᵢ is 1: the gradient of the cross-entropy with f in place of the targets.
    """
    xp = namespace(logits)
    shifted = logits - logits.max(axis=-1, keepdims=True)
    u = xp.log(xp.exp(shifted).sum(axis=-1, keepdims=True)) - shifted
    p, rest = xp.exp(-u), -xp.expm1(-u)
    weight = alpha * targets * rest**gamma

    def pullback(dl: Array) -> Array:
        quotient = xp.where(rest > 0, u / xp.where(rest > 0, rest, 1), 1)
        f = weight * (1 + gamma * p * quotient)
        return (p * f.sum(axis=-1, keepdims=True) - f) * dl[..., None]

    return (weight * u).sum(axis=-1), pullback


def categorical_focal_crossentropy(
    probabilities: Array, targets: Array, alpha: float = 0.25, gamma: float = 2.0
) -> tuple[Array, ArrayPullback]:
    """l = −Σᵢ α tᵢ (1 − qᵢ)^γ log qᵢ, with q as in the cross-entropy. Source: Lin et al. 2017."""
    xp = namespace(probabilities)
    q, back_q = _shares(probabilities)
    weight, log_q = alpha * targets * (1 - q) ** gamma, xp.log(q)
    losses = -(weight * log_q).sum(axis=-1)
    return losses, lambda dl: back_q(weight * (gamma * log_q / (1 - q) - 1 / q) * dl[..., None])


def sigmoid_focal_crossentropy(
    logits: Array, targets: Array, alpha: float | None = None, gamma: float = 2.0
) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of w m^γ b, where m = t σ(−z) + (1 − t) σ(z) is the error.

    b = softplus(z) − t z is the cross-entropy; w = t α + (1 − t) (1 − α) balances the positive
    class against the negative one (1 without an α). Source: Lin et al. 2017.
    """
    xp = namespace(logits)
    positive, negative = sigmoid(logits)[0], sigmoid(-logits)[0]
    error = targets * negative + (1 - targets) * positive
    weight = _balance(targets, alpha) * error**gamma
    b = xp.maximum(logits, 0) - targets * logits + xp.log1p(xp.exp(-xp.abs(logits)))

    def slope() -> Array:
        nonzero = error > 0  # far out the error is 0, and error^γ with it
        quotient = xp.where(nonzero, positive * negative / xp.where(nonzero, error, 1), 0)
        return weight * (positive - targets + gamma * (1 - 2 * targets) * quotient * b)

    return _mean(weight * b, slope)


def binary_focal_crossentropy(
    probabilities: Array, targets: Array, alpha: float | None = None, gamma: float = 2.0
) -> tuple[Array, ArrayPullback]:
    """As above, for probabilities q in [1e-7, 1 − 1e-7]: m = t (1 − q) + (1 − t) q."""
    xp = namespace(probabilities)
    q = xp.clip(probabilities, _TINIEST, 1 - _TINIEST)
    error = targets * (1 - q) + (1 - targets) * q
    weight = _balance(targets, alpha) * error**gamma
    b = -(targets * xp.log(q) + (1 - targets) * xp.log1p(-q))

    def pullback(dl: Array) -> Array:
        db = (1 - targets) / (1 - q) - targets / q
        dq = weight * (db + gamma * (1 - 2 * targets) / error * b)
        dq = dq * (dl[..., None] / q.shape[-1])
        return xp.where(_between(probabilities, _TINIEST, 1 - _TINIEST), dq, 0)

    return (weight * b).mean(axis=-1), pullback


def generalized_crossentropy(
    probabilities: Array, targets: Array, q: float = 0.5
) -> tuple[Array, ArrayPullback]:
    """l = (1 − p^q) / q with p = Σᵢ tᵢ pᵢ, t one-hot. Source: Zhang & Sabuncu 2018.

    dp = −p^(q − 1), which has no limit at 0, so there p is at least 1e-7.
    """
    xp = namespace(probabilities)
    p = (probabilities * targets).sum(axis=-1)

    def pullback(dl: Array) -> Array:
        return -targets * (xp.maximum(p, _TINIEST) ** (q - 1) * dl)[..., None]

    return (1 - p**q) / q, pullback


def _balance(targets: Array, alpha: float | None) -> Array | float:
    return 1.0 if alpha is None else targets * alpha + (1 - targets) * (1 - alpha)


def kl_divergence(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = Σᵢ tᵢ log(tᵢ / pᵢ), both clipped to [1e-7, 1]. Source: Kullback & Leibler 1951."""
    xp = namespace(outputs)
    t, p = xp.clip(targets, _TINIEST, 1), xp.clip(outputs, _TINIEST, 1)
    losses = (t * xp.log(t / p)).sum(axis=-1)
    return losses, lambda dl: xp.where(_between(outputs, _TINIEST, 1), -t / p, 0) * dl[..., None]


def poisson(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of y − t log(y + 1e-7): targets are counts, outputs rates."""
    xp = namespace(outputs)
    y = outputs + _TINIEST
    return _mean(outputs - targets * xp.log(y), lambda: 1 - targets / y)


def mean_squared_error(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of (y − t)²."""
    difference = outputs - targets
    losses = (difference * difference).mean(axis=-1)
    return losses, lambda dl: difference * (2 / outputs.shape[-1] * dl[..., None])


def squared_error(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = ½ Σ (y − t)² over the last axis: the cost of early textbooks, with dy = y − t."""
    difference = outputs - targets
    return 0.5 * (difference * difference).sum(axis=-1), lambda dl: difference * dl[..., None]


def mean_absolute_error(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of |y − t|; the derivative at 0 is taken as 0."""
    xp = namespace(outputs)
    difference = outputs - targets
    return _mean(xp.abs(difference), lambda: xp.sign(difference))


def mean_absolute_percentage_error(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of 100 |y − t| / max(|t|, 1e-7)."""
    xp = namespace(outputs)
    scale = 100 / xp.maximum(xp.abs(targets), _TINIEST)
    difference = outputs - targets
    return _mean(xp.abs(difference) * scale, lambda: xp.sign(difference) * scale)


def mean_squared_logarithmic_error(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of (log(1 + y) − log(1 + t))², y and t at least 1e-7."""
    xp = namespace(outputs)
    y, t = xp.maximum(outputs, _TINIEST), xp.maximum(targets, _TINIEST)
    difference = xp.log1p(y) - xp.log1p(t)

    def slope() -> Array:
        return xp.where(outputs >= _TINIEST, 2 * difference / (1 + y), 0)

    return _mean(difference * difference, slope)


def huber(outputs: Array, targets: Array, delta: float = 1.0) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of ½ e² where |e| ≤ δ, else δ |e| − ½ δ². Source: Huber 1964."""
    xp = namespace(outputs)
    e = outputs - targets
    near = xp.clip(e, -delta, delta)
    return _mean(near * (e - 0.5 * near), lambda: near)


def log_cosh(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of log cosh(y − t): about ½ (y − t)² near 0, |y − t| far out."""
    xp = namespace(outputs)
    e = outputs - targets
    far = xp.abs(e)
    return _mean(far + xp.log1p(xp.exp(-2 * far)) - math.log(2), lambda: xp.tanh(e))


def cosine_similarity(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = −cos of the angle between y and t over the last axis: −1 in the same direction."""
    xp = namespace(outputs)

    def length(v: Array) -> Array:
        return xp.maximum(norm(v, -1), _TINIEST)

    size, target = length(outputs), targets / length(targets)
    unit = outputs / size
    cosine = (unit * target).sum(axis=-1, keepdims=True)
    along = xp.where(size > _TINIEST, cosine, 0) * unit
    return -cosine[..., 0], lambda dl: (along - target) / size * dl[..., None]


def hinge(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of max(0, 1 − t y), t = ±1. Source: Cortes & Vapnik 1995."""
    xp = namespace(outputs)
    t = _signs(targets)
    shortfall = xp.maximum(1 - t * outputs, 0)
    return _mean(shortfall, lambda: xp.where(shortfall > 0, -t, 0))


def squared_hinge(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = mean over the last axis of max(0, 1 − t y)², t = ±1."""
    xp = namespace(outputs)
    t = _signs(targets)
    shortfall = xp.maximum(1 - t * outputs, 0)
    return _mean(shortfall * shortfall, lambda: -2 * shortfall * t)


def _signs(targets: Array) -> Array:
    """Targets as −1 and 1; if all of them are 0 or 1, 0 becomes −1, as in Keras."""
    xp = namespace(targets)
    return xp.where(((targets == 0) | (targets == 1)).all(), 2 * targets - 1, targets)


def categorical_hinge(outputs: Array, targets: Array) -> tuple[Array, ArrayPullback]:
    """l = max(0, 1 + maxᵢ (1 − tᵢ) yᵢ − Σᵢ tᵢ yᵢ): the true class must lead by 1.

    Source: Crammer & Singer 2001.
    """
    xp = namespace(outputs)
    others = (1 - targets) * outputs
    shortfall = xp.maximum(1 + others.max(axis=-1) - (targets * outputs).sum(axis=-1), 0)

    def pullback(dl: Array) -> Array:
        rival = one_hot(others.argmax(axis=-1), outputs) * (1 - targets)
        return (rival - targets) * xp.where(shortfall > 0, dl, 0)[..., None]

    return shortfall, pullback
