"""Shapes of inputs and outputs: one, or a tuple of the shapes of multiple inputs."""

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from glassnet.core.errors import GlassnetError
from glassnet.layers.activity import check_activity

if TYPE_CHECKING:
    from glassnet.layers.base import Layer, Shape

_LARGEST = 2**40  # values in one example's output: terabytes


def infer_shape(layer: "Layer", name: str, shape: "Shape") -> "Shape":
    """Return the layer's output shape; errors name the layer and its input shape."""
    try:
        if is_multi_input(shape) and not layer.multi_input:
            raise GlassnetError(
                "takes one input.", fix="Join them: Concatenate()(a, b), or Add()(a, b)."
            )
        check_activity(layer)
        output_shape = layer.output_shape(shape)
        if _size(output_shape) > _LARGEST:
            raise GlassnetError("has an output that is too large for any machine.")
    except GlassnetError as error:
        place = f"layer {name!r}"
        if error.where.startswith("layer "):  # an inner one, whose input shape is stated already
            raise error.inside(place) from error
        raise GlassnetError(
            f"{error.what} It gets examples of shape {shape}.", where=place, fix=error.fix
        ) from error
    return output_shape


def is_multi_input(shape: "Shape") -> bool:
    """True if this is a tuple of the shapes of multiple inputs."""
    return bool(shape) and isinstance(shape[0], tuple)


def input_shapes(shape: "Shape") -> "tuple[Shape, ...]":
    """The shapes of all inputs, one or more."""
    return shape if is_multi_input(shape) else (shape,)


def one_or_tuple(values: Sequence[Any]) -> Any:
    """Return a single value as it is, multiple values as a tuple."""
    return values[0] if len(values) == 1 else tuple(values)


def flat(values: Iterable[Any]) -> list[Any]:
    """Return the values with those in lists or tuples in place of the lists."""
    return [x for item in values for x in (item if isinstance(item, list | tuple) else (item,))]


def select(values: Sequence[Any], indices: Iterable[int]) -> Any:
    """Return the values at these indices: a single one as it is, multiple ones as a tuple."""
    return one_or_tuple([values[i] for i in indices])


def _size(shape: "Shape") -> int:
    return math.prod(_size(n) if isinstance(n, tuple) else n for n in shape)
