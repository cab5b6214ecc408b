"""Activations: elementwise non-linear functions, and softmax and similar functions over an axis.

Each is an op of one array x of any shape. It returns y, of the same shape and dtype, and the
pullback dy -> dx. All are finite, forward and backward, for |x| up to 1e4 and beyond; only
`exponential` grows past the largest number, as in Keras.
"""

import math

from glassnet.core.protocols import Array, Axis, namespace
from glassnet.ops import ArrayPullback
from glassnet.ops.piecewise import (
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    relu,
    relu6,
    soft_shrink,
    sparse_plus,
    sparse_sigmoid,
)
from glassnet.ops.special import erf

_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def linear(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x."""
    return x, lambda dy: dy


def elu(x: Array, alpha: float = 1.0) -> tuple[Array, ArrayPullback]:
    """y = x where x > 0, else alpha · (exp(x) − 1). Source: Clevert et al. 2016."""
    xp = namespace(x)
    below = alpha * xp.expm1(xp.minimum(x, 0))  # clipped, so that exp can't overflow
    return xp.where(x > 0, x, below), lambda dy: xp.where(x > 0, dy, dy * (below + alpha))


def celu(x: Array, alpha: float = 1.0) -> tuple[Array, ArrayPullback]:
    """y = x where x > 0, else alpha · (exp(x / alpha) − 1). Source: Barron 2017."""
    xp = namespace(x)
    below = xp.expm1(xp.minimum(x, 0) / alpha)
    return xp.where(x > 0, x, alpha * below), lambda dy: xp.where(x > 0, dy, dy * (below + 1))


def selu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = 1.0507 · elu(x, 1.6733), which keeps mean 0 and variance 1.

    Source: Klambauer et al. 2017.
    """
    y, back = elu(x, _SELU_ALPHA)
    return _SELU_SCALE * y, lambda dy: back(_SELU_SCALE * dy)


def gelu(x: Array, approximate: bool = False) -> tuple[Array, ArrayPullback]:
    """y = x Φ(x), Φ the normal distribution function. Source: Hendrycks & Gimpel 2016.

    dy/dx = Φ(x) + x φ(x), where φ is the normal density. With `approximate`,
    Φ(x) ≈ (1 + tanh u) / 2 and φ(x) ≈ u' (1 − tanh² u) / 2, u = √(2/π) (x + 0.044715 x³).
    """
    xp = namespace(x)
    if approximate:
        factor = math.sqrt(2 / math.pi)
        t = xp.tanh(factor * (x + 0.044715 * x * x * x))
        cdf = 0.5 * (1 + t)
    else:
        cdf = 0.5 * (1 + erf(x * math.sqrt(0.5)))

    def pullback(dy: Array) -> Array:
        if approximate:
            density = 0.5 * factor * (1 - t * t) * (1 + 3 * 0.044715 * x * x)
        else:
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


def log_sigmoid(x: Array) -> tuple[Array, ArrayPullback]:
    """y = log σ(x) = −softplus(−x); its derivative is σ(−x)."""
    y, back = softplus(-x)
    return -y, back


def mish(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x tanh(softplus(x)). Source: Misra 2019.

    With e = exp(−|x|), tanh(softplus(x)) = n / (n + r), where n, r are 1 + 2e, 2e² for x ≥ 0 and
    e² + 2e, 2 for x < 0: no exponent overflows.
    """
    xp = namespace(x)
    e = xp.exp(-xp.abs(x))
    n, r = xp.where(x >= 0, 1 + 2 * e, e * (e + 2)), xp.where(x >= 0, 2 * e * e, 2)
    t, rest = n / (n + r), r / (n + r)  # rest = 1 − t
    return x * t, lambda dy: dy * (t + x * rest * (1 + t) * sigmoid(x)[0])


def softsign(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x / (1 + |x|)."""
    scale = 1 / (1 + abs(x))
    return x * scale, lambda dy: dy * (scale * scale)


def squareplus(x: Array, b: float = 4.0) -> tuple[Array, ArrayPullback]:
    """y = (x + √(x² + b)) / 2;   dy/dx = y / √(x² + b). Source: Barron 2021.

    For x < 0, y = b / 4 / ((√(x² + b) − x) / 2), which doesn't cancel.
    """
    xp = namespace(x)
    root = xp.sqrt(x * x + b)
    larger = 0.5 * (root + xp.abs(x))
    y = xp.where(x >= 0, larger, b / 4 / larger)
    return y, lambda dy: dy * (y / root)


def tanh_shrink(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x − tanh(x); its derivative is tanh²."""
    t = namespace(x).tanh(x)
    return x - t, lambda dy: dy * (t * t)


def exponential(x: Array) -> tuple[Array, ArrayPullback]:
    """y = exp(x)."""
    y = namespace(x).exp(x)
    return y, lambda dy: dy * y


def softmax(x: Array, axis: Axis = -1) -> tuple[Array, ArrayPullback]:
    """yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ) over an axis, or over multiple;   dx = y (dy − Σⱼ dyⱼ yⱼ)."""
    xp = namespace(x)
    e = xp.exp(x - x.max(axis=axis, keepdims=True))  # the largest exponent is 0: no overflow
    y = e / e.sum(axis=axis, keepdims=True)
    return y, lambda dy: y * (dy - (dy * y).sum(axis=axis, keepdims=True))


def log_softmax(x: Array) -> tuple[Array, ArrayPullback]:
    """yᵢ = xᵢ − log Σⱼ exp(xⱼ) over the last axis;   dx = dy − softmax(x) Σⱼ dyⱼ."""
    xp = namespace(x)
    shifted = x - x.max(axis=-1, keepdims=True)
    y = shifted - xp.log(xp.exp(shifted).sum(axis=-1, keepdims=True))
    return y, lambda dy: dy - xp.exp(y) * dy.sum(axis=-1, keepdims=True)


def sparsemax(x: Array) -> tuple[Array, ArrayPullback]:
    """y = the point nearest to x whose entries are ≥ 0 and sum to 1, over the last axis.

    yᵢ = max(xᵢ − τ, 0), where τ = (Σ x₍ⱼ₎ − 1) / k over the k largest entries, k the last with
    1 + k x₍ₖ₎ > Σⱼ≤ₖ x₍ⱼ₎. With S the places where y > 0, dx = dy − mean of dy over S, on S.
    Source: Martins & Astudillo 2016.
    """
    xp = namespace(x)
    x = x - x.max(axis=-1, keepdims=True)
    falling = -xp.sort(-x, axis=-1)
    sums = xp.cumulative_sum(falling, axis=-1)
    ranks = xp.astype(xp.arange(1, x.shape[-1] + 1), x.dtype)
    supported = xp.astype(1 + ranks * falling > sums, x.dtype)
    count = supported.sum(axis=-1, keepdims=True)
    tau = ((supported * falling).sum(axis=-1, keepdims=True) - 1) / count
    y = xp.maximum(x - tau, 0)
    support = xp.astype(y > 0, x.dtype)

    def pullback(dy: Array) -> Array:
        total = (support * dy).sum(axis=-1, keepdims=True)
        return support * (dy - total / support.sum(axis=-1, keepdims=True))

    return y, pullback


OVER_AN_AXIS = ("softmax", "log_softmax", "sparsemax")  # the others are elementwise
ACTIVATIONS = {
    op.__name__: op
    for op in (
        linear, relu, leaky_relu, elu, gelu, silu, sigmoid, tanh, softplus, softmax,
        celu, exponential, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, log_sigmoid,
        log_softmax, mish, relu6, selu, soft_shrink, softsign, sparse_plus, sparse_sigmoid,
        sparsemax, squareplus, tanh_shrink,
    )
} | {"swish": silu, "hard_swish": hard_silu}  # fmt: skip
