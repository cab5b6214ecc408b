"""L1 and L2 penalties on weights, added to the loss."""

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback


def l1_l2(weight: Array, l1: float, l2: float) -> tuple[Array, ArrayPullback]:
    """r = l1 Σ|w| + l2 Σw².   weight of any shape -> scalar;  dw = (l1 sign(w) + 2 l2 w) dr."""
    xp = namespace(weight)
    y = l1 * xp.abs(weight).sum() + l2 * (weight * weight).sum()
    return y, lambda dr: (l1 * xp.sign(weight) + 2 * l2 * weight) * dr
