"""Euclidean norms whose squares can't overflow or underflow."""

from glassnet.core.protocols import Array, Axis, namespace


def norm(x: Array, axis: Axis = None) -> Array:
    """‖x‖₂ along the axes, which stay with length 1; infinite only if it is beyond the dtype.

    Source: Blue 1978.
    """
    down, up = scales(abs(x).max(axis=axis, keepdims=True))
    x = x * down
    return namespace(x).sqrt((x * x).sum(axis=axis, keepdims=True)) * up


def scales(largest: Array) -> tuple[Array, Array]:
    """Return (1 / s, s) for the power of two s with 1 ≤ `largest` / s < 4, elementwise.

    Scaling by a power of two is exact: sums of squares of x / s, where s belongs to the largest
    |x|, have the same bits as those of x, wherever these neither overflow nor underflow.
    """
    xp = namespace(largest)
    _, exponent = xp.frexp(xp.where(xp.isfinite(largest), largest, 1))
    most = -xp.finfo(largest.dtype).minexp  # 2^most and 2^-most are both normal numbers
    exponent = xp.clip(exponent - 1, -most, most)
    one = xp.ones_like(largest)
    return xp.ldexp(one, -exponent), xp.ldexp(one, exponent)
