"""Shapes with open axes: None for a size that may differ between data sets, such as a length."""

from typing import Any

from glassnet.core.errors import GlassnetError
from glassnet.layers.base import Layer, Shape, is_multi_input

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


def fits(shape: Any, accepted: Any) -> bool:
    """True if the shape is the accepted one, in which None accepts any size."""
    if len(shape) != len(accepted):
        return False
    if is_multi_input(accepted):
        return all(map(fits, shape, accepted))
    return all(wanted in (None, size) for size, wanted in zip(shape, accepted, strict=True))


def _filled(shape: Shape, size: int) -> Shape:
    return tuple(_filled(n, size) if isinstance(n, tuple) else n or size for n in shape)
