"""Shapes with open axes: None for a size that may differ between batches, such as a length."""

from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.core.trees import items
from glassnet.layers.base import Layer, Shape
from glassnet.layers.shapes import infer_shape, is_multi_input

_SIZES = (32, 128, 512, 2048, 16, 8, 4, 2, 1)  # the first that the network takes


def is_open(shape: Shape) -> bool:
    """True if a size of the shape, or of one of multiple shapes, is None."""
    return any(is_open(n) if isinstance(n, tuple) else n is None for n in shape)


def closed(network: Layer, shape: Shape) -> Shape:
    """Return the shape with a size that the network takes in place of each None."""
    errors = []
    for size in _SIZES if is_open(shape) else ():
        try:
            network.output_shape(_filled(shape, size))
        except GlassnetError as error:
            errors.append(error)
        else:
            return _filled(shape, size)
    if errors:
        raise errors[0]
    return shape


def open_output_shape(layer: Layer, name: str, shape: Shape) -> Shape:
    """Return the layer's output shape, with None where it depends on an open size of the input.

    Raises if the layer takes no size that was tried, or if the shape of a weight depends on it.
    """
    if not is_open(shape):
        return infer_shape(layer, name, shape)
    outputs, weights, errors = [], [], []
    for size in _SIZES:
        try:
            outputs.append(infer_shape(layer, name, filled := _filled(shape, size)))
        except GlassnetError as error:
            errors.append(error)
            continue
        weights.append({path: weight.shape for path, weight in items(layer.weights(filled))})
        if len(outputs) == 2:
            break
    if not outputs:
        raise errors[0]
    if weights[0] != weights[-1]:
        raise GlassnetError(
            f"gets examples of shape {shape}, and the shape of its weights would depend on the "
            "open size.",
            where=f"layer {name!r}",
            fix="Give Input the size, or use GlobalAveragePooling1D or 2D in place of Flatten.",
        )
    opened: Shape = _common(outputs[0], outputs[-1])
    return opened


def require_open(network: Layer, shape: Shape) -> None:
    """Raise, naming the layer, unless the network takes examples of all sizes that are open."""
    if is_open(shape):
        network.trace(shape, lambda path, layer, x: open_output_shape(layer, path, x))


def _common(a: Any, b: Any) -> Any:
    """Return a shape with None where two shapes differ."""
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(map(_common, a, b))
    return a if a == b else None


def fits(shape: Any, accepted: Any) -> bool:
    """True if the shape is the accepted one, in which None accepts any size."""
    if len(shape) != len(accepted):
        return False
    if is_multi_input(accepted):
        return all(map(fits, shape, accepted))
    return all(wanted in (None, size) for size, wanted in zip(shape, accepted, strict=True))


def _filled(shape: Shape, size: int) -> Shape:
    return tuple(_filled(n, size) if isinstance(n, tuple) else n or size for n in shape)
