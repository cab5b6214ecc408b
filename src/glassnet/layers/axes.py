"""Axes of a layer's input, counted from the batch axis, 0, as in Keras."""

from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Shape


def checked_axes(axis: int | tuple[int, ...], shape: Shape, where: str = "") -> tuple[int, ...]:
    """Return the axes, counted from the batch axis, 0, in order."""
    axes, rank = (axis,) if isinstance(axis, int) else tuple(axis), len(shape) + 1
    positive = tuple(sorted({n % rank for n in axes}))
    valid = axes and all(-rank <= n < rank for n in axes)
    if not valid or 0 in positive or len(positive) < len(axes):
        raise GlassnetError(
            f"axis {axis} is not valid for examples of shape {shape}.",
            where=where,
            fix="Axis 0 is the batch axis; -1 is the last.",
        )
    return positive
