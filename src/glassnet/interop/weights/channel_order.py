"""Features whose order differs in PyTorch: those of flattened images.

Flatten turns (height, width, channels) into a row here, and (channels, height, width) into one in
PyTorch. A layer that reads such a row has its inputs in another order.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, NoReturn

import numpy as np

from glassnet.core.arrays import Array, as_tuple
from glassnet.core.errors import GlassnetError
from glassnet.core.trees import join_path
from glassnet.layers import (
    BatchNormalization,
    Bidirectional,
    Dense,
    Embedding,
    Flatten,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
    Permute,
    Reshape,
    TimeDistributed,
)
from glassnet.layers.base import Shape
from glassnet.layers.call import AGAIN
from glassnet.layers.recurrent import Recurrent
from glassnet.layers.shapes import input_shapes, one_or_tuple
from glassnet.layers.windows import Spatial

_BY_VALUE = (BatchNormalization, LayerNormalization)  # all their arrays have the inputs' order
_READERS = (Dense, Recurrent, Bidirectional, *_BY_VALUE)
_FIX = "Save the weights with Keras's names and shapes, their inputs in the order of Flatten here."


@dataclass(frozen=True)
class Value:
    """What is known of a value in the network."""

    shape: Shape
    channels_last: bool  # its axes are positions and channels, which come first in PyTorch
    flattened: Shape = ()  # its last axis holds such values of this shape, in one row
    computed: bool = False  # it is not an input, whose order is the user's


class Call(NamedTuple):
    """A call of a layer that holds no others, and what is known of its first input."""

    place: str
    layer: Layer
    input: Value


def calls_in(network: Layer, input_shape: Shape) -> list[Call]:
    """Return the calls of all layers; raises where values have an order that can't be known."""
    calls: list[Call] = []

    def visit(path: str, layer: Layer, x: Any) -> Any:
        values = as_tuple(x)
        if isinstance(layer, TimeDistributed):
            (value,) = values
            step = replace(value, shape=value.shape[1:], channels_last=len(value.shape) > 3)
            after = layer.layer.trace(step, visit, join_path(path, "layer"))
            return replace(after, shape=(value.shape[0], *after.shape))
        calls.append(Call(AGAIN.sub("", path), layer, values[0]))
        shapes = layer.output_shape(one_or_tuple([value.shape for value in values]))
        return one_or_tuple(
            [_after(layer, values, shape, calls[-1].place) for shape in input_shapes(shapes)]
        )

    starts = [Value(shape, len(shape) > 2) for shape in input_shapes(input_shape)]
    network.trace(one_or_tuple(starts), visit)
    return calls


def flattened_inputs(calls: Iterable[Call]) -> dict[str, Shape]:
    """Return {path of a layer with weights: shape of the flattened values that it reads}."""
    places: dict[str, Shape] = {}
    for place, layer, value in calls:
        if layer.learns and places.setdefault(place, value.flattened) != value.flattened:
            _refuse(place, "is shared by inputs of different orders.")
    return places


def reordered(layer: Layer, name: str, array: Array, flattened: Shape) -> Array:
    """Return an array of ours, its inputs in our order instead of PyTorch's."""
    kernel = name.rpartition("/")[2] == "kernel"
    if not flattened or not (kernel or isinstance(layer, _BY_VALUE)):
        return array
    *positions, channels = flattened
    theirs = np.arange(math.prod(flattened)).reshape(channels, *positions)
    return array[np.moveaxis(theirs, 0, -1).reshape(-1)]


def _after(layer: Layer, values: tuple[Value, ...], shape: Shape, place: str) -> Value:
    """Return what is known of an output of this shape."""
    first = values[0]
    computed = first.computed or layer.learns
    any_flattened = any(value.flattened for value in values)
    if layer.learns and any_flattened and not isinstance(layer, _READERS):
        _refuse(place, "reads flattened channels, whose order in PyTorch differs.")
    if isinstance(layer, Flatten | Reshape):
        return _rearranged(first, shape, place)
    if isinstance(layer, Permute) and len(shape) > 2:
        return _permuted(layer, first, shape, place)
    if any_flattened and not layer.learns:
        if any((value.shape, value.flattened) != (shape, first.flattened) for value in values):
            _refuse(place, "cuts or joins flattened channels, whose order in PyTorch differs.")
        return replace(first, computed=computed)
    if isinstance(layer, _BY_VALUE):
        return replace(first, computed=computed)
    steps = isinstance(layer, Recurrent | Bidirectional | MultiHeadAttention | Embedding)
    channels_last = isinstance(layer, Spatial) or any(value.channels_last for value in values)
    return Value(shape, channels_last and not steps and len(shape) > 1, computed=computed)


def _rearranged(value: Value, shape: Shape, place: str) -> Value:
    """Return what is known after a Flatten or Reshape."""
    if value.flattened:
        if shape == value.shape:
            return value
        _refuse(place, "reshapes flattened channels, whose order in PyTorch differs.")
    if value.channels_last and len(shape) == 1:
        matters = _order_matters(value.shape)
        return replace(value, shape=shape, channels_last=False,
                       flattened=value.shape if matters else ())  # fmt: skip
    if value.channels_last and _order_matters(value.shape) and shape[-1:] != value.shape[-1:]:
        _refuse(place, "reshapes channels, whose order in PyTorch differs.")
    new = len(shape) > 2 and not value.channels_last
    if new and value.computed and _order_matters(shape):
        _refuse(place, f"turns computed values into {shape}, whose order in PyTorch differs.")
    return replace(value, shape=shape, channels_last=len(shape) > 2)


def _order_matters(shape: Shape) -> bool:
    """True if there are both several positions and several channels."""
    return shape[-1] > 1 and math.prod(shape[:-1]) > 1


def _permuted(layer: Permute, value: Value, shape: Shape, place: str) -> Value:
    """Return what is known after a Permute that moves the channels to the front or the end."""
    n = len(shape)
    if tuple(layer.dims) == (*range(2, n + 1), 1):
        return replace(value, shape=shape, channels_last=True)
    if tuple(layer.dims) == (n, *range(1, n)):
        return replace(value, shape=shape, channels_last=False)
    _refuse(place, "permutes positions, whose order in PyTorch can't be known.")


def _refuse(place: str, what: str) -> NoReturn:
    raise GlassnetError(what, where=f"layer {place!r}", fix=_FIX)
