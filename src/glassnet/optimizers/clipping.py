"""Gradient clipping: by value, by the norm of each weight, or by the global norm."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.protocols import Array, namespace


def clip_by_value(gradient: Array, bound: float) -> Array:
    """Clip each entry to [−c, c], with c = `bound`. Source: Mikolov 2012."""
    return namespace(gradient).clip(gradient, -bound, bound)


def clip_by_norm(gradient: Array, bound: float) -> Array:
    """g · c / max(‖g‖₂, c), for each weight separately: keeps the direction of its gradient."""
    xp = namespace(gradient)
    return gradient * (bound / xp.maximum(xp.sqrt((gradient * gradient).sum()), bound))


def clip_by_global_norm(gradients: Mapping[str, Array], bound: float) -> dict[str, Array]:
    """g · c / max(‖all g‖₂, c): keeps the direction of the whole gradient.

    Source: Pascanu, Mikolov & Bengio 2013.
    """
    total: Any = sum((gradient * gradient).sum() for gradient in gradients.values())
    xp = namespace(total)
    scale = bound / xp.maximum(xp.sqrt(total), bound)
    return {path: gradient * scale for path, gradient in gradients.items()}
