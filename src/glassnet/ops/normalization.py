"""Normalizations: standardize values to mean 0 and variance 1, then apply a learned scale γ and
offset β.

The variance is the mean square of the centered values: mean(x²) − mean(x)² would lose all its
digits where the mean is large. Temporary arrays that are local to an op are changed in place
(`y += beta`), which saves NumPy a pass over new memory; JAX makes a new array, as always.
"""

from collections.abc import Callable

from glassnet.core.protocols import Array, Axis, namespace
from glassnet.ops import ArrayPullback, Pullback


def batch_normalization(
    x: Array,
    gamma: Array,
    beta: Array,
    epsilon: float = 1e-3,
    counted: Array | None = None,
    wrt_x: bool = True,
) -> tuple[tuple[Array, Array, Array], Pullback]:
    """y = (x − mean) / √(variance + ε) · γ + β, with each channel's mean and (biased) variance.

    x (N, P, C), γ and β (C,) -> y (N, P, C), mean (C,), variance (C,). The statistics are taken
    over the N·P positions, or over those where `counted` (N, P) is true.
    Source: Ioffe & Szegedy 2015.
    """
    if counted is None:
        count: Array | int = x.shape[0] * x.shape[1]
    else:
        xp = namespace(x)
        counted = xp.astype(counted[..., None], x.dtype)
        count = xp.maximum(counted.sum(), 1)

    def combine(v: Array) -> Array:
        return v.sum(axis=0, keepdims=True)

    (y, mean, variance), back = _normalize(x, gamma, beta, epsilon, combine, count, counted, wrt_x)
    return (y, mean[0], variance[0]), back


def group_normalization(
    x: Array, gamma: Array, beta: Array, groups: int, epsilon: float = 1e-3, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y = (x − mean) / √(variance + ε) · γ + β, for each example and group of channels.

    x (N, P, C), γ and β (C,) -> y (N, P, C). Source: Wu & He 2018.
    """
    xp = namespace(x)
    n, positions, channels = x.shape
    size = channels // groups

    def combine(v: Array) -> Array:
        sums = v.reshape(n, groups, size).sum(axis=-1)
        return xp.repeat(sums, size, axis=1)

    (y, _, _), back = _normalize(x, gamma, beta, epsilon, combine, positions * size, None, wrt_x)
    return y, lambda dy: back((dy, 0, 0))


def _normalize(
    x: Array,
    gamma: Array,
    beta: Array,
    epsilon: float,
    combine: Callable[[Array], Array],
    count: Array | int,
    counted: Array | None,
    wrt_x: bool,
) -> tuple[tuple[Array, Array, Array], Pullback]:
    """The shared computation of batch and group normalization. Sums over the positions have shape
    (N, C); `combine` adds up those that belong to the same mean.

    mean = Σ x / count,   variance = Σ (x − mean)² / count,   a = γ / √(variance + ε)
    """
    xp = namespace(x)

    def masked(v: Array) -> Array:
        return v if counted is None else v * counted

    mean = combine(_over_rows(masked(x))) / count
    centered = x - mean[:, None]
    variance = combine(_over_rows(masked(centered * centered))) / count
    inverse = 1 / xp.sqrt(variance + epsilon)
    a = gamma * inverse
    y = centered * a[:, None]
    y += beta

    def pullback(cotangents: tuple[Array, Array, Array]) -> tuple[Array | None, Array, Array]:
        dy, dmean, dvariance = cotangents
        # Σ dy and Σ dy (x − mean): (N, C)
        dy_sum, product_sum = _over_rows(dy), _over_rows(dy * centered)
        dgamma, dbeta = (inverse * product_sum).sum(axis=0), dy_sum.sum(axis=0)
        if not wrt_x:
            return None, dgamma, dbeta
        dmean = dmean - combine(a * dy_sum)
        dvariance = dvariance - combine(a * product_sum) * inverse**2 / 2
        dx = dy * a[:, None]
        dx += masked(centered * (2 * dvariance / count)[:, None])
        dx += masked((dmean / count)[:, None])
        return dx, dgamma, dbeta

    return (y, mean, variance), pullback


def standardize(
    x: Array, gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: float = 1e-3
) -> tuple[Array, Pullback]:
    """y = (x − mean) / √(variance + ε) · γ + β, where mean and variance are constants.

    x (N, P, C), the others (C,) -> y (N, P, C): batch normalization outside training.
    """
    inverse = 1 / namespace(x).sqrt(variance + epsilon)
    y = x - mean
    y *= gamma * inverse
    y += beta

    def pullback(dy: Array) -> tuple[Array, Array, Array]:
        dgamma = inverse * _over_rows(dy * (x - mean)).sum(axis=0)
        return dy * (gamma * inverse), dgamma, _over_rows(dy).sum(axis=0)

    return y, pullback


def layer_normalization(
    x: Array, gamma: Array, beta: Array, epsilon: float = 1e-3, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y = (x − mean) / √(variance + ε) · γ + β, with the mean and variance of each row.

    x (M, n), γ and β (n,) -> y (M, n). With x̂ = (y − β) / γ and g = dy γ:
    dx = (g − mean(g) − x̂ mean(g x̂)) / √(variance + ε). Source: Ba et al. 2016.
    """
    xp = namespace(x)
    share = xp.full(x.shape[-1:], 1 / x.shape[-1], dtype=x.dtype)
    centered = x - _along_rows(x, share)
    inverse = 1 / xp.sqrt(_along_rows(centered * centered, share) + epsilon)
    standard = centered * inverse
    y = standard * gamma
    y += beta

    def pullback(dy: Array) -> tuple[Array | None, Array, Array]:
        product = dy * standard
        dgamma, dbeta = _over_rows(product), _over_rows(dy)
        if not wrt_x:
            return None, dgamma, dbeta
        dx = dy * gamma
        dx -= _along_rows(dy, gamma * share)
        dx -= standard * _along_rows(product, gamma * share)
        dx *= inverse
        return dx, dgamma, dbeta

    return y, pullback


def rms_normalization(
    x: Array, scale: Array, epsilon: float = 1e-6, wrt_x: bool = True
) -> tuple[Array, Pullback]:
    """y = x / √(mean(x²) + ε) · scale, for each row.   x (M, n), scale (n,) -> y (M, n).

    Source: Zhang & Sennrich 2019.
    """
    xp = namespace(x)
    share = xp.full(x.shape[-1:], 1 / x.shape[-1], dtype=x.dtype)
    inverse = 1 / xp.sqrt(_along_rows(x * x, share) + epsilon)
    standard = x * inverse

    def pullback(dy: Array) -> tuple[Array | None, Array]:
        product = dy * standard
        dscale = _over_rows(product)
        if not wrt_x:
            return None, dscale
        dx = dy * scale
        dx -= standard * _along_rows(product, scale * share)
        dx *= inverse
        return dx, dscale

    return standard * scale, pullback


# NumPy sums along an axis element by element; a product with a vector of ones goes through BLAS and
# is five times as fast. XLA fuses a sum with the operations before it, but not a product.


def _over_rows(x: Array) -> Array:
    """Σₚ x[..., p, :].   (..., P, C) -> (..., C)."""
    xp = namespace(x)
    if xp.__name__ == "numpy":
        return xp.ones(x.shape[-2], dtype=x.dtype) @ x
    return x.sum(axis=-2)


def _along_rows(x: Array, weights: Array) -> Array:
    """Σᵢ x[..., i] weights[i].   (..., n) -> (..., 1)."""
    if namespace(x).__name__ == "numpy":
        return x @ weights[:, None]
    return (x * weights).sum(axis=-1, keepdims=True)


def unit_normalization(
    x: Array, axis: Axis = -1, epsilon: float = 1e-12
) -> tuple[Array, ArrayPullback]:
    """y = x / max(‖x‖, ε), ‖x‖ the Euclidean norm along the axes.

    dx = (dy − y Σ dy y) / ‖x‖, or dy / ε where ‖x‖ ≤ ε.
    """
    xp = namespace(x)
    norm = xp.sqrt((x * x).sum(axis=axis, keepdims=True))
    scale = 1 / xp.maximum(norm, epsilon)
    y = x * scale

    def pullback(dy: Array) -> Array:
        along = (dy * y).sum(axis=axis, keepdims=True)
        return scale * xp.where(norm > epsilon, dy - y * along, dy)

    return y, pullback
