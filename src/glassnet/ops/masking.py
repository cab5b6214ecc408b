"""Padding masks: filling the steps that are padding, joining the masks of multiple inputs."""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from glassnet.core.protocols import Array, namespace
from glassnet.ops import ArrayPullback


def keep_steps(x: Array, mask: Array | None, fill: float = 0) -> tuple[Array, ArrayPullback]:
    """y = x where mask is true, else `fill`.   x (N, T, ...), mask (N, T) -> y like x.

    Without a mask, y = x.
    """
    if mask is None:
        return x, lambda dy: dy
    xp = namespace(x)
    keep = mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim))
    return xp.where(keep, x, fill), lambda dy: xp.where(keep, dy, 0)


def joint_mask(masks: Sequence[Array | None]) -> Array | None:
    """The mask of merged inputs: a step is padding if it is padding in all of them."""
    present = [mask for mask in masks if mask is not None]
    return reduce(or_, present) if present and len(present) == len(masks) else None
