"""Elementwise shift and scale by constants."""

from glassnet.core.trees import Array
from glassnet.ops import Pullback


def rescale(x: Array, scale: Array | float, offset: Array | float) -> tuple[Array, Pullback]:
    """y = x · scale + offset, where scale and offset broadcast to x and are constants."""
    return x * scale + offset, lambda dy: dy * scale
