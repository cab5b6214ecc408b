"""Masking: set the steps that are padding to 0."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback


def keep_steps(x: Array, mask: Array) -> tuple[Array, ArrayPullback]:
    """y = x where mask is true, else 0.   x (N, T, ...), mask (N, T) -> y like x."""
    xp = namespace(x)
    keep = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))
    return xp.where(keep, x, 0), lambda dy: xp.where(keep, dy, 0)
