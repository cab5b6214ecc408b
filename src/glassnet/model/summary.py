"""A network as a table: layers, output shapes, numbers of weights, and the work that each does.

Keras's columns, and after them each layer's share of the weights and its FLOPs.
"""

import math

import numpy as np

from glassnet.core.tables import table
from glassnet.core.trees import items, map_leaves
from glassnet.layers import INFERENCE, Layer
from glassnet.layers.base import Call, Shape, input_shapes, is_multi_input, select
from glassnet.layers.network import unfolds
from glassnet.model.flops import flops

_MOST = 2**26  # numbers that a layer may hold for its operations to be counted
_HEADER = ("Layer (type)", "Output Shape", "Param #", "Share", "FLOPs", "Connected to")


def summary_lines(network: Layer, input_shape: Shape) -> list[str]:
    """The table's lines, nothing cut off; of a graph, also what each layer is called on.

    FLOPs are those of one example's way forward.
    """
    trainable, frozen = count_weights(network, input_shape)
    total = trainable + frozen
    rows, work = _rows(network, input_shape, total)
    columns = len(rows[0]) if rows else 5
    lines = table([_HEADER[:columns], *rows], "<<>>><"[:columns])
    return [
        *lines,
        lines[1],
        f"Total params: {total:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {frozen:,}",
        f"FLOPs: {shown_number(_sum(work))} forward for an example",
    ]


def count_weights(layer: Layer, input_shape: Shape) -> tuple[int, int]:
    """(trainable, non-trainable) numbers of weights."""
    counts = [0, 0]
    for _, weight in items(layer.weights(input_shape)):
        counts[not weight.trainable] += math.prod(weight.shape)
    return counts[0], counts[1]


def forward_flops(layer: Layer, shape: Shape) -> int | None:
    """Floating-point operations of one example's way through, counted on weights of 0.

    None where counting would itself take gigabytes, as for a file that is meant to harm.
    """
    work: list[int | None] = []

    def visit(path: str, inner: Layer, given: Shape) -> Shape:
        out = inner.output_shape(given)
        product = inner.largest_product(given) // max(_size(out[-1:]), 1)
        numbers = max(product, _size(given), _size(out))
        work.append(_counted(inner, given) if numbers <= _MOST else None)
        return out

    layer.trace(shape, visit)
    return _sum(work)


def _counted(layer: Layer, shape: Shape) -> int:
    params = map_leaves(lambda weight: np.zeros(weight.shape, "float32"), layer.weights(shape))
    x = tuple(np.ones((1, *one), "float32") for one in input_shapes(shape))
    with np.errstate(all="ignore"):  # only the counting matters
        return flops(
            lambda params, x: layer.forward(params, x, INFERENCE)[0],
            params, x if is_multi_input(shape) else x[0],
        )  # fmt: skip


def _size(shape: Shape) -> int:
    """How many numbers; of several shapes, in all."""
    return sum(map(_size, shape)) if is_multi_input(shape) else math.prod(shape)


def _sum(work: list[int | None]) -> int | None:
    known = [done for done in work if done is not None]
    return sum(known) if len(known) == len(work) else None


def shown_number(work: int | None) -> str:
    """A number of operations, as people read it."""
    return "too many to count" if work is None else f"{work:,}"


def _rows(
    network: Layer, shape: Shape, total: int
) -> tuple[list[tuple[str, ...]], list[int | None]]:
    """(a row for each call, and in a graph for each input; the calls' FLOPs).

    A shared layer's weights stand at its first call.
    """
    name = network.name or type(network).__name__.lower()
    calls: tuple[Call, ...] = (Call(name, network, name, (0,)),)
    shapes = [shape]
    if unfolds(network):
        calls, shapes = network.calls, network.shapes(shape)
    wired = unfolds(network) and not network.chain
    places = [f"input_{i}" if i else "input" for i in range(network.inputs)] if wired else []
    rows: list[tuple[str, ...]] = [
        (f"{place} (Input)", shown_shape(shape), "0", "", "0", "")
        for place, shape in zip(places, shapes, strict=False)
    ]
    work = []
    for name, layer, place, sources in calls:
        before = select(shapes, sources)
        work.append(forward_flops(layer, before))
        row = _row(place, layer, before, total, work[-1])
        if place != name:
            row = (*row[:2], "shared", "", row[4])
        rows.append((*row, ", ".join(places[n] for n in sources)) if wired else row)
        places.append(place)
    return rows, work


def _row(name: str, layer: Layer, before: Shape, total: int, work: int | None) -> tuple[str, ...]:
    count = sum(count_weights(layer, before))
    share = "" if not count else "<0.1%" if count < 0.0005 * total else f"{count / total:.1%}"
    shape = shown_shape(layer.output_shape(before))
    return f"{name} ({type(layer).__name__})", shape, f"{count:,}", share, shown_number(work)


def shown_shape(shape: Shape) -> str:
    """A shape with its batch axis; of several, all of them."""
    if is_multi_input(shape):
        return ", ".join(map(shown_shape, shape))
    return f"({', '.join(['None', *map(str, shape)])})"
