"""Gradient clipping: by value, by the norm of each weight, or by the global norm."""

from collections.abc import Mapping

from glassnet.core.trees import Array


def clip_by_value(gradient: Array, bound: float) -> Array:
    """Clip each entry to [−c, c], with c = `bound`. Source: Mikolov 2012."""
    xp = gradient.__array_namespace__()
    return xp.minimum(xp.maximum(gradient, -bound), bound)


def clip_by_norm(gradient: Array, bound: float) -> Array:
    """g · c / max(‖g‖₂, c), for each weight separately: keeps the direction of its gradient."""
    xp = gradient.__array_namespace__()
    return gradient * (bound / xp.maximum(xp.sqrt((gradient * gradient).sum()), bound))


def clip_by_global_norm(gradients: Mapping[str, Array], bound: float) -> dict[str, Array]:
    """g · c / max(‖all g‖₂, c): keeps the direction of the whole gradient.

    Source: Pascanu, Mikolov & Bengio 2013.
    """
    total = sum((gradient * gradient).sum() for gradient in gradients.values())
    xp = total.__array_namespace__()
    scale = bound / xp.maximum(xp.sqrt(total), bound)
    return {path: gradient * scale for path, gradient in gradients.items()}
