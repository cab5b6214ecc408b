"""Masking: set the steps that are padding to 0."""

from glassnet.core.trees import Array
from glassnet.ops import Pullback


def keep_steps(x: Array, mask: Array) -> tuple[Array, Pullback]:
    """y = x where mask is true, else 0.   x (N, T, ...), mask (N, T) -> y like x."""
    xp = x.__array_namespace__()
    keep = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))

    def pullback(dy: Array) -> Array:
        return xp.where(keep, dy, 0)

    return xp.where(keep, x, 0), pullback
