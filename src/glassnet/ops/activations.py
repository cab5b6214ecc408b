"""Activations: elementwise non-linear functions, and softmax over the last axis.

Each is an op of one array x of any shape. It returns y, of the same shape and dtype, and the
pullback dy -> dx. All are finite, forward and backward, for |x| up to 1e4 and beyond.
"""

import math

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.special import erf


def linear(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x."""
    return x, lambda dy: dy


def relu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = max(x, 0); the derivative at 0 is taken as 0. Source: Nair & Hinton 2010."""
    xp = namespace(x)
    return xp.maximum(x, 0), lambda dy: dy * (x > 0)


def leaky_relu(x: Array, negative_slope: float = 0.2) -> tuple[Array, ArrayPullback]:
    """y = x where x > 0, else negative_slope · x. Source: Maas et al. 2013."""
    xp = namespace(x)
    y = xp.where(x > 0, x, negative_slope * x)
    return y, lambda dy: xp.where(x > 0, dy, negative_slope * dy)


def bounded_relu(
    x: Array, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0
) -> tuple[Array, ArrayPullback]:
    """y = min(x, max_value) where x > threshold, else negative_slope · (x − threshold)."""
    xp = namespace(x)
    above = x > threshold
    free = above if max_value is None else above & (x < max_value)
    capped = x if max_value is None else xp.minimum(x, max_value)
    y = xp.where(above, capped, negative_slope * (x - threshold))
    return y, lambda dy: xp.where(free, dy, xp.where(above, 0, negative_slope * dy))


def elu(x: Array, alpha: float = 1.0) -> tuple[Array, ArrayPullback]:
    """y = x where x > 0, else alpha · (exp(x) − 1). Source: Clevert et al. 2016."""
    xp = namespace(x)
    below = alpha * xp.expm1(xp.minimum(x, 0))  # clipped, so that exp can't overflow
    return xp.where(x > 0, x, below), lambda dy: xp.where(x > 0, dy, dy * (below + alpha))


def gelu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x Φ(x), Φ the normal distribution function (exact). Source: Hendrycks & Gimpel 2016.

    dy/dx = Φ(x) + x φ(x), where φ is the normal density.
    """
    xp = namespace(x)
    cdf = 0.5 * (1 + erf(x * math.sqrt(0.5)))

    def pullback(dy: Array) -> Array:
        density = xp.exp(-0.5 * x * x) * (1 / math.sqrt(2 * math.pi))
        return dy * (cdf + x * density)

    return x * cdf, pullback


def silu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x σ(x), also called swish. Source: Elfwing et al. 2018."""
    s, _ = sigmoid(x)
    return x * s, lambda dy: dy * (s + x * s * (1 - s))


def sigmoid(x: Array) -> tuple[Array, ArrayPullback]:
    """y = σ(x) = 1 / (1 + exp(−x)); σ' = σ (1 − σ).

    Computed from exp(−|x|), which cannot overflow and keeps tiny values accurate.
    """
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))
    larger = 1 / (1 + e)  # σ(|x|)
    smaller = e * larger  # σ(−|x|)
    return xp.where(x >= 0, larger, smaller), lambda dy: dy * (larger * smaller)


def tanh(x: Array) -> tuple[Array, ArrayPullback]:
    """y = tanh(x); tanh' = 1 − tanh²."""
    y = namespace(x).tanh(x)
    return y, lambda dy: dy * (1 - y * y)


def softplus(x: Array) -> tuple[Array, ArrayPullback]:
    """y = log(1 + exp(x)); its derivative is σ(x)."""
    xp = namespace(x)
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x))), lambda dy: dy * sigmoid(x)[0]


def softmax(x: Array) -> tuple[Array, ArrayPullback]:
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) over the last axis;   dx = y (dy − Σⱼ dyⱼ yⱼ)."""
    xp = namespace(x)
    e = xp.exp(x - x.max(axis=-1, keepdims=True))  # the largest exponent is 0: no overflow
    y = e / e.sum(axis=-1, keepdims=True)
    return y, lambda dy: y * (dy - (dy * y).sum(axis=-1, keepdims=True))


ACTIVATIONS = {
    op.__name__: op
    for op in (linear, relu, leaky_relu, elu, gelu, silu, sigmoid, tanh, softplus, softmax)
}
