"""Steps that are only padding."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback


def keep_steps(x: Array, mask: Array) -> tuple[Array, ArrayPullback]:
    """y = x where mask is true, else 0.   x (N, T, ...), mask (N, T) -> y like x."""
    xp = namespace(x)
    kept = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))

    def pullback(dy: Array) -> Array:
        return xp.where(kept, dy, 0)

    return xp.where(kept, x, 0), pullback
