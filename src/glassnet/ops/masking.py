"""Steps that are only padding."""

from glassnet.core.trees import Array
from glassnet.ops import Pullback


def keep_steps(x: Array, mask: Array) -> tuple[Array, Pullback]:
    """y = x where mask is true, else 0.   x (N, T, ...), mask (N, T) -> y like x."""
    xp = x.__array_namespace__()
    kept = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))

    def pullback(dy: Array) -> Array:
        return xp.where(kept, dy, 0)

    return xp.where(kept, x, 0), pullback
