"""A network as a table: layers, output shapes, numbers of weights. Keras's columns."""

import math

from glassnet.layers import Layer, Sequential
from glassnet.tables import table
from glassnet.trees import items

Shape = tuple[int, ...]


def summary_lines(network: Layer, input_shape: Shape) -> list[str]:
    """The table's lines, nothing cut off."""
    rows = [("Layer (type)", "Output Shape", "Param #")]
    if isinstance(network, Sequential):
        shapes = network.shapes(input_shape)
        for (name, layer), before, after in zip(network.parts, shapes, shapes[1:], strict=False):
            rows.append(_row(name, layer, before, after))
    else:
        name = network.name or type(network).__name__.lower()
        rows.append(_row(name, network, input_shape, network.output_shape(input_shape)))
    trainable, frozen = count_weights(network, input_shape)
    lines = table(rows, "<<>")
    return [
        *lines,
        lines[1],
        f"Total params: {trainable + frozen:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {frozen:,}",
    ]


def count_weights(layer: Layer, input_shape: Shape) -> tuple[int, int]:
    """(trainable, non-trainable) numbers of weights."""
    counts = [0, 0]
    for _, weight in items(layer.weights(input_shape)):
        counts[not weight.trainable] += math.prod(weight.shape)
    return counts[0], counts[1]


def _row(name: str, layer: Layer, before: Shape, after: Shape) -> tuple[str, str, str]:
    shape = f"({', '.join(['None', *map(str, after)])})"
    count = sum(count_weights(layer, before))
    return f"{name} ({type(layer).__name__})", shape, f"{count:,}"
