"""A network as a table: layers, output shapes, numbers of weights. Keras's columns."""

import math
from typing import Any

from glassnet.layers import Graph, Layer, Sequential
from glassnet.tables import table
from glassnet.trees import items

Shape = tuple[Any, ...]  # of several inputs or outputs, a tuple of theirs


def summary_lines(network: Layer, input_shape: Shape) -> list[str]:
    """The table's lines, nothing cut off; of a graph, also what each layer is called on."""
    header = ["Layer (type)", "Output Shape", "Param #"]
    if isinstance(network, Graph):
        rows = [(*header, "Connected to"), *_graph(network, input_shape)]
    elif isinstance(network, Sequential):
        shapes = network.shapes(input_shape)
        made = zip(network.parts, shapes, shapes[1:], strict=False)
        rows = [tuple(header), *(_row(*part, before, after) for part, before, after in made)]
    else:
        name = network.name or type(network).__name__.lower()
        shape = network.output_shape(input_shape)
        rows = [tuple(header), _row(name, network, input_shape, shape)]
    trainable, frozen = count_weights(network, input_shape)
    lines = table(rows, "<<><"[: len(rows[0])])
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


def _graph(graph: Graph, input_shape: Shape) -> list[tuple[str, ...]]:
    """A row for each input and each call; a shared layer's weights stand at its first call."""
    shapes = graph.shapes(input_shape)
    places = [f"input_{i}" if i else "input" for i in range(graph.inputs)]
    rows: list[tuple[str, ...]] = [
        (f"{place} (Input)", _shown(shape), "0", "")
        for place, shape in zip(places, shapes, strict=False)
    ]
    for (name, layer, place, sources), shape in zip(
        graph.calls, shapes[graph.inputs :], strict=True
    ):
        given = tuple(shapes[n] for n in sources)
        row = _row(place, layer, given if len(given) > 1 else given[0], shape)
        again = (*row[:2], "shared") if place != name else row
        rows.append((*again, ", ".join(places[n] for n in sources)))
        places.append(place)
    return rows


def _row(name: str, layer: Layer, before: Shape, after: Shape) -> tuple[str, str, str]:
    count = sum(count_weights(layer, before))
    return f"{name} ({type(layer).__name__})", _shown(after), f"{count:,}"


def _shown(shape: Shape) -> str:
    """A shape with its batch axis; of several, all of them."""
    if shape and isinstance(shape[0], tuple):
        return ", ".join(map(_shown, shape))
    return f"({', '.join(['None', *map(str, shape)])})"
