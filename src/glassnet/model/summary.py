"""The table of a network's layers: output shapes, numbers of weights, FLOPs.

It has Keras's columns, followed by each layer's share of the weights and its FLOPs.
"""

import math
from typing import NamedTuple

import numpy as np

from glassnet.core.tables import table
from glassnet.core.trees import items, map_leaves
from glassnet.layers import INFERENCE, Layer
from glassnet.layers.base import Call, Shape
from glassnet.layers.freezing import frozen_layers, frozen_paths, trained_paths
from glassnet.layers.low_rank import adapters_of
from glassnet.layers.network import unfolds
from glassnet.layers.shapes import input_shapes, is_multi_input, select
from glassnet.model.flops import flops

_MOST = 2**26  # largest number of array entries with which a layer's FLOPs are counted
_HEADER = ("Layer (type)", "Output Shape", "Param #", "Share", "FLOPs", "Connected to")


class SummaryTable(NamedTuple):
    """The table, the heading first, and what stands below it."""

    cells: list[tuple[str, ...]]
    align: str  # '<' or '>' for each column
    trainable: int
    frozen: int
    flops: str


def summary_table(network: Layer, input_shape: Shape, show_trainable: bool = False) -> SummaryTable:
    """Return the table, nothing cut off; for a graph, also each layer's inputs.

    FLOPs are those of one example's forward pass. `show_trainable` adds a column with Y for layers
    that are trained, N for frozen ones, and - for those without weights. Layers with low-rank
    adapters are marked with their rank.
    """
    trainable, frozen = count_weights(network, input_shape)
    total = trainable + frozen
    rows, work = _rows(network, input_shape, total)
    columns = len(rows[0]) if rows else 5
    cells, align = [_HEADER[:columns], *rows], "<<>>><"[:columns]
    if show_trainable:
        flags = ["-"] * (len(rows) - len(work)) + _flags(network)
        cells = [(*row, flag) for row, flag in zip(cells, ["Trainable", *flags], strict=True)]
        align += "<"
    return SummaryTable(cells, align, trainable, frozen, shown_number(_sum(work)))


def summary_lines(network: Layer, input_shape: Shape, show_trainable: bool = False) -> list[str]:
    """Return the lines of `summary_table`."""
    cells, align, trainable, frozen, work = summary_table(network, input_shape, show_trainable)
    lines = table(cells, align)
    return [
        *lines,
        lines[1],
        f"Total params: {trainable + frozen:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {frozen:,}",
        f"FLOPs: {work} forward for an example",
    ]


def count_weights(layer: Layer, input_shape: Shape) -> tuple[int, int]:
    """Return the numbers of (trainable, non-trainable) weights; those of frozen layers are not."""
    weights = layer.weights(input_shape)
    trained, counts = set(trained_paths(weights, frozen_layers(layer))), [0, 0]
    for path, weight in items(weights):
        counts[path not in trained] += math.prod(weight.shape)
    return counts[0], counts[1]


def trained_share(layer: Layer, input_shape: Shape) -> str:
    """Return how many of the weights are trained, and which layers are frozen; "" without any."""
    frozen = frozen_layers(layer)
    names = dict.fromkeys(frozen_paths(layer.weights(input_shape), frozen).values())
    if not names:
        return ""
    trained, rest = count_weights(layer, input_shape)
    return (
        f"{trained:,} of {trained + rest:,} weights are trained; frozen: "
        f"{', '.join(name or 'the whole network' for name in names)}."
    )


def forward_flops(layer: Layer, shape: Shape) -> int | None:
    """Return the FLOPs of one example's forward pass, counted on weights of 0.

    None if counting would itself take gigabytes, as it might for a malicious file.
    """
    counts: list[int | None] = []

    def visit(path: str, inner: Layer, shape: Shape) -> Shape:
        out = inner.output_shape(shape)
        product = inner.largest_product(shape) // max(_size(out[-1:]), 1)
        largest = max(product, _size(shape), _size(out))
        counts.append(_counted_flops(inner, shape) if largest <= _MOST else None)
        return out

    layer.trace(shape, visit)
    return _sum(counts)


def _counted_flops(layer: Layer, shape: Shape) -> int:
    params = map_leaves(lambda weight: np.zeros(weight.shape, "float32"), layer.weights(shape))
    x = tuple(np.ones((1, *size), "float32") for size in input_shapes(shape))
    with np.errstate(all="ignore"):  # only the count matters
        return flops(
            lambda params, x: layer.forward(params, x, INFERENCE)[0],
            params, x if is_multi_input(shape) else x[0],
        )  # fmt: skip


def _size(shape: Shape) -> int:
    """Return the number of entries; for a tuple of shapes, their sum."""
    return sum(map(_size, shape)) if is_multi_input(shape) else math.prod(shape)


def _sum(counts: list[int | None]) -> int | None:
    numbers = [count for count in counts if count is not None]
    return sum(numbers) if len(numbers) == len(counts) else None


def shown_number(work: int | None) -> str:
    """Return a number of operations with thousands separators."""
    return "too many to count" if work is None else f"{work:,}"


def _rows(
    network: Layer, shape: Shape, total: int
) -> tuple[list[tuple[str, ...]], list[int | None]]:
    """Return (a row for each call, and in a graph for each input; the calls' FLOPs).

    A shared layer's weights are shown at its first call.
    """
    name = str(network.name)
    calls: tuple[Call, ...] = (Call(name, network, name, (0,)),)
    shapes = [shape]
    if unfolds(network):
        calls, shapes = network.calls, network.shapes(shape)
    wired = unfolds(network) and not network.chain
    labels = [f"input_{i}" if i else "input" for i in range(network.inputs)] if wired else []
    rows: list[tuple[str, ...]] = [
        (f"{label} (Input)", shown_shape(shape), "0", "", "0", "")
        for label, shape in zip(labels, shapes, strict=False)
    ]
    flop_counts = []
    for name, layer, label, sources, _ in calls:
        input_shape = select(shapes, sources)
        flop_counts.append(forward_flops(layer, input_shape))
        row = _row(label, layer, input_shape, total, flop_counts[-1])
        if label != name:
            row = (*row[:2], "shared", "", row[4])
        rows.append((*row, ", ".join(labels[n] for n in sources)) if wired else row)
        labels += layer.outputs_of(label)
    return rows, flop_counts


def _flags(network: Layer) -> list[str]:
    """Return Y for each call of a layer that is trained, N if it is frozen, - without weights."""
    frozen = frozen_layers(network)
    calls = network.calls if unfolds(network) else (Call("", network, "", (0,)),)
    return [("N" if c.name in frozen else "Y") if c.layer.learns else "-" for c in calls]


def _row(
    name: str, layer: Layer, input_shape: Shape, total: int, work: int | None
) -> tuple[str, ...]:
    count = sum(count_weights(layer, input_shape))
    share = "" if not count else "<0.1%" if count < 0.0005 * total else f"{count / total:.1%}"
    shape = shown_shape(layer.output_shape(input_shape))
    ranks = {str(rank) for rank, *_ in adapters_of(layer).values()}
    adapters = f", LoRA {'/'.join(sorted(ranks))}" if ranks else ""
    return (
        f"{name} ({type(layer).__name__}{adapters})",
        shape,
        f"{count:,}",
        share,
        shown_number(work),
    )


def shown_shape(shape: Shape) -> str:
    """Return a shape as text, with the batch axis; a tuple of shapes separated by commas."""
    if is_multi_input(shape):
        return ", ".join(map(shown_shape, shape))
    return f"({', '.join(['None', *map(str, shape)])})"
