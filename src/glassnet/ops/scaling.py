"""Elementwise scale, shift and power by constants."""

from glassnet.core.trees import Array
from glassnet.ops import ArrayPullback, Pullback


def rescale(x: Array, scale: Array | float, offset: Array | float) -> tuple[Array, Pullback]:
    """y = x · scale + offset, where scale and offset broadcast to x and are constants."""
    return x * scale + offset, lambda dy: dy * scale


def power(x: Array, exponent: float) -> tuple[Array, ArrayPullback]:
    """y = x ** exponent, elementwise."""

    def pullback(dy: Array) -> Array:
        if exponent == 0:  # 0 · x⁻¹ would be NaN at 0
            return dy * 0
        return dy * (exponent * x ** (exponent - 1))

    return x**exponent, pullback
