"""Activations made of pieces: lines, and for some a parabola. All are elementwise.

At a kink, where two pieces meet, the derivative is that of the flat one, if one is flat.
"""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback, Pullback


def relu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = max(x, 0); the derivative at 0 is taken as 0. Source: Nair & Hinton 2010."""
    xp = namespace(x)
    return xp.maximum(x, 0), lambda dy: dy * (x > 0)


def leaky_relu(x: Array, negative_slope: float = 0.2) -> tuple[Array, ArrayPullback]:
    """y = x where x > 0, else negative_slope · x. Source: Maas et al. 2013."""
    xp = namespace(x)
    y = xp.where(x > 0, x, negative_slope * x)
    return y, lambda dy: xp.where(x > 0, dy, negative_slope * dy)


def prelu(x: Array, alpha: Array) -> tuple[Array, Pullback]:
    """y = x where x > 0, else alpha · x.   x (N, ...), alpha (...), 1 along shared axes.

    Source: He et al. 2015, "Delving deep into rectifiers".
    """
    xp = namespace(x)
    axes = (0, *(i for i, n in enumerate(alpha.shape, start=1) if n == 1))
    y = xp.where(x > 0, x, alpha * x)

    def pullback(dy: Array) -> tuple[Array, Array]:
        dalpha = xp.where(x > 0, 0, x * dy).sum(axis=axes).reshape(alpha.shape)
        return xp.where(x > 0, dy, alpha * dy), dalpha

    return y, pullback


def bounded_relu(
    x: Array, max_value: float | None = None, negative_slope: float = 0.0, threshold: float = 0.0
) -> tuple[Array, ArrayPullback]:
    """y = min(x, max_value) where x > threshold, else negative_slope · (x − threshold)."""
    xp = namespace(x)
    capped = x if max_value is None else xp.minimum(x, max_value)
    if negative_slope == threshold == 0:
        y = xp.maximum(capped, 0)
    else:
        y = xp.where(x > threshold, capped, negative_slope * (x - threshold))

    def pullback(dy: Array) -> Array:
        above = x > threshold
        free = above if max_value is None else above & (x < max_value)
        return xp.where(free, dy, xp.where(above, 0, negative_slope * dy))

    return y, pullback


def relu6(x: Array) -> tuple[Array, ArrayPullback]:
    """y = min(max(x, 0), 6). Source: Krizhevsky 2010."""
    return bounded_relu(x, 6.0)


def hard_sigmoid(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x / 6 + ½, clipped to 0 … 1."""
    xp = namespace(x)
    y = xp.clip(x / 6 + 0.5, 0, 1)
    return y, lambda dy: xp.where(xp.abs(x) < 3, dy / 6, 0)


def hard_silu(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x · hard_sigmoid(x), also called hard_swish. Source: Howard et al. 2019."""
    gate, back = hard_sigmoid(x)
    return x * gate, lambda dy: dy * gate + back(dy * x)


def hard_tanh(x: Array) -> tuple[Array, ArrayPullback]:
    """y = x, clipped to −1 … 1."""
    xp = namespace(x)
    return xp.clip(x, -1, 1), lambda dy: xp.where(xp.abs(x) < 1, dy, 0)


def hard_shrink(x: Array, threshold: float = 0.5) -> tuple[Array, ArrayPullback]:
    """y = x where |x| > threshold, else 0."""
    xp = namespace(x)
    beyond = xp.abs(x) > threshold
    return xp.where(beyond, x, 0), lambda dy: xp.where(beyond, dy, 0)


def soft_shrink(x: Array, threshold: float = 0.5) -> tuple[Array, ArrayPullback]:
    """y = x moved toward 0 by the threshold, but not past 0."""
    xp = namespace(x)
    beyond = xp.abs(x) > threshold
    y = xp.where(beyond, x - threshold * xp.sign(x), 0)
    return y, lambda dy: xp.where(beyond, dy, 0)


def sparse_plus(x: Array) -> tuple[Array, ArrayPullback]:
    """y = 0 for x ≤ −1, (x + 1)² / 4 for −1 < x < 1, x for x ≥ 1; its derivative is
    `sparse_sigmoid`.
    """
    xp = namespace(x)
    slope, _ = sparse_sigmoid(x)
    return xp.where(x < 1, slope * slope, x), lambda dy: dy * slope


def sparse_sigmoid(x: Array) -> tuple[Array, ArrayPullback]:
    """y = (x + 1) / 2, clipped to 0 … 1. Source: Blondel, Martins & Niculae 2019."""
    xp = namespace(x)
    return xp.clip(0.5 * (x + 1), 0, 1), lambda dy: xp.where(xp.abs(x) < 1, 0.5 * dy, 0)
