"""Gradient clipping: by value, by the norm of each weight, or by the global norm."""

from collections.abc import Mapping
from typing import Any

from glassnet.core.norms import scales
from glassnet.core.protocols import Array, namespace


def clip_by_value(gradient: Array, bound: float) -> Array:
    """Clip each entry to [−c, c], with c = `bound`. Source: Mikolov 2012."""
    return namespace(gradient).clip(gradient, -bound, bound)


def clip_by_norm(gradient: Array, bound: float) -> Array:
    """g · c / max(‖g‖₂, c), for each weight separately: keeps the direction of its gradient."""
    return clip_by_global_norm({"": gradient}, bound)[""]


def clip_by_global_norm(gradients: Mapping[str, Array], bound: float) -> dict[str, Array]:
    """g · c / max(‖all g‖₂, c): keeps the direction of the whole gradient.

    The gradients are scaled before they are squared, so any finite ones are clipped.
    Source: Pascanu, Mikolov & Bengio 2013.
    """
    xp = namespace(next(iter(gradients.values())))
    down, up = scales(xp.stack([abs(gradient).max() for gradient in gradients.values()]).max())
    scaled = {path: gradient * down for path, gradient in gradients.items()}
    total: Any = sum((gradient * gradient).sum() for gradient in scaled.values())
    length = xp.sqrt(total)  # ‖all g‖₂ / s
    clips, factor = length * up > bound, bound / xp.maximum(length, 1)
    return {
        path: xp.where(clips, scaled[path] * factor, gradient)
        for path, gradient in gradients.items()
    }
