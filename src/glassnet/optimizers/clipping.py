"""Clipping: gradients that are too large are made smaller before the rule sees them."""

from collections.abc import Mapping
from functools import reduce
from operator import add

from glassnet.core.protocols import Array, namespace


def clip_by_value(gradient: Array, bound: float) -> Array:
    """Each entry held to [−c, c]. Source: Mikolov 2012."""
    xp = namespace(gradient)
    return xp.minimum(xp.maximum(gradient, -bound), bound)


def clip_by_norm(gradient: Array, bound: float) -> Array:
    """g · c / max(‖g‖₂, c), of each weight by itself: it keeps the weight's direction."""
    xp = namespace(gradient)
    return gradient * (bound / xp.maximum(xp.sqrt((gradient * gradient).sum()), bound))


def clip_by_global_norm(gradients: Mapping[str, Array], bound: float) -> dict[str, Array]:
    """g · c / max(‖all g‖₂, c): it keeps the direction of the whole step.

    Source: Pascanu, Mikolov & Bengio 2013.
    """
    total = reduce(add, ((gradient * gradient).sum() for gradient in gradients.values()))
    xp = namespace(total)
    scale = bound / xp.maximum(xp.sqrt(total), bound)
    return {path: gradient * scale for path, gradient in gradients.items()}
